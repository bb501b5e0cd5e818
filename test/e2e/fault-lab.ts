// The fault laboratory: a real proxy in front of upstreams broken on purpose, each fault a source of its own, its own logs shipped
// by its own syslog. What is asserted is what a person would see: the cause counted, and the incident's first cause.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import type { Breakdown, IncidentDetail, Incidents } from '#shared/api.ts';
import { listenSyslog } from '../../server/receive/syslog.ts';
import { openApp, type TestApp } from '../support/app.ts';
import { closeUpstreams, saying } from '../support/broken-upstreams.ts';
import { freePort, temporaryFolder } from '../support/server.ts';

export interface Fault {
  name: string;
  cause: string;
  code: number;
  /** nginx: directives of its location; `$up` is the address of its upstream. HAProxy: of its backend. */
  config: (up: string) => string;
  upstream?: () => Promise<number>;
  method?: string;
  body?: string;
  /** Sent as it is instead of a request, to a port of its own; the proxy ends the connection. */
  raw?: string;
  /** What the incident's first evidence must say too. */
  says?: RegExp;
  /** Leaves before the answer. */
  leaveAfterMs?: number;
  /** 4xx, 3xx and 2xx are counted by cause, and page nobody. */
  pages: boolean;
}

const BAD = 24,
  GOOD = 6;

const WAIT_MS = 120_000;

/** The first bytes of a TLS handshake, and a request whose body never comes. */
export const HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  HALF = 'POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf';

export const TLS_TOO = /TLS handshake/;

interface Lab {
  app: TestApp;
  folder: string;
  port: number;
  syslog: number;
  /** Of the upstream that works. */
  ok: number;
  nobody: number[];
  ports: Map<string, number>;
  /** nginx: of faults that need a port of their own. */
  own: Map<string, number>;
}

export async function openLab(
  t: TestContext,
  program: object | undefined,
  faults: readonly Fault[],
): Promise<Lab | undefined> {
  if (program === undefined) return undefined;
  t.after(closeUpstreams);
  const app = await openApp(t);
  app.clock.now = Date.now();
  const syslog = await listenSyslog(app.ingest.receive, { host: '127.0.0.1', port: 0, say: () => {} });
  t.after(() => syslog.close());
  const ports = new Map<string, number>();
  for (const fault of faults) ports.set(fault.name, await (fault.upstream?.() ?? freePort()));
  const own = new Map<string, number>();
  for (const { name, raw: bytes } of faults) if (bytes !== undefined) own.set(name, await freePort());
  return {
    app,
    own,
    folder: temporaryFolder(t),
    port: await freePort(),
    syslog: syslog.port,
    ok: await saying(200)(),
    nobody: [await freePort(), await freePort(), await freePort()],
    ports,
  };
}

/** Resolves when something listens on `port`. */
export async function run(
  t: TestContext,
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  port: number,
): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  for (const until = Date.now() + WAIT_MS; Date.now() < until; await sleep(30)) {
    if (child.exitCode !== null) throw new Error(`${file} ended: ${said}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
        .once('connect', () => resolve(true))
        .once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
  }
  throw new Error(`${file} does not listen: ${said}`);
}

export async function provoke(fault: Fault, port: number, prefix: string): Promise<void> {
  for (let i = 0; i < GOOD; i++) await ask(port, `${prefix}/ok`, {});
  // Several at a time: a queue needs company.
  for (let i = 0; i < BAD; i += 6)
    await Promise.all(
      Array.from({ length: 6 }, (_, k) =>
        fault.raw === undefined ? ask(port, `${prefix}/item/${i + k}`, fault) : say(port, fault.raw),
      ),
    );
}

/** Resolves when the other side has hung up. */
function say(port: number, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
      .on('error', () => {})
      .once('close', () => resolve());
    socket.resume();
  });
}

function ask(port: number, path: string, { method = 'GET', body, leaveAfterMs }: Partial<Fault>): Promise<void> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false }, (response) =>
      response.resume().once('close', () => resolve()),
    );
    sent.once('error', () => resolve()).once('close', () => resolve());
    sent.end(body);
    if (leaveAfterMs !== undefined) setTimeout(() => sent.destroy(), leaveAfterMs);
  });
}

async function get<T>(app: TestApp, url: string): Promise<T> {
  const response = await app.app.inject(url);
  assert.equal(response.statusCode, 200, `${url}: ${response.body}`);
  return response.json() as T;
}

/** Time passes, and the watch looks, until all that should be there is; then says what is not. */
export async function assertNamed(app: TestApp, faults: readonly Fault[]): Promise<void> {
  let wrong: string[] = [];
  for (const until = Date.now() + WAIT_MS; Date.now() < until; await sleep(200)) {
    app.clock.now = Date.now();
    await app.tick();
    wrong = await notNamed(app, faults);
    if (wrong.length === 0) return;
  }
  assert.deepEqual(wrong, []);
}

async function notNamed(app: TestApp, faults: readonly Fault[]): Promise<string[]> {
  const wrong: string[] = [];
  const { incidents } = await get<Incidents>(app, '/api/incidents?limit=500');
  for (const { name, cause, code, pages, says } of faults) {
    const { rows } = await get<Breakdown>(
      app,
      `/api/breakdown?dimension=cause&source=${name}&code=${code}&from=now-10m&to=now%2B1m`,
    );
    if (rows[0]?.value !== cause)
      wrong.push(
        `${name}: counted as ${rows.map((r) => `${r.value} ${r.count}`).join(', ') || 'nothing'}, not ${cause}`,
      );
    if (!pages) continue;
    const incident = incidents.find((i) => i.source === name);
    const first = incident && (await get<IncidentDetail>(app, `/api/incidents/${incident.id}`)).diagnosis?.causes[0];
    if (says !== undefined && !first?.evidence.some((text) => says.test(text)))
      wrong.push(`${name}: the evidence does not say ${says}: ${first?.evidence.join(' ')}`);
    if (first?.cause !== cause)
      wrong.push(`${name}: ${incident === undefined ? 'no incident' : `incident says ${first?.cause}`}, not ${cause}`);
  }
  return wrong;
}
