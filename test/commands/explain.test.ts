// `fivealarm explain` on logs of real proxies with one known fault each, mixed with healthy traffic.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Diagnosis } from '#shared/api.ts';
import { UsageError, type Io } from '../../server/commands/command.ts';
import { command } from '../../server/commands/explain.ts';

async function run(args: string[], stdin = ''): Promise<{ exit: number; out: string; err: string }> {
  const stdout = new PassThrough(),
    stderr = new PassThrough();
  const io: Io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    env: {},
    now: () => 1_800_000_000_000,
    stop: new AbortController().signal,
  };
  const exit = await command.run(args, io);
  return { exit, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}
const log = (name: string): string => fileURLToPath(new URL(`../fixtures/explain/${name}.log`, import.meta.url));
const explain = async (args: string[], stdin?: string): Promise<Diagnosis> =>
  JSON.parse((await run(['--json', ...args], stdin)).out) as Diagnosis;

test('nginx JSON: one route that throws is found, with cause and place', async () => {
  const d = await explain([log('nginx-app_exception.route')]);
  assert.deepEqual([d.code, d.total, d.hits, d.causes[0].cause, d.causes[0].share], [500, 320, 39, 'app_exception', 1]);
  assert.deepEqual([d.where[0].dimension, d.where[0].value], ['route', '/api/orders']);
});

test('nginx JSON: one instance that refuses is found', async () => {
  const d = await explain(['--code', '502', log('nginx-upstream_connection_refused.instance')]);
  assert.deepEqual(
    [d.hits, d.causes[0].cause, d.causes[0].culprit],
    [80, 'upstream_connection_refused', 'upstream-connect'],
  );
  assert.deepEqual(
    [d.where[0].dimension, d.where[0].value, d.where[0].trafficShare],
    ['upstream', '127.0.0.1:21258', 0.25],
  );
  assert.ok(d.refinements.some((r) => r.id === 'one-instance'));
});

test('an array of records on one line is explained record by record', async () => {
  const lines = readFileSync(log('nginx-app_exception.route'), 'utf8').trim().split('\n');
  const d = await explain(['-'], `[${lines.join(',')}]\n`);
  assert.deepEqual([d.code, d.total, d.hits, d.causes[0].cause], [500, 320, 39, 'app_exception']);
});

test('a file that cannot be read, and one that is empty, are said to be so', async () => {
  assert.match((await run(['/nowhere/access.log'])).err, /cannot read \/nowhere\/access\.log: there is no such file/);
  assert.match((await run([fileURLToPath(new URL('.', import.meta.url))])).err, /it is a folder; name the files in it/);
  assert.match((await run(['-'])).err, /it is empty/);
});

test('as text it says who failed, where, since when, and what else is wrong in these lines', async () => {
  const at = (second: number): string => `[22/Nov/2026:22:18:${String(second).padStart(2, '0')} +0000]`;
  const line = (second: number, code: number, upstream: string, connect: string): string =>
    `192.0.2.${second % 9} - - ${at(second)} "GET /a HTTP/1.1" ${code} 157 "-" "-" ua="${upstream}" us="${code}" uc="${connect}" uh="${code < 500 ? '0.002' : '-'}" ut="0.002"`;
  const lines = Array.from({ length: 40 }, (_, i) => [
    line(i, 200, '10.0.0.1:80', '0.000'),
    ...(i < 20 ? [] : [line(i, 502, '10.0.0.2:80', '-')]),
    ...(i % 10 === 0 ? [line(i, 504, '10.0.0.3:80', '0.000')] : []),
  ]).flat();
  const { out } = await run(['-'], lines.join('\n'));
  assert.match(out, /^502: 20 of 64 exchanges .*\n\nThe proxy cannot connect to 10\.0\.0\.2:80\n/);
  assert.match(out, /upstream 10\.0\.0\.2:80: 100% of the 502s/);
  assert.match(out, /\|[ ]{20}[▁-█]{20}\|\n +from 2026-11-22 22:18:20 to 2026-11-22 22:18:39 UTC/);
  assert.match(out, /Also in these lines\n +504: 4, mostly upstream too slow +\(--code 504\)/);
});

