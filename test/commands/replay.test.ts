import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CountLines, widthOf } from '../../server/commands/count-lines.ts';
import { command } from '../../server/commands/replay.ts';
import { combined } from '../support/app.ts';
import { buckets, MONDAY } from '../support/traffic.ts';

async function replay(input: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough(),
    stderr = new PassThrough();
  const said = Promise.all([text(stdout), text(stderr)]);
  const code = await command.run(['-', ...args], {
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    env: {},
    now: () => 0,
    stop: new AbortController().signal,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { code, out, err };
}

const OUTAGE = '200x100 500x1 ×2h | 200x20 502x80 ×3m | 200x100 ×30m';

function countsOf(notation: string, { ms = false, source = 'shop' } = {}): string[] {
  let now = MONDAY;
  return buckets(notation).flatMap(({ counts, times }) =>
    Array.from({ length: times }, () => {
      const ts = ms ? now * 1000 : now;
      now += 10;
      return [...counts].map(([code, count]) => JSON.stringify({ ts, source, code, count }));
    }).flat(),
  );
}

test('replay says when it would have paged, for how long, and why', async () => {
  const { code, out } = await replay(countsOf(OUTAGE).join('\n'), '--format', 'counts', '--json');
  assert.equal(code, 0);
  const [incident, ...more] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(more, []);
  assert.deepEqual(
    [incident.source, incident.codes, incident.severity, incident.openedAt - MONDAY],
    ['shop', [502], 'page', 7210],
  );
  assert.ok(incident.resolvedAt > incident.openedAt && incident.peakShare > 0.7 && incident.baselineShare < 0.001);
});

test('times in ms, keys in another order, and counts that are told by themselves read the same', async () => {
  const expected = (await replay(countsOf(OUTAGE).join('\n'), '--json')).out;
  assert.equal((await replay(countsOf(OUTAGE, { ms: true }).join('\n'), '--json')).out, expected);
  const turned = countsOf(OUTAGE).map((line) => {
    const { ts, source, code, count } = JSON.parse(line);
    return JSON.stringify({ count, code, source, ts });
  });
  assert.equal((await replay(turned.join('\n'), '--json')).out, expected);
});

test('lines a little out of order change nothing that matters', async () => {
  const lines = countsOf(OUTAGE);
  for (let i = 0; i + 3 < lines.length; i += 4) [lines[i], lines[i + 3]] = [lines[i + 3], lines[i]];
  const [incident] = (await replay(lines.join('\n'), '--json')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(Math.abs(incident.openedAt - MONDAY - 7210) <= 30);
});

test('an array of records on one line is replayed record by record', async () => {
  const records = Array.from({ length: 120 }, (_, s) =>
    JSON.stringify({ time: new Date((MONDAY + s) * 1000).toISOString(), method: 'GET', path: '/a', status: 200 }),
  );
  assert.match((await replay(`[${records.join(',')}]\n`)).out, /120 requests/);
});

test('a log of any format is replayed at its own time, with the cause in what it prints', async () => {
  const lines: string[] = [];
  for (let s = 0; s < 1200; s++)
    for (let i = 0; i < 5; i++) lines.push(combined((MONDAY + s) * 1000, s >= 900 && i > 0 ? 502 : 200));
  const { out } = await replay(lines.join('\n'), '--json', '--source', 'site');
  const [incident] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([incident.source, incident.codes, incident.resolvedAt], ['site', [502], null]);
  assert.ok(incident.openedAt - MONDAY - 900 <= 15, 'within seconds');
  assert.equal(typeof incident.cause, 'string');
});

test('people get a table, and are told what was not read', async () => {
  const { out } = await replay([...countsOf(OUTAGE), 'nonsense', '{"ts":1}'].join('\n'));
  assert.match(out, /WHEN +LASTED +SOURCE +CODES +WHY/);
  assert.match(out, /PAGE +shop +502/);
  assert.match(out, /1 page, 0 warnings in .* requests of 1 source, 2 lines not read/);
});

test('nothing read is an error, and so is a format that there is not', async () => {
  assert.equal((await replay('what is this', '--json')).code, 1);
  await assert.rejects(replay('', '--format', 'no-such-format'), /neither the name of a format/);
});

test('a file is read like standard input, and a missing one is said to be', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'shop.counts'), countsOf(OUTAGE).join('\n'));
  const stdout = new PassThrough(),
    stderr = new PassThrough();
  const io = { stdin: Readable.from([]), stdout, stderr, env: {}, now: () => 0, stop: new AbortController().signal };
  assert.equal(await command.run([join(folder, 'shop.counts'), '--json'], io), 0);
  assert.equal(await command.run([join(folder, 'missing')], io), 1);
});

