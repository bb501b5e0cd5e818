// What every store must do with what fails: exact sums however it is crossed, within caps, until it is too old.
import assert from 'node:assert/strict';
import type { CrossingQuery, FailureRow, Store } from '../../../server/store/store.ts';
import { DURATION_BOUNDS } from '../../../server/core/count/duration.ts';
import { batchOf, pipelineOver, type HitFields } from '../support.ts';
import { DAY, HOUR, it, MIN, S, T } from './engines.ts';

type Given = HitFields & { ts: number };

/** A store that has counted these hits of `web`. */
async function counted(store: Store, hits: readonly Given[], source = 'web'): Promise<void> {
  const pipeline = pipelineOver(store);
  for (let at = 0; at < hits.length; at += 5000)
    await pipeline.submit(batchOf(pipeline, source, hits.slice(at, at + 5000)));
  await pipeline.close();
}

/** By "row | column". */
async function crossed(store: Store, query: CrossingQuery): Promise<Record<string, number>> {
  const { rows, columns, cells } = await store.failures.crossing(query);
  return Object.fromEntries(
    cells.map(({ row, column, count }) => [`${rows[row].value} | ${columns[column].value}`, count]),
  );
}

const HITS: Given[] = [
  { ts: T, code: 502, path: '/a', upstream: 'u1', host: 'h', count: 7 },
  { ts: T + 20 * S, code: 502, path: '/b', upstream: 'u1', host: 'h', count: 2 },
  { ts: T + 20 * S, code: 502, path: '/b', upstream: 'u2' },
  { ts: T + 90 * S, code: 499, path: '/a', upstream: 'u2', count: 3 },
  { ts: T + 90 * S, code: 503 },
  { ts: T + 90 * S, code: 200, path: '/a', upstream: 'u1', count: 100 },
  { ts: T + 90 * S, code: 404, path: '/a', count: 50 },
];

it('crosses what failed by any two of its dimensions, and nothing else', async (open) => {
  const store = open();
  await counted(store, HITS);
  const range = { from: T, to: T + 2 * MIN, source: 'web' };
  assert.deepEqual(await crossed(store, { ...range, rows: 'route', columns: 'upstream' }), {
    '/a | u1': 7,
    '/a | u2': 3,
    '/b | u1': 2,
    '/b | u2': 1,
    'null | null': 1,
  });
  assert.deepEqual(await crossed(store, { ...range, rows: 'code', columns: 'cause' }), {
    '502 | upstream_connection_refused': 10,
    '499 | null': 3,
    '503 | null': 1,
  });
  const { from, to, total, rows, columns, heldFrom } = await store.failures.crossing({
    ...range,
    rows: 'host',
    columns: 'code',
  });
  assert.deepEqual([from, to, total, heldFrom], [T, T + 2 * MIN, 14, null]);
  assert.deepEqual(rows, [
    { value: 'h', count: 9 },
    { value: null, count: 5 },
  ]);
  assert.deepEqual(columns, [
    { value: '502', count: 10 },
    { value: '499', count: 3 },
    { value: '503', count: 1 },
  ]);
  store.close();
});

it('a crossing is of the time, the source and the values that are asked for', async (open) => {
  const store = open();
  await counted(store, HITS);
  await counted(store, [{ ts: T, code: 502, path: '/a', upstream: 'u1' }], 'other');
  const ask = (more: Partial<CrossingQuery>) =>
    crossed(store, { from: T, to: T + 2 * MIN, rows: 'route', columns: 'upstream', ...more });
  assert.equal((await ask({}))['/a | u1'], 8);
  assert.deepEqual(await ask({ source: 'other' }), { '/a | u1': 1 });
  assert.deepEqual(await ask({ source: 'nobody' }), {});
  assert.deepEqual(await ask({ source: 'web', where: { code: 499 } }), { '/a | u2': 3 });
  assert.deepEqual(await ask({ source: 'web', where: { host: 'h', route: '/b' } }), { '/b | u1': 2 });
  assert.deepEqual(await ask({ where: { cause: 'upstream_connection_refused', upstream: 'u2' } }), { '/b | u2': 1 });
  assert.deepEqual(await ask({ where: { upstream: 'u9' } }), {});
  assert.deepEqual(await ask({ source: 'web', from: T + 20 * S, to: T + 30 * S }), { '/b | u1': 2, '/b | u2': 1 });
  assert.deepEqual(await ask({ source: 'web', from: T + 10 * S, to: T + 20 * S }), {});
  assert.equal((await ask({ from: undefined, to: undefined }))['/a | u1'], 8);
  store.close();
});

