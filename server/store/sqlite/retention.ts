// Takes away what is older than its tier keeps, counted back from each source's newest event that is not still to come, in small
// steps so that none holds up a commit. What goes is added to `expired`: sums over all time stay exact.
import { Failure } from '../../errors.ts';
import { StoreBroken, type Retention } from '../store.ts';
import { transaction, type Database, type Statement } from './database.ts';
import { DURATION_DIMENSIONS } from './durations.ts';
import type { SqliteRetentionMarks } from './retention-marks.ts';
import { ALL } from './rollups.ts';
import { COUNT_TIERS, DURATION_TIER, FAILURE_TIERS, VALUE_TIERS, type Tier } from './tiers.ts';

/** Buckets a step: with a dozen codes, some thousand rows. */
const STEP_BUCKETS = 360;
/** Of a table that may have any number of rows a bucket, so many a step. */
const STEP_ROWS = 5000;
/** Steps at once, each of which is a transaction, until so many rows have gone. */
const STEPS_AT_ONCE = 10;
/** Bounds fall on whole hours, so that what is left of a tier always begins with a bucket of the coarser ones. */
const HOUR = 3600;
/** An event this far beyond all others of its source may be a mistake; a day of events after it is none. s */
const FAR = 7 * 86_400,
  CONFIRMED = 86_400;

const ALL_DIMENSIONS = [0, 1, 2, 3, 4, 5, 6, 7];

/** Returns how many rows have gone. */
type Step = (source: number, from: number, to: number) => number;
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
      ...VALUE_TIERS.map((tier) => valueSweep(db, tier, ALL_DIMENSIONS)),
      ...FAILURE_TIERS.map((tier) => failureSweep(db, tier)),
      valueSweep(db, DURATION_TIER, DURATION_DIMENSIONS),
    ];
  }

  /**
   * One step of each source that has something to go, until enough rows have gone. True when there is more to take; `now` (ms) is the
   * settled time. What one throws keeps no other from its step.
   */
  sweep(now: number): boolean {
    const failures: unknown[] = [];
    let rows = 0,
      steps = 0;
    for (const { id, newest } of this.#newest.all()) {
      if (rows >= STEP_ROWS || steps >= STEPS_AT_ONCE) break;
      try {
        const gone = this.#sweepSource(id, newest, now / 1000);
        if (gone === undefined) continue;
        steps++;
        rows += gone;
      } catch (error) {
        if (error instanceof StoreBroken || error instanceof Failure) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return steps > 0;
  }

  /** The rows that have gone in a step of the first tier that has something to go. */
  #sweepSource(id: number, newest: number, now: number): number | undefined {
    let last: number | undefined;
    for (const { tier, oldest, keys, step } of this.#sweeps) {
      const untilOf = (event: number): number => Math.floor((event - this.#keep[tier.keep]) / HOUR) * HOUR;
      const from = keys(id).reduce((min, key) => Math.min(min, oldest.get(key) ?? Infinity), Infinity);
      if (from >= untilOf(newest)) continue;
      const until = untilOf((last ??= this.#lastUsual(id, Math.min(newest, now))));
      if (from >= until) continue;
      const to = Math.min(until, Math.ceil((from + STEP_BUCKETS * tier.seconds) / HOUR) * HOUR);
      const horizon = Math.max(to, this.#retentionMarks.of(tier, id));
      const gone = transaction(this.#db, () => {
        this.#retentionMarks.write(tier, id, horizon);
        return step(id, from, to);
      });
      this.#retentionMarks.moved(tier, id, horizon);
      return gone;
    }
    return undefined;
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
      for (const statement of [keep, subtract]) statement.run({ source, from, to });
      const { changes } = drop.run({ source, from, to });
      dropEmpty.run({ from, to });
      return changes;
    },
  };
}

function valueSweep(db: Database, tier: Tier, dimensions: readonly number[]): Sweep {
  const drop = db.prepare(`DELETE FROM ${tier.table} WHERE family = ? AND bucket >= ? AND bucket < ?`);
  const families = (source: number): number[] => dimensions.map((dimension) => (source << 3) | dimension);
  return {
    tier,
    oldest: db.prepare<[number], number | null>(`SELECT min(bucket) FROM ${tier.table} WHERE family = ?`).pluck(),
    keys: families,
    step: (source, from, to) =>
      families(source).reduce((changes, family) => changes + drop.run(family, from, to).changes, 0),
  };
}

/** A flood leaves two thousand rows a minute: they go row by row, after the mark that says so of their whole hours. */
function failureSweep(db: Database, tier: Tier): Sweep {
  const key = '(source, bucket, code, cause, upstream, route, host)';
  const drop = db.prepare(`DELETE FROM ${tier.table} WHERE ${key} IN
    (SELECT ${key.slice(1, -1)} FROM ${tier.table} WHERE source = ? AND bucket >= ? AND bucket < ? LIMIT ${STEP_ROWS})`);
  return {
    tier,
    oldest: db.prepare<[number], number | null>(`SELECT min(bucket) FROM ${tier.table} WHERE source = ?`).pluck(),
    keys: (source) => [source],
    step: (source, from, to) => drop.run(source, from, to).changes,
  };
}
