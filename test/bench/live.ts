// npm run -s fivealarm's live path under load: from the POST that carries an outage to the incident on an open WebSocket, with many
// busy sources. node test/bench/live.ts [--sources 200] [--rate 1000] [--outages 60]
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request, Agent } from 'node:http';
import type { LiveFrame } from '#shared/live.ts';
import { Engine } from '../../server/core/detect/engine.ts';

const { values } = parseArgs({
  options: {
    sources: { type: 'string', default: '200' },
    rate: { type: 'string', default: '1000' },
    outages: { type: 'string', default: '60' },
  },
});
const sources = Number(values.sources),
  rate = Number(values.rate),
  outages = Math.min(sources, Number(values.outages));
const dataDir = mkdtempSync(join(tmpdir(), 'fivealarm-live-'));
const port = 20_000 + (Math.floor(process.uptime() * 1e6) % 20_000);
const server = spawn(
  process.execPath,
  [join(import.meta.dirname, '../../server/main.ts'), 'serve', '--port', String(port), '--data-dir', dataDir],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        method: 'POST',
        path: '/ingest?format=counts',
        agent,
        headers: { 'content-type': 'application/x-ndjson' },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const line = (ts: number, i: number, code: number, count: number): string =>
  `{"ts":${ts},"source":"s${i}","code":${code},"count":${count}}\n`;

/** What judging costs by itself: ms of processor for a second of all sources, with failures in each. */
function costOfJudging(): number {
  const engine = new Engine({ onTransition: () => {} });
  const watched = Array.from({ length: sources }, (_, i) => engine.source(`s${i}`, 1_700_000_000));
  let from = 0;
  const seconds = 7200,
    measured = 600;
  for (let s = 0; s < seconds; s++) {
    if (s === seconds - measured) from = performance.now();
    const second = 1_700_000_000 + s;
    for (const [i, each] of watched.entries()) {
      engine.count(each, second, 200, rate);
      engine.count(each, second, 404, 7);
      engine.count(each, second, 500, 1 + ((s + i) % 3));
      engine.count(each, second, 502, 1);
    }
    engine.tick(second + 1);
  }
  return (performance.now() - from) / measured;
}

try {
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (said) => {
      if (String(said).includes('http://')) resolve();
    });
    server.on('exit', () => reject(new Error('the server did not start')));
  });
  // ten healthy minutes, so that each source is known
  const begun = Math.floor(Date.now() / 1000);
  for (let s = begun - 560; s < begun; s += 10) {
    let body = '';
    for (let i = 0; i < sources; i++) body += line(s, i, 200, rate * 10) + line(s, i, 500, 1);
    await post(body);
  }
  const seen = new Map<string, number>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as LiveFrame;
    for (const { source, severity } of frame.type === 'delta' ? frame.incidents : [])
      if (severity === 'page' && !seen.has(source)) seen.set(source, Date.now());
  });
  await new Promise((resolve) => socket.once('open', resolve));

  const failingSince = new Map<number, number>(),
    posts: Map<number, number>[] = [];
  // each source posts once a second, as shippers do; one more of them fails with each half second
  const start = Date.now();
  let failing = 0,
    sentSeconds = 0;
  while (Date.now() - start < (outages * 0.5 + 25) * 1000) {
    const tick = Date.now();
    while (failing < outages && Date.now() - start > 3000 + failing * 500) failingSince.set(failing++, tick);
    const second = Math.floor(tick / 1000),
      at = new Map<number, number>();
    for (let part = 0; part < 8; part++) {
      let body = '';
      for (let i = part; i < sources; i += 8) {
        body += failingSince.has(i)
          ? line(second, i, 200, rate / 2) + line(second, i, 502, rate / 2)
          : line(second, i, 200, rate) + line(second, i, 500, 1);
        at.set(i, Date.now());
      }
      await post(body);
    }
    posts.push(at);
    sentSeconds++;
    await sleep(Math.max(0, 1000 - (Date.now() - tick)));
  }
  // the decisive post is the first at whose arrival ten seconds of failures were there
  const delays: number[] = [];
  for (const [i, since] of failingSince) {
    const arrived = seen.get(`s${i}`);
    const decisive = posts.map((at) => at.get(i)!).find((at) => Math.floor(at / 1000) - Math.floor(since / 1000) >= 9);
    if (arrived === undefined || decisive === undefined) console.log(`s${i}: never paged`);
    else delays.push(Math.max(0, arrived - decisive));
  }
  delays.sort((a, b) => a - b);
  const quantile = (p: number): number => delays[Math.min(delays.length - 1, Math.floor(p * delays.length))];
  console.log(
    `${sources} sources at ${rate} hits/s for ${sentSeconds} s, ${failingSince.size} outages, ${delays.length} paged`,
  );
  console.log(
    `from the decisive POST to the incident on the WebSocket: median ${quantile(0.5)} ms, p90 ${quantile(0.9)} ms, p99 ${quantile(0.99)} ms`,
  );
  socket.close();
  const cost = costOfJudging();
  console.log(
    `judging alone: ${cost.toFixed(2)} ms of processor for a second of ${sources} sources (${((1000 * cost) / sources).toFixed(1)} µs each)`,
  );
} finally {
  if (server.exitCode === null && server.signalCode === null) {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await gone;
  }
  agent.destroy();
  rmSync(dataDir, { recursive: true, force: true });
}