it('gives the rows and columns with most failures, and what they are of', async (open) => {
  const store = open();
  const hits = Array.from({ length: 30 }, (_, i) => ({
    ts: T,
    code: 502,
    path: `/r${i}x`,
    upstream: 'u',
    count: i + 1,
  }));
  await counted(store, hits);
  const { rows, cells, total } = await store.failures.crossing({ rows: 'route', columns: 'upstream', limit: 3 });
  assert.deepEqual(rows, [
    { value: '/r29x', count: 30 },
    { value: '/r28x', count: 29 },
    { value: '/r27x', count: 28 },
  ]);
  assert.deepEqual([cells.length, total], [3, 465]);
  store.close();
});

const sumOf = (rows: readonly FailureRow[]): number => rows.reduce((sum, { count }) => sum + count, 0);

it('rows of failures are read back with the ids that they were counted under, after a restart too', async (open) => {
  let store = open();
  await counted(store, HITS);
  store.close();
  store = open();
  const rows = await store.failures.rows({ source: 'web', from: T + 20 * S, to: T + 91 * S });
  const text = (id: number) => store.dictionary.textOf(id);
  assert.deepEqual(
    rows.map(({ cause, upstream, route, host, ...row }) => ({ ...row, of: [cause, upstream, route, host].map(text) })),
    [
      { second: T / S + 20, width: 10, code: 502, count: 2, of: ['upstream_connection_refused', 'u1', '/b', 'h'] },
      {
        second: T / S + 20,
        width: 10,
        code: 502,
        count: 1,
        of: ['upstream_connection_refused', 'u2', '/b', undefined],
      },
      { second: T / S + 90, width: 10, code: 499, count: 3, of: [undefined, 'u2', '/a', undefined] },
      { second: T / S + 90, width: 10, code: 503, count: 1, of: [undefined, undefined, undefined, undefined] },
    ].sort((a, b) => a.second - b.second || a.code - b.code || b.count - a.count),
  );
  assert.deepEqual(await store.failures.rows({ source: 'nobody', from: 0 }), []);
  store.close();
});

it('a minute holds 2,000 rows of a source: what is in excess is counted under other, and every sum is exact', async (open) => {
  const store = open();
  const hits = Array.from({ length: 60_000 }, (_, i) => ({
    ts: T + (i % 60) * S,
    code: 502 + (i % 3),
    path: `/r${(i * 7) % 400}x`,
    upstream: `10.0.0.${i % 151}`,
    host: `h${i % 7}`,
  }));
  await counted(store, hits);
  const rows = await store.failures.rows({ source: 'web', from: T });
  assert.ok(rows.length <= 2000 && rows.length > 1900, `${rows.length}`);
  assert.equal(sumOf(rows), 60_000);
  const bySlot = (code: number, second: number) =>
    sumOf(rows.filter((row) => row.code === code && row.second === T / S + second));
  for (const code of [502, 503, 504])
    for (let second = 0; second < 60; second += 10)
      assert.equal(
        bySlot(code, second),
        hits.filter((hit) => hit.code === code && Math.floor((hit.ts - T) / 10_000) * 10 === second).length,
      );
  const { total, cells } = await store.failures.crossing({ rows: 'code', columns: 'code' });
  assert.equal(total, 60_000);
  assert.deepEqual(
    cells.map(({ count }) => count),
    [20_000, 20_000, 20_000],
  );
  store.close();
});

it('a minute holds 20,000 rows of all sources together', async (open) => {
  const store = open();
  const hits = Array.from({ length: 3000 }, (_, i) => ({
    ts: T,
    code: 502,
    path: `/r${i % 61}x`,
    upstream: `u${i % 50}`,
  }));
  for (let i = 0; i < 15; i++) await counted(store, hits, `s${i}`);
  let rows = 0,
    failures = 0;
  for (let i = 0; i < 15; i++) {
    const all = await store.failures.rows({ source: `s${i}`, from: T });
    rows += all.length;
    failures += sumOf(all);
  }
  assert.ok(rows <= 20_000 + 15 && rows > 19_900, `${rows}`);
  assert.equal(failures, 45_000);
  store.close();
});

