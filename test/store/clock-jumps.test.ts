// Retention under a clock that jumps: nothing goes that is younger than its tier keeps, by the true time.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Clock } from '../../server/clock.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { batchOf, pipelineOver } from './support.ts';

const T = 1_770_000_000_000,
  HOUR = 3_600_000,
  DAY = 24 * HOUR;
const KEEP = { counts10s: 86_400, counts1m: 2 * 86_400, counts1h: 3 * 86_400 };
const TABLES = { counts_10s: KEEP.counts10s, counts_1m: KEEP.counts1m, counts_1h: KEEP.counts1h };

/** For so many hours the clock is wrong by so many days; between two such times it is right for an hour. */
const excursion = fc.record({
  days: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: -3000, max: -1 })),
  hours: fc.integer({ min: 1, max: 22 }),
  rightFor: fc.integer({ min: 1, max: 5 }),
});

test('no sequence of jumps, each over within a day, deletes a row that is younger than its tier keeps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(excursion, { minLength: 1, maxLength: 8 }), async (excursions) => {
      const store = openSqlite(':memory:', { retention: { ...KEEP, values1m: 86_400, values1h: 3 * 86_400 } });
      try {
        const real = { now: T, elapsed: 0, error: 0 };
        const clock = new Clock({ now: () => real.now + real.error, elapsed: () => real.elapsed });
        const pipeline = pipelineOver(store);
        /** An hour: a request at each of its true half hours, and one at whatever the clock says. */
        const hour = async (): Promise<void> => {
          for (let half = 0; half < 2; half++) {
            real.now += HOUR / 2;
            real.elapsed += HOUR / 2;
            await store.commit(
              [batchOf(pipeline, 'shop', [{ ts: real.now }, { ts: real.now + real.error }])],
              real.now,
            );
            await store.fold();
            clock.tick();
            while (await store.sweep(clock.steady(), clock.settled()));
          }
        };
        for (let i = 0; i < 24 * 5; i++) await hour();
        for (const { days, hours, rightFor } of excursions) {
          real.error = days * DAY;
          for (let i = 0; i < hours; i++) await hour();
          real.error = 0;
          for (let i = 0; i < rightFor; i++) await hour();
          for (const [table, keep] of Object.entries(TABLES)) {
            const young = Math.ceil((real.now / 1000 - keep) / 3600) * 3600;
            const held = store.db
              .prepare(`SELECT count(DISTINCT bucket) FROM ${table} WHERE source > 0 AND bucket >= ? AND bucket <= ?`)
              .pluck()
              .get(young, real.now / 1000) as number;
            const wanted =
              table === 'counts_1h'
                ? Math.floor((real.now / 1000 - young) / 3600)
                : Math.floor((real.now / 1000 - young) / 1800);
            assert.ok(held >= wanted, `${table}: ${held} of ${wanted} buckets`);
          }
        }
        // The clock is right for long enough: what is old goes.
        for (let i = 0; i < 30; i++) await hour();
        for (const [table, keep] of Object.entries(TABLES)) {
          const oldest = store.db
            .prepare(`SELECT min(bucket) FROM ${table} WHERE source > 0 AND bucket >= ?`)
            .pluck()
            .get(T / 1000) as number;
          assert.ok(
            oldest >= real.now / 1000 - keep - 2 * 3600,
            `${table} still holds what is ${(real.now / 1000 - oldest) / 86_400} days old`,
          );
        }
        await pipeline.close();
      } finally {
        store.close();
      }
    }),
    { numRuns: 12 },
  );
});

test('an event far beyond all others of its source takes none of them away, until a day of events after it says that it was right', async () => {
  const store = openSqlite(':memory:', { retention: { ...KEEP, values1m: 86_400, values1h: 3 * 86_400 } });
  const pipeline = pipelineOver(store),
    old = Date.UTC(2015, 4, 17);
  const post = async (...times: number[]) => {
    await store.commit(
      [
        batchOf(
          pipeline,
          'archive',
          times.map((ts) => ({ ts, path: '/a' })),
        ),
      ],
      T,
    );
    await store.fold();
    while (await store.sweep(T));
    return store.db
      .prepare(
        'SELECT (SELECT count(*) FROM counts_10s WHERE source > 0), (SELECT count(*) FROM counts_1h WHERE source > 0), (SELECT count(*) FROM values_1m)',
      )
      .raw()
      .get() as number[];
  };
  const [fine, hours, values] = await post(...Array.from({ length: 48 }, (_, hour) => old - hour * HOUR));
  assert.ok(fine > 20 && hours === 48 && values > 20);
  const stray = await post(T - DAY);
  assert.deepEqual([stray[0] - fine, stray[1] - hours], [1, 1], 'a stray line of today');
  const ahead = await post(T + 500 * DAY, T - DAY + HOUR);
  assert.deepEqual([ahead[0] - fine, ahead[1] - hours], [3, 3], 'or of a time to come');
  const [left, leftHours] = await post(...Array.from({ length: 25 }, (_, hour) => T - hour * HOUR));
  assert.ok(left < 30 && leftHours < 30, 'a day of the present: what is old goes');
  await pipeline.close();
  store.close();
});
