// A site for real programs: an origin that answers what it is asked for, and a server that takes syslog and follows their logs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext } from 'node:test';
import { debian } from '../support/debian.ts';
import {
  exitOf,
  freePort,
  startServer,
  suiteLife,
  temporaryFolder,
  totals,
  until,
  type Running,
} from '../support/server.ts';

/** What is asked of each web server; 502 comes from an upstream that is not there. */
export const ASKED = { 200: 25, 301: 4, 404: 6, 500: 3, 502: 5 };
export const OVERALL = Object.values(ASKED).reduce((a, b) => a + b);

export interface Site {
  server: Running;
  /** Answers what the path asks for: /404 is a 404. */
  origin: number;
  /** Nobody listens there. */
  nobody: number;
  /** The server's, UDP and TCP. */
  syslog: number;
  /** What is written to *.log here is followed. */
  logs: string;
}

/** Within a suite: opened before its tests, closed after them. */
export function siteOfSuite(): Site {
  const life = suiteLife();
  const site = {} as Site;
  before(async () => {
    const backend = createServer((request, response) => {
      response.writeHead(Number(request.url!.slice(1)) || 200, { location: '/200', connection: 'close' }).end('x');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => backend.once('listening', resolve));
    life.after(() => backend.close());
    site.origin = (backend.address() as AddressInfo).port;
    site.nobody = await freePort();
    site.syslog = await freePort();
    site.logs = temporaryFolder(life);
    chmodSync(site.logs, 0o777);
    site.server = await startServer(life, {
      dataDir: temporaryFolder(life),
      args: ['--syslog', String(site.syslog), '--tail', join(site.logs, '*.log')],
    });
  });
  return site;
}

/** The counts of a source when all that was asked is in them. */
export const settled = (site: Site, source: string): Promise<Record<string, number>> =>
  until(
    () => totals(site.server.url, source),
    (counts) => Object.values(counts).reduce((a, b) => a + b, 0) > OVERALL,
  );

/** Starts a program in the foreground and resolves when it takes connections (or at once, without a port). */
export async function run(
  t: TestContext,
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  port?: number,
): Promise<void> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  let gone = false;
  const exited = exitOf(child).then(() => (gone = true));
  t.after(async () => {
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 2000);
    await exited;
    clearTimeout(hard);
  });
  const isUp = async (): Promise<boolean> => port === undefined || (await status(port, '/200').catch(() => 0)) > 0;
  await until(
    async () => gone || (await isUp()),
    (done) => done,
  );
  assert.ok(!gone, `${command} does not start: ${said}`);
}

/** The start-up probe above asks for /200 too: what it made of that is in the counts beside ASKED. */
export async function askAll(port: number): Promise<void> {
  for (const [code, times] of Object.entries(ASKED))
    for (let i = 0; i < times; i++) assert.equal(await status(port, `/${code}`), Number(code));
}

export function assertAsked(counts: Record<string, number>): void {
  const { 200: ok, ...others } = counts;
  const { 200: asked, ...wanted } = ASKED;
  assert.deepEqual(others, wanted);
  assert.equal(ok, asked + 1); // and the probe
}

export function unpacked(
  t: TestContext,
  ...packages: string[]
): { root: string; env: Record<string, string> } | undefined {
  const found = debian(...packages);
  if (!('skip' in found)) return found;
  t.skip(found.skip);
  return undefined;
}

export const status = (port: number, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false, timeout: 5000 }, (response: IncomingMessage) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
      response.on('error', reject);
    }).on('error', reject);
  });
