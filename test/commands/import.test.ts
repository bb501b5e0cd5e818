import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { combined, NOON } from '../support/app.ts';
import { startServer, temporaryFolder, totals } from '../support/server.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const run = (cwd: string, args: string[], input?: string) =>
  spawnSync(process.execPath, [MAIN, 'import', ...args], { cwd, encoding: 'utf8', timeout: 60_000, input });

/** Runs beside the test, so that a server in this process could answer. */
function runBeside(cwd: string, args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, 'import', ...args], { cwd });
  let stdout = '',
    stderr = '';
  child.stdout.on('data', (b: Buffer) => {
    stdout += b.toString();
  });
  child.stderr.on('data', (b: Buffer) => {
    stderr += b.toString();
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}

const lines = (n: number) =>
  Array.from({ length: n }, (_, i) => combined(NOON - (n - i) * 1000, i % 10 === 0 ? 502 : 200, `/p/${i}`));

test(
  'files are counted once, plain or compressed, however often they are imported',
  { timeout: 180_000 },
  async (t) => {
    const folder = temporaryFolder(t);
    const body = `${lines(60_000).join('\n')}\n`; // over one piece
    writeFileSync(join(folder, 'shop.log'), body);
    writeFileSync(join(folder, 'blog.access.log.1.gz'), gzipSync(lines(50).join('\n')));
    writeFileSync(join(folder, 'api.log.zst'), zstdCompressSync(lines(30).join('\n')));
    const first = run(folder, ['shop.log', 'blog.access.log.1.gz', 'api.log.zst']);
    assert.equal(first.stderr, '');
    assert.deepEqual(first.stdout.trim().split('\n'), [
      'shop.log → shop: 60,000 lines: 60,000 counted, 0 rejected, 0 skipped',
      'blog.access.log.1.gz → blog: 50 lines: 50 counted, 0 rejected, 0 skipped',
      'api.log.zst → api: 30 lines: 30 counted, 0 rejected, 0 skipped',
    ]);
    const again = run(folder, ['shop.log']);
    assert.match(again.stdout, /60,000 lines: 0 counted, 0 rejected, 0 skipped, 60,000 known from before/);
    const server = await startServer(t, { dataDir: join(folder, 'data') });
    assert.deepEqual(await totals(server.url), { 200: 54_072, 502: 6008 });
  },
);

test(
  'a server that has the folder open is handed the lines, and knows what was imported without it',
  { timeout: 180_000 },
  async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'shop.log'), lines(100).join('\n'));
    writeFileSync(join(folder, 'more.log'), lines(40).join('\n'));
    assert.equal(run(folder, ['shop.log']).status, 0);
    const server = await startServer(t, { dataDir: join(folder, 'data') });
    const both = await runBeside(folder, ['shop.log', 'more.log', '--source', 'shop']);
    assert.equal(both.status, 0, both.stderr);
    assert.match(both.stderr, /sending to http/);
    assert.match(both.stdout, /shop\.log → shop: 100 lines: 0 counted.*100 known/);
    assert.match(both.stdout, /more\.log → shop: 40 lines: 40 counted/);
    assert.deepEqual(await totals(server.url, 'shop'), { 200: 126, 502: 14 });
  },
);

test('standard input, a JSON array, bad lines and missing files', { timeout: 180_000 }, (t) => {
  const folder = temporaryFolder(t);
  const array = JSON.stringify(
    [
      { time: '2026-03-01T12:00:00Z', status: 502, request_method: 'GET', request_uri: '/' },
      { time: '2026-03-01T12:00:01Z', status: 200, request_method: 'GET', request_uri: '/' },
    ],
    null,
    2,
  );
  assert.match(run(folder, ['-', '--source', 'edge'], array).stdout, /standard input → edge: 2 lines: 2 counted/);
  const mixed = run(
    folder,
    ['-'],
    `${combined(NOON, 200)}\n203.0.113.7 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" abc 1 "-" "\u001b[31mred"\n`,
  );
  assert.match(mixed.stdout, /2 lines: 1 counted/);
  assert.ok(!mixed.stdout.includes('\u001b'));
  assert.deepEqual(
    [run(folder, ['nothing.log']).status, run(folder, []).status, run(folder, ['-', '--format', 'nope'], '').status],
    [1, 2, 2],
  );
});

test('records that name their source are counted under it, into the database and through a server', async (t) => {
  const folder = temporaryFolder(t);
  const record = (service: string, second: number) =>
    JSON.stringify({ time: NOON - second * 1000, method: 'GET', path: '/', status: 200, ms: 3, service, team: 't' });
  writeFileSync(join(folder, 'all.log'), [record('cart', 1), record('cart', 2), record('pay', 3)].join('\n'));
  writeFileSync(join(folder, 'more.log'), [record('cart', 4), record('pay', 5), combined(NOON, 200)].join('\n'));
  assert.equal(run(folder, ['all.log']).status, 0);
  assert.equal(run(folder, ['all.log', '--source', 'whole']).status, 0);
  assert.equal(run(folder, ['all.log', '--source', 'keyed', '--source-key', 'team']).status, 0);
  const server = await startServer(t, { dataDir: join(folder, 'data') });
  assert.equal((await runBeside(folder, ['more.log'])).status, 0);
  assert.match((await runBeside(folder, ['all.log'])).stdout, /0 counted.*3 known/);
  assert.match((await runBeside(folder, ['more.log', '--source-key', 'team', '--source', 'x'])).stdout, /3 counted/);
  for (const [source, counts] of Object.entries({ cart: 3, pay: 2, whole: 3, t: 5, more: 1, x: 1, all: undefined }))
    assert.deepEqual(await totals(server.url, source), counts === undefined ? {} : { 200: counts }, source);
});
