// The forwarder is exact: over its own kill -9, the server's, rotation, and a network that answers twice or not at all.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { openFaultProxy, seeded } from '../support/fault-proxy.ts';
import { headWith } from '../../server/receive/life.ts';
import { STRETCH_HEADER } from '../../server/receive/stream.ts';
import { NOON, combined, openApp } from '../support/app.ts';
import { exitOf, freePort, startServer, temporaryFolder, totals, until } from '../support/server.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const TOKEN = 'a-token-of-the-test';

const lines = (from: number, n: number, code: number): string => {
  let text = '';
  for (let i = from; i < from + n; i++)
    text += `203.0.113.7 - - [${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+).*/, '$1/$2/$3:$4')} +0000] "GET /${i} HTTP/1.1" ${code} 5 "-" "test"\n`;
  return text;
};

function startShip(t: TestContext, url: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, 'ship', ...args, '--to', url, '--host', 'web1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, FIVEALARM_TOKEN: TOKEN },
  });
  child.stderr!.resume();
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** By renaming or by copying, into another folder or not, compressed at once or not; or not at all. */
function rotate(log: string, number: number, random: number): void {
  if (random > 0.8) return;
  const to = join(dirname(log), random < 0.2 ? 'old' : '.', `shop.log.${number}`);
  if (random % 0.2 < 0.1) renameSync(log, to);
  else {
    // copytruncate loses what is written between the copy and the truncation, so nothing is
    copyFileSync(log, to);
    truncateSync(log, 0);
  }
  if (random % 0.4 < 0.2) return;
  writeFileSync(`${to}.gz`, gzipSync(readFileSync(to)));
  unlinkSync(to);
}

test('ships what a file holds and stops when asked for once; a second run ships nothing again', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer(t, { dataDir: temporaryFolder(t), env: { FIVEALARM_INGEST_TOKENS: TOKEN } });
  const log = join(folder, 'shop.log');
  appendFileSync(log, lines(0, 20_000, 200));
  for (let run = 0; run < 2; run++) {
    assert.equal(await exitOf(startShip(t, server.url, [log, '--once'])), 0);
    assert.deepEqual(await totals(server.url, 'shop'), { 200: 20_000 });
  }
});

test('is exact over kills on both sides, rotation of every kind and a network with faults', async (t) => {
  const seed = 20_261;
  const random = seeded(seed);
  const folder = join(temporaryFolder(t), 'logs');
  mkdirSync(join(folder, 'old'), { recursive: true });
  const log = join(folder, 'shop.log');
  const dataDir = temporaryFolder(t);
  const port = await freePort();
  const serverArgs = { dataDir, port, env: { FIVEALARM_INGEST_TOKENS: TOKEN } };
  let server = await startServer(t, serverArgs);
  const proxy = await openFaultProxy({ target: () => ({ host: '127.0.0.1', port }), random, share: 0.4 });
  t.after(() => proxy.close());
  const proxied = `http://127.0.0.1:${proxy.port}`;
  let ship = startShip(t, proxied, [join(folder, '*.log')]);

  // Files rotated away before anyone ever followed the log are history, not to be read: so begin when it is followed.
  let written = 1;
  appendFileSync(log, lines(0, 1, 502));
  await until(
    () => totals(server.url, 'shop'),
    (counts) => counts[502] === 1,
  );
  for (let round = 0; round < 12; round++) {
    for (let burst = 0; burst < 5; burst++) {
      const n = 1 + Math.floor(random() * 2000);
      appendFileSync(log, lines(written, n, 502));
      written += n;
      await new Promise((resolve) => setTimeout(resolve, 60 * random()));
    }
    rotate(log, 20 - round, random());
    if (round % 3 === 1) {
      ship.kill('SIGKILL');
      await exitOf(ship);
      ship = startShip(t, proxied, [join(folder, '*.log')]);
    }
    if (round % 4 === 2) {
      await server.kill();
      server = await startServer(t, serverArgs);
    }
    if (!existsSync(log)) appendFileSync(log, '');
  }
  proxy.heal();
  const seen = await until(
    () => totals(server.url, 'shop'),
    (counts) => (counts[502] ?? 0) >= written,
    60_000,
  );
  assert.deepEqual(seen, { 502: written }, `seed ${seed}, faults ${JSON.stringify(proxy.faults)}`);
  // Late repeats of requests are still on their way: they must change nothing.
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(await totals(server.url, 'shop'), { 502: written });
  assert.ok(proxy.faults.none < Object.values(proxy.faults).reduce((a, b) => a + b), 'there were faults');
});

test('a forwarder of before, which does not say what log a file is of, is understood; rubbish is not', async (t) => {
  const app = await openApp(t);
  const body = Array.from({ length: 10 }, (_, i) => `${combined(NOON, 200, `/${i}`)}\n`).join('');
  const stretch = {
    stream: 'web1/42',
    head: { length: 100, digest: 'ab'.repeat(16), run: 0 },
    start: 0,
    end: body.length,
  };
  const post = async (header: unknown, url = '/ship/shop') => {
    const { statusCode, json } = await app.app.inject({
      method: 'POST',
      url,
      headers: { [STRETCH_HEADER]: JSON.stringify(header), 'content-type': 'text/plain' },
      body: url === '/ship' ? undefined : body,
    });
    return { statusCode, body: json<Record<string, unknown>>() };
  };
  for (let i = 0; i < 2; i++) assert.deepEqual((await post(stretch)).body.end, body.length);
  assert.deepEqual((await post(stretch, '/ship')).body.positions, [
    { head: stretch.head, end: body.length, marks: [] },
  ]);
  const [source] = await app.ingest.store.sources.list();
  assert.deepEqual([source.name, source.accepted], ['shop', 10]);
  const wrong = [
    { head: { ...stretch.head, lines: [[1, 'zz']] } },
    { mark: { at: -1, digest: 'ab'.repeat(16) } },
    { log: '' },
    { log: 'x'.repeat(5000) },
    { begin: true },
    { start: 5, end: 4 },
    { stream: 'x'.repeat(301) },
  ];
  for (const one of wrong)
    assert.equal((await post({ ...stretch, ...one })).statusCode, 422, JSON.stringify(one).slice(0, 80));
  assert.equal((await post({ ...stretch, log: 'web1/x', begin: true })).statusCode, 422);
});

test('a stretch that the network repeats when the file has grown counts nothing again', async (t) => {
  const app = await openApp(t);
  const rows = Array.from({ length: 3 }, (_, i) => `${combined(NOON, 200, `/${i}`)}\n`);
  const take = async (given: string, header: object) => {
    const { statusCode, json } = await app.app.inject({
      method: 'POST',
      url: '/ship/shop',
      headers: {
        [STRETCH_HEADER]: JSON.stringify({ stream: 'web1/42', log: 'web1/shop.log', ...header }),
        'content-type': 'text/plain',
      },
      body: given,
    });
    assert.equal(statusCode, 200);
    return json<{ end: number }>().end;
  };
  const [one, all] = [Buffer.from(rows[0]), Buffer.from(rows.join(''))];
  const [early, grown] = [headWith(one, 0), headWith(all, 0)];
  const first = { head: early, start: 0, end: one.length };
  assert.equal(await take(rows[0], first), one.length);
  const rest = { head: early, better: grown, start: one.length, end: all.length };
  assert.equal(await take(rows.slice(1).join(''), rest), all.length);
  assert.equal(await take(rows[0], first), all.length);
  assert.equal(await take(rows.slice(1).join(''), rest), all.length);
  const [source] = await app.ingest.store.sources.list();
  assert.equal(source.accepted, 3);
});
