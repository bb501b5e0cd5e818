// What every store must answer from its counts, whichever engine is behind it.
import assert from 'node:assert/strict';
import { batchOf, pipelineOver } from '../support.ts';
import { DAY, HOUR, MIN, S, T, it } from './engines.ts';

it('sums any range exactly: hours inside, minutes and tens of seconds at its edges', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  const times = Array.from({ length: 500 }, (_, i) => T + ((i * 7919 * S) % (5 * HOUR)));
  await pipeline.submit(
    batchOf(
      pipeline,
      'web',
      times.map((ts) => ({ ts })),
    ),
  );
  for (const [from, to] of [
    [0, 5 * HOUR],
    [10 * S, 20 * S],
    [50 * S, 70 * S],
    [59 * MIN + 50 * S, HOUR + 10 * S],
    [130 * S, 3 * HOUR + 7 * MIN + 30 * S],
    [HOUR, 2 * HOUR],
    [HOUR, HOUR],
  ]) {
    const totals = await store.counts.totals({ from: T + from, to: T + to, source: 'web' });
    assert.deepEqual([totals.from, totals.to], [T + from, T + to]);
    assert.equal(totals.totals[0]?.count ?? 0, times.filter((ts) => ts >= T + from && ts < T + to).length);
  }
  await pipeline.close();
  store.close();
});

it('bounds between buckets are widened, and told', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  await pipeline.submit(batchOf(pipeline, 'web', [{ ts: T + 12 * S }]));
  const { from, to, totals } = await store.counts.totals({ from: T + 13 * S, to: T + 14 * S });
  assert.deepEqual([from, to, totals[0].count], [T + 10 * S, T + 20 * S, 1]);
  await pipeline.close();
  store.close();
});

it('a series by class, code, source or cause has a bucket for every step', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  await pipeline.submit(
    batchOf(pipeline, 'a', [
      { ts: T, code: 200 },
      { ts: T + 61 * S, code: 502 },
      { ts: T + 61 * S, code: 0 },
    ]),
  );
  await pipeline.submit(batchOf(pipeline, 'b', [{ ts: T + 170 * S, code: 502 }]));
  const series = async (by: 'class' | 'code' | 'source' | 'cause', more = {}) => {
    const s = await store.counts.series({ from: T, to: T + 3 * MIN, step: MIN, by, ...more });
    assert.deepEqual([s.from, s.to, s.step, s.by], [T, T + 3 * MIN, MIN, by]);
    return Object.fromEntries(s.series.map(({ key: name, counts }) => [name, counts]));
  };
  assert.deepEqual(await series('class'), { '2xx': [1, 0, 0], '5xx': [0, 1, 1], other: [0, 1, 0] });
  assert.deepEqual(await series('code'), { 0: [0, 1, 0], 200: [1, 0, 0], 502: [0, 1, 1] });
  assert.deepEqual(await series('code', { code: 502, source: 'b' }), { 502: [0, 0, 1] });
  assert.deepEqual(await series('source'), { a: [1, 2, 0], b: [0, 0, 1] });
  assert.deepEqual(await series('cause'), { upstream_connection_refused: [0, 1, 1] });
  await pipeline.close();
  store.close();
});

it('a step that was asked for is kept to up to 10,000 buckets, a longer one where many sources make too many', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  for (let i = 0; i < 300; i++) await pipeline.submit(batchOf(pipeline, `s${i}`, [{ ts: T }]));
  const day = await store.counts.series({ from: T - DAY + 10 * S, to: T + 10 * S, step: 10 * S, by: 'code' });
  assert.deepEqual([day.step, day.series[0].counts.length, day.series[0].counts.at(-1)], [10 * S, 8640, 300]);
  const long = await store.counts.series({ from: T - 400 * DAY, to: T + 10 * S, step: 60 * MIN, by: 'source' });
  const cells = long.series.reduce((sum, { counts }) => sum + counts.length, 0);
  assert.ok(cells > 500_000 && cells <= 2_000_000, `${cells}`);
  assert.ok(long.series.every(({ counts }) => counts.at(-1) === 1));
  await pipeline.close();
  store.close();
});

it('without a step, a series has about 600 buckets at most, however long', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  await pipeline.submit(batchOf(pipeline, 'a', [{ ts: T - 300 * DAY }, { ts: T }]));
  for (const from of [T - 15 * MIN, T - DAY, T - 30 * DAY, undefined]) {
    const { series, step } = await store.counts.series({ from, to: T + 1, by: 'code' });
    assert.ok(series[0].counts.length <= 601, `${series[0].counts.length} of ${step}`);
    assert.equal(
      series[0].counts.reduce((sum, n) => sum + n, 0),
      from === undefined ? 2 : 1,
    );
  }
  await pipeline.close();
  store.close();
});

