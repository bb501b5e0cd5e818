// The server as a user starts it: a process of its own on a free port, with its own data folder, that a test may kill.
import { after } from 'node:test';
import { spawn, type ChildProcess } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

export interface Running {
  readonly url: string;
  readonly dataDir: string;
  /** What it wrote to stderr so far. */
  log(): string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Resolves to its exit code when it ends by itself. */
  ended(): Promise<number | null>;
}

export interface ServerOptions {
  args?: readonly string[];
  dataDir: string;
  port?: number;
  env?: Record<string, string>;
}

interface Cleaning {
  after(work: () => unknown): void;
}

/** Inside a suite: what its tests share is cleaned up after the last of them, the newest first. */
export function suiteLife(): Cleaning {
  const cleanups: (() => unknown)[] = [];
  after(async () => {
    for (const work of cleanups) await work();
  });
  return { after: (work) => void cleanups.unshift(work) };
}

/** A folder that goes with the test. */
export function temporaryFolder(t: Cleaning): string {
  const folder = mkdtempSync(join(tmpdir(), 'fivealarm-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Resolves when the server says where it is. */
export async function startServer(
  t: Cleaning,
  { args = [], dataDir, port = 0, env = {} }: ServerOptions,
): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', String(port), '--data-dir', dataDir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: dataDir,
    env: { ...process.env, ...env },
  });
  let log = '';
  child.stderr.on('data', (bytes: Buffer) => (log += bytes.toString()));
  const gone = exitOf(child);
  t.after(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const found = /at (http:\S+)/.exec(said);
      if (found !== null) resolve(found[1]);
    });
    void gone.then((code) => reject(new Error(`the server exited with ${code}: ${log}`)));
  });
  return {
    url,
    dataDir,
    log: () => log,
    ended: () => gone,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    stop() {
      child.kill('SIGTERM');
      return gone;
    },
  };
}

export const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/** Counts by code of a source (of all without one), as the API has them. */
export async function totals(url: string, source?: string): Promise<Record<string, number>> {
  const query = new URLSearchParams({
    from: '0',
    to: String(Date.now() + 86_400_000),
    ...(source === undefined ? {} : { source }),
  });
  const response = await fetch(`${url}/api/totals?${query}`);
  const body = (await response.json()) as { totals: { source: string; code: number; count: number }[] };
  const counts: Record<string, number> = {};
  for (const { code, count } of body.totals) counts[code] = (counts[code] ?? 0) + count;
  return counts;
}

/** Looks again and again until `look` gives what is expected, or the time is over; then gives what it saw last. */
export async function until<T>(look: () => Promise<T>, done: (seen: T) => boolean, msMax = 60_000): Promise<T> {
  const deadline = Date.now() + msMax;
  for (;;) {
    const seen = await look();
    if (done(seen) || Date.now() > deadline) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Below the ports that the system gives to outgoing connections: none of those takes a port between two starts on it. */
const FREE_PORTS = { from: 12_000, to: 32_000 };

/** A port nobody has right now, TCP or UDP, for what cannot be told 0 or must come back where it was. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FREE_PORTS.from + Math.floor(Math.random() * (FREE_PORTS.to - FREE_PORTS.from));
    if (
      (await isFree(createServer().listen(port, '127.0.0.1'))) &&
      (await isFree(createSocket('udp4').bind(port, '127.0.0.1')))
    )
      return port;
  }
}

function isFree(socket: EventEmitter & { close(done: () => void): unknown }): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.once('listening', () => socket.close(() => resolve(true)));
  });
}
