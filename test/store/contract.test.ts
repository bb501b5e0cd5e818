// What every store must do, whichever engine is behind it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import type { Retention, Store } from '../../server/store/store.ts';
import { batchOf, folderFor, pipelineOver, tallyOf } from './support.ts';

interface Engine {
  name: string;
  /** A new database, opened as often as asked. */
  create(t: TestContext): (retention?: Partial<Retention>) => Store;
}
const engines: Engine[] = [
  {
    name: 'sqlite',
    create: (t) => {
      const path = join(folderFor(t), 'data.db');
      return (retention) => openSqlite(path, { retention });
    },
  },
];

const T = Date.UTC(2024, 0, 31, 12, 0, 0);
const S = 1000,
  MIN = 60 * S,
  HOUR = 60 * MIN,
  DAY = 24 * HOUR;
const key = (text: string) => ({ scope: 'token /ingest', key: Buffer.from(text) });

for (const engine of engines) {
  const it = (title: string, body: (open: (retention?: Partial<Retention>) => Store) => Promise<void>) => {
    test(`${engine.name}: ${title}`, (t) => body(engine.create(t)));
  };

  it('reads see what has just been acknowledged', async (open) => {
    const store = open(),
      pipeline = pipelineOver(store);
    await pipeline.submit(batchOf(pipeline, 'web', [{ ts: T, code: 502 }]));
    assert.deepEqual((await store.counts.totals({})).totals, [{ source: 'web', code: 502, count: 1 }]);
    await pipeline.close();
    store.close();
  });

  it('a store that can write has no troubles', async (open) => {
    const store = open();
    await store.sweep(T);
    assert.deepEqual(store.troubles(T), []);
    store.close();
  });

  it('a batch sent again gets the first answer and counts nothing, in the same group, later, and after a restart', async (open) => {
    let store = open(),
      pipeline = pipelineOver(store);
    const again = () =>
      pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }, { ts: T }], { identity: key('a'), answer: 'again' }));
    const first = pipeline.submit(
      batchOf(pipeline, 'web', [{ ts: T }, { ts: T }], { identity: key('a'), answer: 'first' }),
    );
    const outcomes = [await first, await again(), ...(await Promise.all([again(), again()]))];
    await pipeline.close();
    store.close();
    store = open();
    pipeline = pipelineOver(store);
    outcomes.push(await again());
    const at = 1_700_000_000_000;
    assert.deepEqual(outcomes, [
      { committed: true },
      ...Array.from({ length: 4 }, () => ({ committed: false, duplicateOf: { answer: 'first', at } })),
    ]);
    const [web] = await store.sources.list();
    assert.deepEqual([web.received, web.accepted, web.duplicate], [10, 2, 8]);
    await pipeline.close();
    store.close();
  });

  it('keys of different scopes are different batches', async (open) => {
    const store = open(),
      pipeline = pipelineOver(store);
    for (const scope of ['a', 'b']) {
      assert.deepEqual(
        await pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }], { identity: { scope, key: Buffer.from('same') } })),
        { committed: true },
      );
    }
    await pipeline.close();
    store.close();
  });

  it('the ledger forgets a batch after 72 hours', async (open) => {
    const store = open();
    let now = T;
    const pipeline = pipelineOver(store, { now: () => now });
    const send = () => pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }], { identity: key('a') }));
    await send();
    now += 71 * HOUR;
    while (await store.sweep(now));
    assert.equal((await send()).committed, false);
    now += 2 * HOUR;
    while (await store.sweep(now));
    assert.equal((await send()).committed, true);
    await pipeline.close();
    store.close();
  });

  it('cursors move with the counts of a new batch, and not with those of a duplicate', async (open) => {
    const store = open(),
      pipeline = pipelineOver(store);
    const send = (value: string) =>
      pipeline.submit(
        batchOf(pipeline, 'web', [{ ts: T }], {
          identity: key('a'),
          cursors: [{ key: 'tail:x', value: Buffer.from(value) }],
        }),
      );
    await send('1');
    await send('2');
    assert.deepEqual(await store.cursors.list('tail:'), [{ key: 'tail:x', value: Buffer.from('1') }]);
    assert.equal((await store.cursors.get('tail:x'))?.toString(), '1');
    assert.equal(await store.cursors.get('tail:'), undefined);
    await pipeline.close();
    store.close();
  });

  it('sources keep their ids, tallies, reasons and formats over restarts', async (open) => {
    let store = open(),
      pipeline = pipelineOver(store);
    const reasons = new Map([
      ['rejected:no status code', 2],
      ['skipped:directive', 1],
    ]);
    const id = pipeline.sourceId('b');
    await pipeline.submit(batchOf(pipeline, 'a', [{ ts: T }]));
    await pipeline.submit({
      ...batchOf(pipeline, 'b', [{ ts: T + 5000 }]),
      tallies: [tallyOf(id, 1, { received: 4, rejected: 2, skipped: 1, late: 1, reasons })],
    });
    await store.sources.setFormat('b', 'combined', 1_700_000_000_000);
    await pipeline.close();
    store.close();
    store = open();
    pipeline = pipelineOver(store);
    assert.equal(pipeline.sourceId('b'), id);
    assert.equal(pipeline.sourceName(id), 'b');
    const { firstSeen, ...b } = (await store.sources.list())[0];
    assert.equal(firstSeen, 1_700_000_000_000);
    assert.deepEqual(b, {
      id,
      name: 'b',
      lastSeen: 1_700_000_000_000,
      firstEvent: T + 5000,
      lastEvent: T + 5000,
      format: 'combined',
      received: 4,
      accepted: 1,
      rejected: 2,
      skipped: 1,
      duplicate: 0,
      late: 1,
      reasons: [
        { kind: 'rejected', id: 'no status code', count: 2 },
        { kind: 'skipped', id: 'directive', count: 1 },
      ],
    });
    await pipeline.close();
    store.close();
  });

  it('a source is on record from its first counted line on, and an id of which nothing was counted is free again', async (open) => {
    let store = open(),
      pipeline = pipelineOver(store);
    const a = pipeline.sourceId('a'),
      b = pipeline.sourceId('b');
    await pipeline.submit({ ...batchOf(pipeline, 'a', []), tallies: [tallyOf(a, 0, { received: 3, rejected: 3 })] });
    await pipeline.submit(batchOf(pipeline, 'b', [{ ts: T }]));
    assert.deepEqual(
      (await store.sources.list()).map(({ name }) => name),
      ['b'],
    );
    assert.deepEqual(
      [store.sources.find('a'), store.sources.find('b'), store.sources.find('c'), store.sources.size],
      [a, b, undefined, 2],
    );
    for (const name of ['a', 'b', 'c']) pipeline.dropSource(name);
    assert.deepEqual([store.sources.find('a'), store.sources.find('b'), store.sources.size], [undefined, b, 1]);
    assert.equal(pipeline.sourceId('c'), a);
    await pipeline.submit(batchOf(pipeline, 'c', [{ ts: T, code: 404 }]));
    await store.sources.setFormat('d', 'combined', T);
    await pipeline.close();
    store.close();
    store = open();
    pipeline = pipelineOver(store);
    assert.deepEqual(
      (await store.sources.list()).map(({ name, received, format }) => [name, received, format]),
      [
        ['c', 1, null],
        ['b', 1, null],
        ['d', 0, 'combined'],
      ],
    );
    assert.deepEqual((await store.counts.totals({})).totals, [
      { source: 'c', code: 404, count: 1 },
      { source: 'b', code: 200, count: 1 },
    ]);
    await pipeline.close();
    store.close();
  });

  it('a batch whose commit fails puts no source on record', async (open) => {
    const store = open(),
      pipeline = pipelineOver(store);
    const identity = key('k'),
      cursors = [{ key: 'x', value: 'no buffer' as unknown as Buffer }];
    await assert.rejects(pipeline.submit(batchOf(pipeline, 'a', [{ ts: T }], { identity, cursors })));
    assert.deepEqual(await store.sources.list(), []);
    pipeline.dropSource('a');
    assert.equal(store.sources.find('a'), undefined);
    await pipeline.close();
    store.close();
  });

  it('reasons made up without end are kept as one', async (open) => {
    const store = open(),
      pipeline = pipelineOver(store),
      id = pipeline.sourceId('web');
    const reasons = new Map(Array.from({ length: 500 }, (_, i) => [`rejected:reason ${i}`, 1]));
    await pipeline.submit({
      ...batchOf(pipeline, 'web', []),
      tallies: [tallyOf(id, 1, { received: 501, rejected: 500, reasons })],
    });
    const [web] = await store.sources.list();
    assert.ok(web.reasons.length <= 41);
    assert.equal(
      web.reasons.reduce((sum, r) => sum + r.count, 0),
      500,
    );
    await pipeline.close();
    store.close();
  });

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

  it('annotations come back in order of time', async (open) => {
    const store = open();
    const b = await store.annotations.add({ at: T + 1, kind: 'deploy', text: 'v2', source: 'web' });
    const a = await store.annotations.add({ at: T, kind: 'note', text: 'coffee' });
    assert.deepEqual(await store.annotations.list({}), [a, b]);
    assert.deepEqual(await store.annotations.list({ from: T + 1 }), [
      { id: b.id, at: T + 1, kind: 'deploy', text: 'v2', source: 'web' },
    ]);
    store.close();
  });
}
