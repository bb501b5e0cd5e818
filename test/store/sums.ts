// The conservation law, read straight from the tables.
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
