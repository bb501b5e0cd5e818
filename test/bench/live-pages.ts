// What pages cost the server: the size of a hello, processor time a second with thousands of pages on one view, and memory.
// node test/bench/live-pages.ts [--pages 5000] [--sources 300] [--codes 17] [--seconds 20]
import { connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { request, Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from './ingest/server.ts';

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '5000' },
    sources: { type: 'string', default: '300' },
    codes: { type: 'string', default: '17' },
    seconds: { type: 'string', default: '20' },
  },
});
const [pages, sources, codes, seconds] = [values.pages, values.sources, values.codes, values.seconds].map(Number);
const dataDir = mkdtempSync(join(tmpdir(), 'fivealarm-pages-'));
const server = await startServer([
  join(import.meta.dirname, '../../server/main.ts'),
  'serve',
  '--port',
  '0',
  '--data-dir',
  dataDir,
]);
const port = Number(new URL(server.url).port),
  agent = new Agent({ keepAlive: true });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ port, method: 'POST', path: '/ingest?format=counts', agent }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
      );
    })
      .on('error', reject)
      .end(body);
  });
}

const linesOf = (second: number): string =>
  Array.from({ length: sources }, (_, s) =>
    Array.from(
      { length: codes },
      (_, c) =>
        `{"ts":${second},"source":"source-${s}","code":${c === 0 ? 200 : 400 + c},"count":${c === 0 ? 1000 : 1}}\n`,
    ).join(''),
  ).join('');

interface Page {
  socket: Socket;
  bytes: number;
}

/** A page as cheap as it can be, since thousands share this machine with the server: it counts bytes, and answers pings where they end a chunk. */
async function open(query = ''): Promise<Page> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const page = { socket, bytes: 0 };
  socket.write(
    `GET /live${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await once(socket, 'connect');
  socket.on('data', (chunk: Buffer) => {
    page.bytes += chunk.length;
    if (chunk.length >= 8 && chunk.readUInt16BE(chunk.length - 8) === 0x8906)
      socket.write(Buffer.concat([Buffer.from([0x8a, 0x86, 0, 0, 0, 0]), chunk.subarray(chunk.length - 6)]));
  });
  socket.on('error', () => {});
  return page;
}

const metric = async (name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\S+)`, 'm').exec(await (await fetch(`${server.url}/metrics`)).text())![1]);
const rss = (): number => process.memoryUsage().rss / 1e6;

/** Processor time of the server, ms a second, while counts of one second of all sources come each second. */
async function cpu(over: number): Promise<number> {
  const before = server.cpu(),
    from = performance.now();
  while (performance.now() - from < over * 1000) {
    await post(linesOf(Math.floor(Date.now() / 1000)));
    await sleep(1000 - (Date.now() % 1000));
  }
  return (server.cpu() - before) / ((performance.now() - from) / 1000);
}

try {
  const now = Math.floor(Date.now() / 1000);
  for (let second = now - 900; second < now; second += 10) await post(linesOf(second));
  await sleep(3000);
  const one = await open();
  await sleep(1500);
  console.log(`hello at ${sources} sources × ${codes} codes: ${(one.bytes / 1024).toFixed(0)} KB`);
  const idle = await cpu(seconds / 2),
    peakBefore = server.peak();
  const all: Page[] = [];
  for (let i = 1; i < pages; i += 50)
    all.push(...(await Promise.all(Array.from({ length: Math.min(50, pages - i) }, () => open()))));
  await sleep(3000);
  const made = await metric('fivealarm_live_messages_made_total'),
    bytes = all.reduce((sum, page) => sum + page.bytes, 0);
  const busy = await cpu(seconds);
  const rounds = (await metric('fivealarm_live_messages_made_total')) - made,
    sent = (all.reduce((sum, page) => sum + page.bytes, 0) - bytes) / all.length / seconds;
  console.log(
    `${await metric('fivealarm_live_clients')} pages on one view, ${(sent / 1024).toFixed(1)} KB/s each: ${(busy - idle).toFixed(0)} ms of processor time a second beside the ${idle.toFixed(0)} without them; ${rounds} messages made in ${seconds} s`,
  );
  console.log(
    `peak memory ${peakBefore.toFixed(0)} MB with one page, ${server.peak().toFixed(0)} MB with all (this process: ${rss().toFixed(0)} MB)`,
  );
  for (const { socket } of all) socket.destroy();
  await sleep(2000);
  const stalled = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const page = await open();
      page.socket.pause();
      return page;
    }),
  );
  const began = performance.now(),
    peak = server.peak();
  let last = one.bytes,
    longest = 0,
    heard = performance.now();
  one.socket.on('data', () => {
    if (one.bytes === last) return;
    last = one.bytes;
    longest = Math.max(longest, performance.now() - heard);
    heard = performance.now();
  });
  while ((await metric('fivealarm_live_clients')) > 1 && performance.now() - began < 30_000) await sleep(250);
  console.log(
    `200 pages that read nothing: gone after ${((performance.now() - began) / 1000).toFixed(1)} s, peak memory + ${(server.peak() - peak).toFixed(0)} MB; the page that reads waited ${(longest / 1000).toFixed(2)} s at most`,
  );
  for (const { socket } of [one, ...stalled]) socket.destroy();
} finally {
  await server.stop();
  agent.destroy();
  rmSync(dataDir, { recursive: true, force: true });
}
