import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { batchOf, folderFor, pipelineOver, type HitFields } from './support.ts';
import { allOf, durationSum, sums, unlawfulFailures, valueSums } from './sums.ts';

type Given = HitFields & { ts: number };
const anyHit: fc.Arbitrary<Given> = fc.record({
  ts: fc.oneof(
    fc.integer({ min: 1_600_000_000_000, max: 1_600_000_100_000 }),
    fc.integer({ min: 0, max: 1_700_000_000_000 }),
  ),
  code: fc.constantFrom(0, 200, 200, 404, 502, 999),
  method: fc.constantFrom('GET', 'POST', undefined),
  path: fc.constantFrom('/a', '/b/1', '/c', undefined),
  host: fc.constantFrom('h', '-', undefined),
  upstream: fc.constantFrom('u1', 'u2', undefined),
  client: fc.constantFrom('192.0.2.1', undefined),
  durationMs: fc.constantFrom(0, 700, undefined),
  count: fc.integer({ min: 1, max: 9 }),
});
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      source: fc.constantFrom('a', 'b', 'c'),
      key: fc.integer({ min: 0, max: 5 }),
      hits: fc.array(anyHit, { maxLength: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'fold' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);

const has = (text: string | undefined): boolean => text !== undefined && text !== '-';
const dimensions: ((hit: Given) => boolean)[] = [
  (hit) => hit.code === 502,
  (hit) => has(hit.upstream),
  (hit) => has(hit.path),
  (hit) => has(hit.method),
  (hit) => has(hit.host),
  (hit) => has(hit.client) && hit.code! >= 400,
  (hit) => hit.durationMs !== undefined,
];

/** Upstream, route and host. */
const PLACES = [1, 2, 4];

test('whatever comes between — duplicates, folds, retention, reopening — each tier holds what was accepted, and each dimension what had it (until it is too old)', async (t) => {
  const folder = folderFor(t);
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const path = join(folder, `${n++}.db`);
      const open = () => {
        const store = openSqlite(path, {
          retention: {
            counts10s: 50_000_000,
            counts1m: 100_000_000,
            counts1h: 200_000_000,
            values1m: 50_000_000,
            values1h: 200_000_000,
            failures10s: 50_000_000,
            failures1m: 50_000_000,
            durations1m: 50_000_000,
          },
        });
        return { store, pipeline: pipelineOver(store) };
      };
      let { store, pipeline } = open();
      const seen = new Set<string>();
      const accepted: Given[] = [];
      let received = 0;
      let waiting: Promise<unknown>[] = [];
      // Each source is on record from its first counted line on: before that, what it sent is not the store's to keep.
      for (const source of ['a', 'b', 'c']) {
        const first = { ts: 1_600_000_000_000 };
        await pipeline.submit(batchOf(pipeline, source, [first]));
        accepted.push({ ...first, code: 200, count: 1 });
        received++;
      }
      for (const s of steps) {
        if (s.do === 'batch') {
          const first = !seen.has(`${s.key}`);
          seen.add(`${s.key}`);
          if (first) accepted.push(...s.hits);
          received += s.hits.reduce((sum, hit) => sum + hit.count!, 0);
          waiting.push(
            pipeline
              .submit(batchOf(pipeline, s.source, s.hits, { identity: { scope: 'test', key: Buffer.from([s.key]) } }))
              .then((outcome) => assert.equal(outcome.committed, first)),
          );
          continue;
        }
        await Promise.all(waiting);
        waiting = [];
        if (s.do === 'fold') await store.fold();
        if (s.do === 'sweep') while (await store.sweep(1_700_000_000_000));
        if (s.do === 'reopen') {
          await pipeline.close();
          store.close();
          ({ store, pipeline } = open());
        }
      }
      await Promise.all(waiting);
      await store.fold();
      const weigh = (hits: readonly Given[]): number => hits.reduce((sum, hit) => sum + hit.count!, 0);
      assert.deepEqual(sums(store), allOf(weigh(accepted)));
      // Breakdowns go with their tier: what retention took of them is not kept as a sum.
      if (!steps.some((s) => s.do === 'sweep'))
        for (const [dimension, present] of dimensions.entries()) {
          const expected = weigh(accepted.filter(present));
          assert.deepEqual(valueSums(store, dimension), [expected, expected], `dimension ${dimension}`);
          if (!PLACES.includes(dimension)) continue;
          const answered = accepted.filter(
            (hit) => present(hit) && dimensions[6](hit) && ![0, 502].includes(hit.code!),
          );
          assert.equal(durationSum(store, dimension), weigh(answered), `durations of dimension ${dimension}`);
        }
      if (!steps.some((s) => s.do === 'sweep')) assert.deepEqual(unlawfulFailures(store), []);
      for (const source of await store.sources.list()) {
        assert.equal(source.received, source.accepted + source.rejected + source.skipped + source.duplicate);
        received -= source.received;
      }
      assert.equal(received, 0);
      const totals = await store.counts.totals({});
      assert.equal(
        totals.totals.reduce((sum, row) => sum + row.count, 0),
        weigh(accepted),
      );
      await pipeline.close();
      store.close();
    }),
    { numRuns: 40 },
  );
});

test('100,000 distinct paths: the rows stay few and every sum exact', async () => {
  const store = openSqlite(':memory:');
  const pipeline = pipelineOver(store);
  for (let at = 0; at < 100_000; at += 5000) {
    const hits = Array.from({ length: 5000 }, (_, i) => ({
      ts: 1_700_000_000_000 + at / 10,
      path: `/p${(at + i).toString(36)}q`,
      code: 404,
      client: `2001:db8::${(at + i).toString(16)}`,
    }));
    await pipeline.submit(batchOf(pipeline, 'flooded', hits));
  }
  await pipeline.close();
  assert.deepEqual(sums(store), allOf(100_000));
  assert.deepEqual(valueSums(store, 2), [100_000, 100_000]);
  assert.deepEqual(valueSums(store, 5), [100_000, 100_000]);
  const rows = store.db.prepare<[], number>('SELECT count(*) FROM values_1m').pluck().get()!;
  assert.ok(rows < 2000, `${rows} rows`);
  store.close();
});
