// The conservation law, read straight from the tables.
import { addHistogram, BUCKETS } from '../../server/core/count/histogram.ts';
import type { SqliteStore } from '../../server/store/sqlite/index.ts';

/** Σ of every tier (with what retention took), of the rows over all sources, and of what the sources' tallies accepted. */
export function sums(store: SqliteStore): {
  tier10s: number;
  tier1m: number;
  tier1h: number;
  all10s: number;
  all1m: number;
  all1h: number;
  accepted: number;
} {
  const one = (sql: string): number => store.db.prepare<[], number | null>(sql).pluck().get() ?? 0;
  const tier = (name: string): number =>
    one(`SELECT sum(count) FROM counts_${name} WHERE source > 0`) +
    one(`SELECT sum(count) FROM expired WHERE tier = 'counts${name}'`);
  const all = (name: string): number =>
    one(`SELECT sum(count) FROM counts_${name} WHERE source = 0`) +
    one(`SELECT sum(count) FROM expired WHERE tier = 'counts${name}'`);
  return {
    tier10s: tier('10s'),
    tier1m: tier('1m'),
    tier1h: tier('1h'),
    all10s: all('10s'),
    all1m: all('1m'),
    all1h: all('1h'),
    accepted: one('SELECT sum(accepted) FROM source'),
  };
}

/** What `sums` must be when `n` hits were accepted. */
export const allOf = (n: number) => ({ tier10s: n, tier1m: n, tier1h: n, all10s: n, all1m: n, all1h: n, accepted: n });

/** Σ of a dimension's rows at both resolutions, `other` included. */
export function valueSums(store: SqliteStore, dimension: number): [number, number] {
  const one = (table: string): number =>
    store.db
      .prepare<[number], number | null>(`SELECT sum(count) FROM ${table} WHERE (family & 7) = ?`)
      .pluck()
      .get(dimension) ?? 0;
  return [one('values_1m'), one('values_1h')];
}

const FAILING_CODES = 'code BETWEEN 500 AND 599 OR code IN (0, 9, 460, 499)';

/** Rows of either tier whose sum by source, bucket and code is not what of that count failed: none, by the law. */
export function unlawfulFailures(store: SqliteStore): unknown[] {
  return ['10s', '1m'].flatMap((tier) =>
    store.db
      .prepare(
        `SELECT '${tier}' AS tier, source, bucket, code, sum(counted) AS counted, sum(failed) AS failed FROM (
           SELECT source, bucket, code, count AS counted, 0 AS failed FROM counts_${tier} WHERE source > 0 AND (${FAILING_CODES})
           UNION ALL SELECT source, bucket, code, 0, count FROM failures_${tier} WHERE ${FAILING_CODES})
         GROUP BY source, bucket, code HAVING sum(counted) <> sum(failed)`,
      )
      .all(),
  );
}

/** Σ of durations by dimension. */
export function durationSum(store: SqliteStore, dimension: number): number {
  let sum = 0;
  for (const histogram of store.db
    .prepare<[number], Buffer>('SELECT histogram FROM durations_1m WHERE (family & 7) = ?')
    .pluck()
    .iterate(dimension)) {
    const counts = new Float64Array(BUCKETS);
    addHistogram(counts, histogram);
    sum += counts.reduce((a, b) => a + b);
  }
  return sum;
}