test('HAProxy: a full queue is told from an empty backend', async () => {
  const d = await explain([log('haproxy-queue_timeout')]);
  assert.deepEqual([d.code, d.hits, d.causes[0].cause], [503, 101, 'queue_timeout']);
});

test('the same requests as plain combined: unknown, with the line to add to the log', async () => {
  const combined = readFileSync(log('nginx-upstream_connection_refused.instance'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const r = JSON.parse(line) as Record<string, string>;
      return `${r.remote_addr} - - [22/Nov/2026:22:18:31 +0000] "${r.request_method} ${r.uri} HTTP/1.1" ${r.status} ${r.body_bytes_sent} "-" "Mozilla/5.0"`;
    })
    .join('\n');
  const d = await explain(['-'], combined);
  assert.deepEqual([d.code, d.causes[0].cause, d.causes[0].confidence], [502, 'unknown', 'unknown']);
  assert.match(d.addToLog!.paste, /upstream_header_time/);
});

test('only lines between --from and --to count', async () => {
  const d = await explain([
    '--code',
    '502',
    '--from',
    '2026-11-22T22:18:38Z',
    '--to',
    '2026-11-22T22:18:39Z',
    log('nginx-upstream_connection_refused.instance'),
  ]);
  assert.ok(d.total > 0 && d.total < 320, String(d.total));
});

test('as text it opens with the failure and holds the commands', async () => {
  const { out } = await run([log('nginx-upstream_connection_refused.instance')]);
  assert.match(out, /^502: 80 of 320 exchanges \(25%\)/);
  assert.match(out, /The proxy cannot connect to 127\.0\.0\.1:21258/);
  assert.match(out, /curl -sv -m 3 -o \/dev\/null http:\/\/127\.0\.0\.1:21258\//);
});

test('healthy traffic has nothing to explain; unreadable input and wrong usage say so', async () => {
  const healthy = '203.0.113.7 - - [22/Nov/2026:22:18:31 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"';
  assert.match((await run(['-'], healthy)).out, /All 1 exchanges are fine/);
  assert.equal((JSON.parse((await run(['--json', '-'], healthy)).out) as { code: null }).code, null);
  assert.equal((await run(['-'], 'nothing like a log\n')).exit, 1);
  assert.equal((await run(['/nowhere/at/all.log'])).exit, 1);
  await assert.rejects(run([]), UsageError);
  await assert.rejects(run(['--code', 'x', '-']), UsageError);
});

test('of successes that a retry saved, the instance that failed first is the place', async () => {
  const line = (i: number): string =>
    JSON.stringify({
      time: '2026-11-22T22:18:31+00:00',
      remote_addr: '203.0.113.7',
      request_method: 'GET',
      uri: `/item/${i % 3}`,
      status: 200,
      request_time: 0.01,
      ...(i % 10 === 0
        ? {
            upstream_addr: '10.0.0.3:80, 10.0.0.1:80',
            upstream_status: '502, 200',
            upstream_connect_time: '-, 0.001',
            upstream_header_time: '-, 0.002',
          }
        : {
            upstream_addr: `10.0.0.${1 + (i % 2)}:80`,
            upstream_status: '200',
            upstream_connect_time: '0.001',
            upstream_header_time: '0.002',
          }),
    });
  const d = await explain(['--code', '200', '-'], Array.from({ length: 300 }, (_, i) => line(i)).join('\n'));
  assert.deepEqual([d.hits, d.causes[0].cause, d.causes[0].hits], [300, 'masked_retry', 30]);
  assert.deepEqual([d.where[0].dimension, d.where[0].value, d.where[0].share], ['upstream', '10.0.0.3:80', 1]);
});