test('a line of counts is read fast and slow to the same numbers', () => {
  const reader = new CountLines();
  const read = (line: string) =>
    reader.read(Buffer.from(line), Buffer.from(line).toString('latin1'), 0, Buffer.byteLength(line))
      ? { ...reader.line }
      : undefined;
  for (const line of [
    '{"ts":1788739200,"source":"a","code":502,"count":3}',
    '{"ts": 1788739200, "source": "a", "code": 502, "count": 3}',
    '{"ts":1788739200000,"source":"a","code":502,"count":3}',
  ]) {
    assert.deepEqual(read(line), { ts: 1788739200, source: 'a', code: 502, count: 3 });
    assert.deepEqual(read(line), { ts: 1788739200, source: 'a', code: 502, count: 3 }, 'again, now by the fast path');
  }
  assert.equal(read('{"ts":1788739200,"source":"Größe","code":200,"count":1}')!.source, 'Größe');
  for (const bad of [
    '{"ts":1788739200,"source":"a","code":1502,"count":3}',
    '{"ts":"x","source":"a","code":502,"count":3}',
    '[]',
    'null',
    '{"ts":1788739200,"source":"a"}',
    '{"ts":1788739200,"source":"a","code":502,"count":-1}',
  ]) {
    assert.equal(read(bad), undefined, bad);
  }
});

test('the width of buckets shows in their times', () => {
  const every = (width: number) => new Set(Array.from({ length: 20 }, (_, i) => MONDAY + i * width));
  assert.deepEqual(
    [1, 10, 60, 300].map((width) => widthOf(every(width))),
    [1, 10, 60, 300],
  );
  assert.equal(widthOf(new Set([MONDAY])), 1);
});

test('records of many services in one file are judged by service', async () => {
  const lines: string[] = [];
  for (let second = 0; second < 2 * 3600; second++)
    for (const [pod, service] of [
      ['p1', 'cart'],
      ['p2', 'pay'],
    ]) {
      const status = service === 'pay' && second > 7000 ? 502 : 200;
      const time = new Date((MONDAY + second) * 1000).toISOString();
      lines.push(JSON.stringify({ time, method: 'GET', path: '/', status, ms: 3, service, kubernetes: { pod } }));
    }
  const sourcesOf = async (...args: string[]) => {
    const { out } = await replay(lines.join('\n'), '--json', ...args);
    return [
      ...new Set(
        out
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { source: string }).source),
      ),
    ];
  };
  assert.deepEqual(await sourcesOf(), ['pay']);
  assert.deepEqual(await sourcesOf('--source-key', 'kubernetes.pod'), ['p2']);
  assert.deepEqual(await sourcesOf('--source', 'all'), ['all']);
  assert.deepEqual(await sourcesOf('--source', 'all', '--source-key', 'service'), ['pay']);
  assert.deepEqual(await sourcesOf('--source-key', 'none'), ['stdin']);
  assert.deepEqual(await sourcesOf('--source-key', 'no.such.key'), ['stdin']);
  await assert.rejects(replay('', '--source-key', 'a'.repeat(201)), /sourceKey cannot be used/);
});
