// `npm run bench:overload`: what 400 senders at once and the people at the dashboard get while there is more to count than can be
// counted. Everybody who is not answered within two seconds is to hear so at once, the dashboard is to stay usable, memory
// bounded, and what was acknowledged counted exactly. Options: --senders N (400), --seconds N (20), --kib N (1024), --impatient.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeLogs } from './ingest/logs.ts';
import { startServer } from './ingest/server.ts';

const { values: options } = parseArgs({
  options: {
    senders: { type: 'string', default: '400' },
    seconds: { type: 'string', default: '20' },
    kib: { type: 'string', default: '1024' },
    impatient: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** What a dashboard asks for, and how often. */
const READS = ['/api/totals', '/api/series?by=code', '/api/sources'];
const READ_EVERY_MS = 100;

interface Quantiles {
  p50: number;
  p99: number;
  max: number;
}

interface Sent {
  answered: number;
  refused: number;
  others: Record<string, number>;
  accepted: number;
  answerMs: Quantiles;
  refusalMs: Quantiles;
}

function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (part: string) => {
          text += part;
        })
        .on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${url}: ${text}`))));
    })
      .on('error', reject)
      .end();
  });
}

interface Probed {
  readonly answered: number[];
  readonly refused: number[];
}

/** One more sender, of a line at a time, whose process has nothing else to do: how soon it is told. On a new connection each time, or not. */
async function probe(url: string, keepAlive: boolean, isOver: () => boolean): Promise<Probed> {
  const agent = new Agent({ keepAlive });
  const probed: Probed = { answered: [], refused: [] };
  const line = '203.0.113.7 - - [03/Oct/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "probe"\n';
  while (!isOver()) {
    const started = performance.now();
    const status = await new Promise<number>((resolve, reject) => {
      request(`${url}/ingest/probe`, { method: 'POST', agent }, (response) => {
        const ms = performance.now() - started;
        response.resume().on('end', () => {
          (response.statusCode === 503 ? probed.refused : probed.answered).push(ms);
          resolve(response.statusCode!);
        });
      })
        .on('error', reject)
        .end(line);
    });
    await sleep(status === 200 || status === 503 ? 50 : 1000);
  }
  agent.destroy();
  for (const times of [probed.answered, probed.refused]) times.sort((a, b) => a - b);
  return probed;
}

/** Asks for `path` again and again until `isOver`. */
async function read(url: string, path: string, isOver: () => boolean): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  while (!isOver()) {
    const started = performance.now();
    await get(url + path, agent);
    times.push(performance.now() - started);
    await sleep(READ_EVERY_MS);
  }
  agent.destroy();
  return times.sort((a, b) => a - b);
}

const shown = ({ p50, p99, max }: Quantiles): string => `p50 ${p50}, p99 ${p99}, max ${max} ms`;
const quantilesOf = (times: readonly number[]): Quantiles => {
  const at = (q: number): number => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};
const row = (name: string, what: string, goal = ''): void => console.log(`${name.padEnd(34)}${what.padEnd(52)}${goal}`);

const folder = mkdtempSync(join(tmpdir(), 'fivealarm-overload-'));
try {
  const [combined, json] = ['combined.log', 'json.log'].map((name) => join(folder, name));
  writeLogs(combined, json, 200_000);
  const server = await startServer(
    [here('../../server/main.ts'), 'serve', '--data-dir', join(folder, 'data'), '--port', '0'],
    options.profile,
  );
  let isOver = false;
  const reading = READS.map((path) => read(server.url, path, () => isOver));
  const probing = [true, false].map((keepAlive) => probe(server.url, keepAlive, () => isOver));
  const child = spawn(
    process.execPath,
    [
      here('overload/senders.ts'),
      combined,
      server.url,
      String(Number(options.kib) * 1024),
      options.senders,
      options.seconds,
      options.impatient ? 'impatient' : 'patient',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  for await (const chunk of child.stdout) said += String(chunk);
  isOver = true;
  const sent = JSON.parse(said) as Sent;
  console.log(
    `${options.senders} senders, ${options.kib} KiB bodies, ${options.seconds} s${options.impatient ? ', impatient' : ''}\n`,
  );
  row('answered 200', `${sent.answered}: ${shown(sent.answerMs)}`, 'p99 ≤ 2000');
  row('refused 503', `${sent.refused}: ${shown(sent.refusalMs)}`, 'p99 ≤ 50');
  for (const [i, name] of ['kept connection', 'new connection'].entries()) {
    const { answered, refused } = await probing[i];
    row(`one line, ${name}: 200`, `${answered.length}: ${shown(quantilesOf(answered))}`, 'p99 ≤ 2000');
    row(`one line, ${name}: 503`, `${refused.length}: ${shown(quantilesOf(refused))}`, 'p99 ≤ 50');
  }
  row('anything else', JSON.stringify(sent.others), '{}');
  for (const [i, path] of READS.entries()) {
    const times = await reading[i];
    row(path, `${times.length}: ${shown(quantilesOf(times))}`, 'p99 ≤ 300');
  }
  row('resident memory', `${server.peak().toFixed(0)} MB`, '≤ 350');
  row(
    'lines',
    `${(sent.accepted / Number(options.seconds) / 1e6).toFixed(3)} M/s, ${(sent.accepted / server.cpu() / 1000).toFixed(3)} M per second of processor time`,
  );
  const { totals } = JSON.parse(await get(`${server.url}/api/totals`, new Agent())) as { totals: { count: number }[] };
  const kept = totals.reduce((sum, { count }) => sum + count, 0);
  // A sender that was cut off at the end may have been counted without having heard of it.
  row('acknowledged, and kept', `${sent.accepted}, ${kept}`, kept < sent.accepted ? 'LOST' : 'none lost');
  await server.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
