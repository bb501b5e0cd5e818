// Ranks the values of a dimension: among the hits asked for, among all traffic, and in the period before.
import type { Breakdown } from '#shared/api.ts';
import type { StatusClass } from '#shared/status.ts';
import { dimensionIndex, idIn } from '../../core/count/value-id.ts';
import type { BreakdownQuery, ValueRow } from '../store.ts';
import type { RangePlan } from './range-plan.ts';
import type { Database, Statement } from './database.ts';
import type { SqliteDictionary } from './dictionary.ts';
import { VALUE_TIERS } from './tiers.ts';

const ROWS_WANTED = 100;

/** A period, with its hits by code. */
type Period = RangePlan & { counts: ReadonlyMap<number, number> };

interface Sums {
  /** Hits asked for. */
  match: number;
  /** Hits of any code. */
  all: number;
}

/** Codes from `low` to `high`, or all others when `inside` is 0. */
interface Codes {
  low: number;
  high: number;
  inside: 0 | 1;
}

export class Breakdowns {
  readonly #dictionary: SqliteDictionary;
  readonly #sums: Statement<
    [{ family: number; from: number; to: number } & Codes],
    [number: number, all: number, match: number]
  >[];
  readonly #minutes: Statement<[number, number, number], [number: number, bucket: number, code: number, count: number]>;

  constructor(db: Database, dictionary: SqliteDictionary) {
    this.#dictionary = dictionary;
    this.#sums = VALUE_TIERS.map(({ table }) =>
      db
        .prepare<[{ family: number; from: number; to: number } & Codes], [number, number, number]>(
          `SELECT number, sum(count), sum(count * ((code BETWEEN :low AND :high) = :inside)) FROM ${table}
       WHERE family = :family AND bucket >= :from AND bucket < :to GROUP BY number`,
        )
        .raw(),
    );
    this.#minutes = db
      .prepare<[number, number, number], [number, number, number, number]>(
        `SELECT number, bucket, code, count FROM ${VALUE_TIERS[0].table} WHERE family = ? AND bucket >= ? AND bucket < ?`,
      )
      .raw();
  }

  /** Of the minutes that begin in [from, to) (s). */
  minutes(family: number, from: number, to: number): ValueRow[] {
    return this.#minutes
      .all(family, from, to)
      .map(([number, second, code, count]) => ({ id: idIn(family, number), second, code, count }));
  }

  rank(
    query: BreakdownQuery,
    sources: readonly number[],
    now: Period,
    before: Period,
  ): Omit<Breakdown, 'from' | 'to' | 'sampled'> {
    const codes = codesOf(query);
    const here = this.#values(query, sources, now, codes),
      past = this.#values(query, sources, before, codes);
    const hits = sumsOf(now.counts, codes),
      pastHits = sumsOf(before.counts, codes);
    const rows = [...here]
      .filter(([, sums]) => sums.match > 0)
      .sort((a, b) => b[1].match - a[1].match || (a[0] < b[0] ? -1 : 1))
      .slice(0, query.limit ?? ROWS_WANTED)
      .map(([value, sums]) => {
        const was = past.get(value)?.match ?? 0;
        return {
          value,
          count: sums.match,
          share: sums.match / hits.match,
          trafficShare: sums.all / hits.all,
          baselineShare: pastHits.match === 0 ? null : was / pastHits.match,
          before: was,
        };
      });
    return {
      dimension: query.dimension,
      total: hits.match,
      rows,
      other: hits.match - rows.reduce((sum, row) => sum + row.count, 0),
    };
  }

  #values(query: BreakdownQuery, sources: readonly number[], period: Period, codes: Codes): Map<string, Sums> {
    const values = new Map<string, Sums>();
    for (const source of sources) {
      const family = (source << 3) | dimensionIndex(query.dimension);
      const numbers = new Map<number, Sums>();
      for (const { tier, from, to } of period.stretches) {
        for (const [number, all, match] of this.#sums[tier].all({ family, from, to, ...codes }))
          add(numbers, number, { all, match });
      }
      for (const [number, sums] of numbers) {
        const text = this.#dictionary.textOf(idIn(family, number));
        if (text !== undefined) add(values, text, sums);
      }
    }
    return values;
  }
}

function add<K>(to: Map<K, Sums>, key: K, sums: Sums): void {
  const known = to.get(key);
  if (known === undefined) to.set(key, { ...sums });
  else {
    known.all += sums.all;
    known.match += sums.match;
  }
}

function codesOf(query: { code?: number; class?: StatusClass }): Codes {
  if (query.code !== undefined) return { low: query.code, high: query.code, inside: 1 };
  if (query.class === undefined) return { low: 0, high: 999, inside: 1 };
  if (query.class === 'other') return { low: 100, high: 599, inside: 0 };
  const low = Number(query.class[0]) * 100;
  return { low, high: low + 99, inside: 1 };
}

function sumsOf(counts: ReadonlyMap<number, number>, { low, high, inside }: Codes): Sums {
  const sums = { match: 0, all: 0 };
  for (const [code, count] of counts) {
    sums.all += count;
    if ((code >= low && code <= high) === (inside === 1)) sums.match += count;
  }
  return sums;
}
