// Takes away what is older than its tier keeps, counted back from each source's newest event that is not still to come, a stretch of
// time a step so that no step holds up a commit. What goes is added to `expired`: sums over all time stay exact.
import { Failure } from '../../errors.ts';
import { StoreBroken, type Retention } from '../store.ts';
import { transaction, type Database, type Statement } from './database.ts';
import type { SqliteRetentionMarks } from './retention-marks.ts';
import { ALL } from './rollups.ts';
import { COUNT_TIERS, VALUE_TIERS, type Tier } from './tiers.ts';

/** Buckets a step: with a dozen codes, some thousand rows. */
const STEP_BUCKETS = 360;
/** Bounds fall on whole hours, so that what is left of a tier always begins with a bucket of the coarser ones. */
const HOUR = 3600;
/** An event this far beyond all others of its source may be a mistake; a day of events after it is none. s */
const FAR = 7 * 86_400,
  CONFIRMED = 86_400;

type Step = (source: number, from: number, to: number) => void;
interface Sweep {
  tier: Tier;
  oldest: Statement<[number], number | null>;
  /** What `oldest` is asked with. */
  keys(source: number): number[];
  step: Step;
}

export class SqliteRetention {
  readonly #db: Database;
  readonly #retentionMarks: SqliteRetentionMarks;
  readonly #keep: Retention;
  readonly #sweeps: Sweep[];
  /** Hours that hold something, up to one, the newest first. */
  readonly #hours: Statement<[number, number], number>;
  readonly #newest: Statement<[], { id: number; newest: number }>;

  constructor(db: Database, retentionMarks: SqliteRetentionMarks, keep: Retention) {
    this.#db = db;
    this.#retentionMarks = retentionMarks;
    this.#keep = keep;
    this.#hours = db
      .prepare<[number, number], number>(
        'SELECT DISTINCT bucket FROM counts_1h WHERE source = ? AND bucket <= ? ORDER BY bucket DESC',
      )
      .pluck();
    this.#newest = db.prepare<[], { id: number; newest: number }>(
      'SELECT id, last_event AS newest FROM source WHERE last_event IS NOT NULL',
    );
    this.#sweeps = [
      ...COUNT_TIERS.map((tier) => countSweep(db, tier)),
      ...VALUE_TIERS.map((tier) => valueSweep(db, tier)),
    ];
  }

  /** One step, of the first source that has something to go. True when there is more to take; `now` (ms) is the settled time. What one throws keeps no other from its step. */
  sweep(now: number): boolean {
    const failures: unknown[] = [];
    for (const { id, newest } of this.#newest.all()) {
      try {
        if (!this.#sweepSource(id, newest, now / 1000)) continue;
        if (failures.length > 0) break;
        return true;
      } catch (error) {
        if (error instanceof StoreBroken || error instanceof Failure) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return false;
  }

  #sweepSource(id: number, newest: number, now: number): boolean {
    let last: number | undefined;
    for (const { tier, oldest, keys, step } of this.#sweeps) {
      const untilOf = (event: number): number => Math.floor((event - this.#keep[tier.keep]) / HOUR) * HOUR;
      const from = keys(id).reduce((min, key) => Math.min(min, oldest.get(key) ?? Infinity), Infinity);
      if (from >= untilOf(newest)) continue;
      const until = untilOf((last ??= this.#lastUsual(id, Math.min(newest, now))));
      if (from >= until) continue;
      const to = Math.min(until, Math.ceil((from + STEP_BUCKETS * tier.seconds) / HOUR) * HOUR);
      const horizon = Math.max(to, this.#retentionMarks.of(tier, id));
      transaction(this.#db, () => {
        step(id, from, to);
        this.#retentionMarks.write(tier, id, horizon);
      });
      this.#retentionMarks.moved(tier, id, horizon);
      return true;
    }
    return false;
  }

  /** The newest event up to `now` that is not far from all before it, or has been followed by others for a day. */
  #lastUsual(id: number, now: number): number {
    let newest: number | undefined,
      after = Infinity;
    for (const bucket of this.#hours.iterate(id, now)) {
      if (newest !== undefined && after - bucket > FAR) return bucket + HOUR - 1;
      newest ??= bucket;
      after = bucket;
      if (newest - bucket >= CONFIRMED) break;
    }
    return Math.min(now, (newest ?? now) + HOUR - 1);
  }
}

function countSweep(db: Database, { table, ...tier }: Tier): Sweep {
  const gone = `SELECT bucket, code, count FROM ${table} WHERE source = :source AND bucket >= :from AND bucket < :to`;
  const keep = db.prepare(`INSERT INTO expired (tier, source, code, count)
    SELECT '${tier.keep}', :source, code, sum(count) FROM (${gone}) WHERE true GROUP BY code ON CONFLICT DO UPDATE SET count = count + excluded.count`);
  const subtract = db.prepare(`UPDATE ${table} AS total SET count = total.count - gone.count FROM (${gone}) AS gone
    WHERE total.source = ${ALL} AND total.bucket = gone.bucket AND total.code = gone.code`);
  const drop = db.prepare(`DELETE FROM ${table} WHERE source = :source AND bucket >= :from AND bucket < :to`);
  const dropEmpty = db.prepare(
    `DELETE FROM ${table} WHERE source = ${ALL} AND bucket >= :from AND bucket < :to AND count = 0`,
  );
  return {
    tier: { table, ...tier },
    oldest: db.prepare<[number], number | null>(`SELECT min(bucket) FROM ${table} WHERE source = ?`).pluck(),
    keys: (source) => [source],
    step: (source, from, to) => {
      for (const statement of [keep, subtract, drop]) statement.run({ source, from, to });
      dropEmpty.run({ from, to });
    },
  };
}

function valueSweep(db: Database, tier: Tier): Sweep {
  const drop = db.prepare(`DELETE FROM ${tier.table} WHERE family = ? AND bucket >= ? AND bucket < ?`);
  const families = (source: number): number[] => [0, 1, 2, 3, 4, 5, 6, 7].map((dimension) => (source << 3) | dimension);
  return {
    tier,
    oldest: db.prepare<[number], number | null>(`SELECT min(bucket) FROM ${tier.table} WHERE family = ?`).pluck(),
    keys: families,
    step: (source, from, to) => {
      for (const family of families(source)) drop.run(family, from, to);
    },
  };
}