it('a row that has its place keeps it, also for what comes late and after a restart', async (open) => {
  let store = open();
  const flood = (ts: number) =>
    Array.from({ length: 12_000 }, (_, i) => ({ ts, code: 502, path: `/r${i % 121}x`, upstream: `u${i % 100}` }));
  await counted(store, [{ ts: T, code: 504, path: '/slow', upstream: 'u' }]);
  await counted(store, flood(T));
  store.close();
  store = open();
  await counted(store, [...flood(T + S), { ts: T, code: 504, path: '/slow', upstream: 'u', count: 9 }]);
  const rows = await store.failures.rows({ source: 'web', from: T });
  assert.ok(rows.length <= 2000 && rows.length > 1900, `${rows.length}`);
  assert.equal(sumOf(rows), 24_010);
  const slow = rows.filter(({ route }) => store.dictionary.textOf(route) === '/slow');
  assert.deepEqual(
    slow.map(({ count }) => count),
    [10],
  );
  store.close();
});

it('failures are kept by ten seconds and by the minute for a time each, counted back from the newest event', async (open) => {
  const store = open({ failures10s: DAY / S, failures1m: (3 * DAY) / S });
  const pipeline = pipelineOver(store);
  const every = Array.from({ length: 24 * 6 }, (_, i) => ({ ts: T - i * HOUR, code: 502, path: '/a', upstream: 'u' }));
  await pipeline.submit(batchOf(pipeline, 'web', every));
  await store.fold();
  while (await store.sweep(T));
  const rows = await store.failures.rows({ source: 'web', from: 0 });
  const ages = (width: number) => rows.filter((row) => row.width === width).map(({ second }) => T / S - second);
  assert.ok(Math.max(...ages(10)) <= DAY / S && Math.min(...ages(60)) >= DAY / S, 'finer where it is held');
  assert.equal(rows.length, 3 * 24 + 1);
  const all = await store.failures.crossing({ source: 'web', from: T - 6 * DAY, rows: 'route', columns: 'upstream' });
  assert.deepEqual([all.total, all.heldFrom], [73, T - 3 * DAY]);
  const held = await store.failures.crossing({ from: T - 2 * DAY, rows: 'route', columns: 'upstream' });
  assert.deepEqual([held.total, held.heldFrom], [49, null]);
  await pipeline.close();
  store.close();
});

it('durations of what did not fail are kept by the minute, of the fifty values with most requests', async (open) => {
  let store = open();
  const hits: Given[] = [
    { ts: T, path: '/a', upstream: 'u1', durationMs: 3, count: 4 },
    { ts: T + 59 * S, path: '/a', upstream: 'u1', durationMs: 59_000 },
    { ts: T + 60 * S, path: '/a', durationMs: 1e7, count: 2 },
    { ts: T, code: 504, path: '/a', upstream: 'u1', durationMs: 60_000 },
  ];
  await counted(store, hits.slice(0, 1));
  store.close();
  store = open();
  await counted(store, hits.slice(1));
  const rows = (await store.durations.rows({ source: 'web', from: T })).map(({ id, second, counts }) => ({
    of: store.dictionary.textOf(id),
    second: second - T / S,
    counts: Object.fromEntries(DURATION_BOUNDS.map((bound, i) => [bound, counts[i]]).filter(([, count]) => count > 0)),
  }));
  assert.deepEqual(rows, [
    { of: 'u1', second: 0, counts: { 0.005: 4, 60: 1 } },
    { of: '/a', second: 0, counts: { 0.005: 4, 60: 1 } },
    { of: '/a', second: 60, counts: { Infinity: 2 } },
  ]);
  await counted(
    store,
    Array.from({ length: 300 }, (_, i) => ({ ts: T, host: `h${i}`, durationMs: 10 })),
    'many',
  );
  const many = await store.durations.rows({ source: 'many', from: T });
  assert.ok(many.length <= 51, `${many.length}`);
  assert.equal(
    many.reduce((sum, { counts }) => sum + counts[1], 0),
    300,
  );
  store.close();
});

it('all requests by place are read back by the minute', async (open) => {
  const store = open();
  await counted(store, HITS);
  const rows = await store.counts.places({ source: 'web', from: T + 61 * S });
  assert.deepEqual(
    rows.map(({ id, second, code, count }) => [store.dictionary.textOf(id), second - T / S, code, count]).sort(),
    [
      ['/a', 60, 200, 100],
      ['/a', 60, 404, 50],
      ['/a', 60, 499, 3],
      ['u1', 60, 200, 100],
      ['u2', 60, 499, 3],
    ],
  );
  store.close();
});
