// `npm run bench:overload`: what 400 senders at once and the people at the dashboard get while there is more to count than can be
// counted. Everybody who is not answered within two seconds is to hear so at once, the dashboard is to stay usable, memory
// bounded, and what was acknowledged counted exactly. Options: --senders N (400), --seconds N (20), --kib N (1024), --gzip (every
// fourth sender), --dial (a connection for each request), --impatient.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeLogs } from './ingest/logs.ts';
import { startServer } from './ingest/server.ts';
import type { SendOptions, Sent } from './overload/senders.ts';

const { values: options } = parseArgs({
  options: {
    senders: { type: 'string', default: '400' },
    seconds: { type: 'string', default: '20' },
    kib: { type: 'string', default: '1024' },
    gzip: { type: 'boolean', default: false },
    dial: { type: 'boolean', default: false },
    impatient: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** What a dashboard asks for, and how often. */
const READS = ['/api/totals', '/api/series?by=code', '/api/sources'];
const READ_EVERY_MS = 100;
const LINE = '203.0.113.7 - - [03/Oct/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "probe"\n';

interface Asked {
  status: number;
  text: string;
  ms: number;
}

function ask(url: string, agent: Agent, body?: Buffer | string): Promise<Asked> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    request(url, { agent, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      const ms = performance.now() - started;
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (part: string) => {
          text += part;
        })
        .on('end', () => resolve({ status: response.statusCode!, text, ms }));
    })
      .on('error', reject)
      .end(body);
  });
}

/** One more sender, whose process has nothing else to do: how soon it is told. */
interface Probe {
  name: string;
  body: Buffer | string;
  keepAlive: boolean;
  everyMs: number;
}

async function probe(url: string, { body, keepAlive, everyMs }: Probe, isOver: () => boolean): Promise<Asked[]> {
  const agent = new Agent({ keepAlive });
  const asked: Asked[] = [];
  for (let n = 0; !isOver(); n++) {
    asked.push(await ask(`${url}/ingest/probe`, agent, `${String(body)}# ${n} ${performance.now()}\n`));
    await sleep(everyMs);
  }
  agent.destroy();
  return asked;
}

/** Asks for `path` again and again until `isOver`. */
async function read(url: string, path: string, isOver: () => boolean): Promise<Asked[]> {
  const agent = new Agent({ keepAlive: true });
  const asked: Asked[] = [];
  while (!isOver()) {
    asked.push(await ask(url + path, agent));
    await sleep(READ_EVERY_MS);
  }
  agent.destroy();
  return asked;
}

async function send(file: string, url: string, how: SendOptions): Promise<Sent> {
  const child = spawn(process.execPath, [here('overload/senders.ts'), file, url, JSON.stringify(how)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) said += String(chunk);
  return JSON.parse(said) as Sent;
}

function row(name: string, times: number[], goalMs: number): void {
  times.sort((a, b) => a - b);
  const at = (q: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? 0).toFixed(0).padStart(8);
  console.log(
    `${name.padEnd(44)}${String(times.length).padStart(8)}${at(0.5)}${at(0.99)}${at(1)}   ${times.length === 0 ? '' : `p99 ≤ ${goalMs}`}`,
  );
}
const say = (name: string, what: string, goal = ''): void =>
  console.log(`${name.padEnd(44)}${what.padEnd(32)}   ${goal}`);
const timesOf = (asked: readonly Asked[], status: number): number[] =>
  asked.filter((one) => one.status === status).map(({ ms }) => ms);

const folder = mkdtempSync(join(tmpdir(), 'fivealarm-overload-'));
try {
  const [combined, json] = ['combined.log', 'json.log'].map((name) => join(folder, name));
  writeLogs(combined, json, 200_000);
  const bytes = Number(options.kib) * 1024;
  const server = await startServer(
    [here('../../server/main.ts'), 'serve', '--data-dir', join(folder, 'data'), '--port', '0'],
    options.profile,
  );
  const how: SendOptions = {
    ...{ bytes, senders: Number(options.senders), seconds: Number(options.seconds) },
    ...{ impatient: options.impatient, gzip: options.gzip, dial: options.dial },
  };
  // No server that matters has just been started.
  const before = await send(combined, server.url, { ...how, senders: 4, seconds: 3 });
  let isOver = false;
  const body = readFileSync(combined).subarray(0, bytes);
  const probes: Probe[] = [
    { name: 'one line, kept connection', body: LINE, keepAlive: true, everyMs: 50 },
    { name: 'one line, new connection', body: LINE, keepAlive: false, everyMs: 50 },
    { name: 'a body as theirs, kept connection', body, keepAlive: true, everyMs: 200 },
    { name: 'a body as theirs, new connection', body, keepAlive: false, everyMs: 200 },
  ];
  const reading = READS.map((path) => read(server.url, path, () => isOver));
  const probing = probes.map((each) => probe(server.url, each, () => isOver));
  const cpuBefore = server.cpu();
  const sent = await send(combined, server.url, how);
  isOver = true;
  console.log(`\n${''.padEnd(44)}${['n', 'p50', 'p99', 'max'].map((title) => title.padStart(8)).join('')}   ms`);
  row(`${options.senders} senders of ${options.kib} KiB: 200`, sent.answerMs, 2000);
  row(`${options.senders} senders of ${options.kib} KiB: 503`, sent.refusalMs, 50);
  let accepted = before.accepted + sent.accepted;
  for (const [i, { name }] of probes.entries()) {
    const asked = await probing[i];
    row(`${name}: 200`, timesOf(asked, 200), 2000);
    row(`${name}: 503`, timesOf(asked, 503), 50);
    for (const { status, text } of asked)
      if (status === 200) accepted += (JSON.parse(text) as { accepted: number }).accepted;
  }
  for (const [i, path] of READS.entries()) row(path, timesOf(await reading[i], 200), 300);
  say('any other answer', JSON.stringify(sent.others), '{}');
  say('resident memory', `${server.peak().toFixed(0)} MB`, '≤ 350');
  const lines = sent.accepted / 1e6;
  say(
    'lines',
    `${(lines / how.seconds).toFixed(3)} M/s, ${(lines / ((server.cpu() - cpuBefore) / 1000)).toFixed(3)} M per second of processor time`,
  );
  const { totals } = JSON.parse((await ask(`${server.url}/api/totals`, new Agent())).text) as {
    totals: { count: number }[];
  };
  const kept = totals.reduce((sum, { count }) => sum + count, 0);
  // A sender that was cut off at the end may have been counted without having heard of it.
  say('acknowledged, and kept', `${accepted}, ${kept}`, kept < accepted ? 'LOST' : 'none lost');
  await server.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