it('a breakdown ranks values with their share of these hits, of all traffic, and of the period before', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  const hits = (ts: number, n: number, code: number, upstream: string | undefined) =>
    Array.from({ length: n }, () => ({ ts, code, upstream }));
  await pipeline.submit(
    batchOf(pipeline, 'a', [
      ...hits(T, 6, 502, 'x'),
      ...hits(T, 2, 502, 'y'),
      ...hits(T, 2, 502, undefined),
      ...hits(T, 10, 200, 'y'),
      ...hits(T - HOUR, 1, 502, 'x'),
      ...hits(T - HOUR, 3, 502, 'y'),
    ]),
  );
  await pipeline.submit(batchOf(pipeline, 'b', hits(T, 2, 502, 'x')));
  const of = (more = {}) =>
    store.counts.breakdown({ from: T, to: T + HOUR, dimension: 'upstream', class: '5xx', ...more });
  const all = await of();
  assert.deepEqual([all.total, all.other], [12, 2]);
  assert.deepEqual(all.rows, [
    { value: 'x', count: 8, share: 8 / 12, trafficShare: 8 / 22, baselineShare: 0.25, before: 1 },
    { value: 'y', count: 2, share: 2 / 12, trafficShare: 12 / 22, baselineShare: 0.75, before: 3 },
  ]);
  assert.deepEqual(
    (await of({ source: 'b' })).rows.map((row) => [row.value, row.count, row.baselineShare]),
    [['x', 2, null]],
  );
  assert.deepEqual(
    (await of({ class: undefined, code: 200 })).rows.map((row) => [row.value, row.count]),
    [['y', 10]],
  );
  await pipeline.close();
  store.close();
});

it('codes come with their share, their trend and their count before', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  await pipeline.submit(
    batchOf(pipeline, 'a', [
      { ts: T, code: 200, count: 3 },
      { ts: T + 59 * MIN, code: 502 },
      { ts: T - 1, code: 504, count: 7 },
    ]),
  );
  const { total, codes } = await store.counts.codes({ from: T, to: T + HOUR });
  assert.equal(total, 4);
  assert.deepEqual(
    codes.map(({ trend, ...c }) => ({ ...c, trend: trend.reduce((sum, n) => sum + n, 0) })),
    [
      { code: 200, count: 3, before: 0, share: 0.75, trend: 3 },
      { code: 502, count: 1, before: 0, share: 0.25, trend: 1 },
      { code: 504, count: 0, before: 7, share: 0, trend: 0 },
    ],
  );
  assert.ok(codes[0].trend.length >= 15 && codes[0].trend.length <= 31);
  await pipeline.close();
  store.close();
});

it('what no one has ever sent is empty, not an error', async (open) => {
  const store = open();
  for (const source of [undefined, 'nobody']) {
    assert.deepEqual((await store.counts.totals({ source })).totals, []);
    assert.deepEqual((await store.counts.series({ source, by: 'class', from: T, to: T + HOUR })).series, []);
    assert.equal((await store.counts.breakdown({ source, dimension: 'route' })).total, 0);
    assert.deepEqual((await store.counts.codes({ source })).codes, []);
  }
  store.close();
});

it("retention counts back from each source's newest event, and sums over all time stay exact", async (open) => {
  const store = open({
    counts10s: DAY / S,
    counts1m: (10 * DAY) / S,
    counts1h: (20 * DAY) / S,
    values1m: DAY / S,
    values1h: (20 * DAY) / S,
  });
  const pipeline = pipelineOver(store);
  const old = Date.UTC(2015, 4, 17);
  const hits = (end: number) => Array.from({ length: 60 }, (_, day) => ({ ts: end - day * DAY, path: '/a' }));
  await pipeline.submit(batchOf(pipeline, 'live', hits(T)));
  await pipeline.submit(batchOf(pipeline, 'posted', hits(old)));
  await store.fold();
  let steps = 0;
  while (await store.sweep(T)) assert.ok(steps++ < 10_000);
  const count = async (query: object) => (await store.counts.totals({ source: 'posted', ...query })).totals[0]?.count;
  assert.equal(await count({}), 60);
  assert.equal(await count({ from: old - 15 * DAY }), 16);
  assert.equal(await count({ from: old - 40 * DAY }), 21);
  const fine = await store.counts.series({
    source: 'posted',
    by: 'code',
    from: old - 12 * HOUR,
    to: old + MIN,
    step: 10 * S,
  });
  assert.equal(
    fine.series[0].counts.reduce((sum, n) => sum + n, 0),
    1,
  );
  const coarse = await store.counts.totals({
    source: 'posted',
    from: old - 5 * DAY + 10 * S,
    to: old - 5 * DAY + 20 * S,
  });
  assert.deepEqual([coarse.from, coarse.to], [old - 5 * DAY, old - 5 * DAY + MIN]);
  await pipeline.close();
  store.close();
});

it('time in which nobody was there to receive is a gap, quiet time is not', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  await store.sweep(T);
  await pipeline.submit(batchOf(pipeline, 'a', [{ ts: T }]));
  await store.sweep(T + 10 * MIN);
  await pipeline.close();
  store.close();
  const again = open();
  await again.sweep(T + 20 * MIN);
  const { gaps } = await again.counts.series({ from: T - 5 * MIN, to: T + 21 * MIN, step: MIN, by: 'class' });
  assert.deepEqual(gaps, [
    { from: T - 5 * MIN, to: T },
    { from: T + 11 * MIN, to: T + 20 * MIN },
  ]);
  again.close();
});
