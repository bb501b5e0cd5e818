// How many rows of failures a minute may have: so many of one source, and so many of all. What is in excess is counted as `other`, so
// that a flood of distinct failures costs neither space nor time. What a minute has is known exactly, from the table when need be.
import { RowCounter } from '../../core/count/row-counter.ts';
import type { Database, Statement } from './database.ts';
import type { Tier } from './tiers.ts';

/** Rows of a minute, those of `other` included. */
export const SOURCE_ROWS_MAX = 2000,
  ALL_ROWS_MAX = 20_000;
/** Rows held in memory: those of the minutes that are being written, and of some before. */
const ROWS_HELD = 60_000,
  MINUTES_HELD = 5000;
/** So many minutes before the newest, what all sources have is counted in the table; of older ones, which come with a backfill, only what was written since. */
const RECENT_MINUTES = 5;

/** bucket, code, cause, upstream, route, host */
const WIDTH = 6;
export type FailureKey = [bucket: number, code: number, cause: number, upstream: number, route: number, host: number];

/** A source's number is less than this (core/count/value-id.ts). */
const SOURCES = 2 ** 22;

/** Rows of one source and minute. */
interface Group {
  minute: number;
  rows: RowCounter;
  /** (bucket, code), each of which has or may need a row of `other`. */
  others: Set<number>;
}

const seats = ({ rows, others }: Group): number => rows.size + others.size;

export class FailureCaps {
  readonly #load: Statement<[number, number, number], FailureKey>;
  readonly #count: Statement<[number, number], number>;
  /** By minute and source; used longest ago first. */
  readonly #groups = new Map<number, Group>();
  #held = 0;
  /** Rows of all sources, by minute. */
  readonly #minutes = new Map<number, number>();
  #newest = 0;

  constructor(db: Database, { table }: Tier) {
    const where = 'bucket >= ? AND bucket < ?';
    this.#load = db
      .prepare<[number, number, number], FailureKey>(
        `SELECT bucket, code, cause, upstream, route, host FROM ${table} WHERE source = ? AND ${where}`,
      )
      .raw();
    this.#count = db
      .prepare<[number, number], number>(
        `SELECT count(*) FROM source CROSS JOIN ${table} AS row ON row.source = source.id AND ${where}`,
      )
      .pluck();
  }

  /** Has this row a place of its own? Ask for those with most failures first: a row that gets a place keeps it. */
  admits(source: number, key: FailureKey): boolean {
    const minute = Math.floor(key[0] / 60);
    const group = this.#group(source, minute);
    const before = seats(group);
    group.others.add(key[0] * 1024 + key[1]);
    group.rows.row.set(key);
    if (group.rows.find() === -1) {
      const all = this.#minutes.get(minute)! + seats(group) - before;
      if (isOther(key)) return this.#settle(group, before, true);
      if (seats(group) >= SOURCE_ROWS_MAX || all >= ALL_ROWS_MAX) return this.#settle(group, before, false);
      group.rows.entry();
    }
    return this.#settle(group, before, true);
  }

  #settle(group: Group, before: number, admitted: boolean): boolean {
    const more = seats(group) - before;
    this.#held += more;
    this.#minutes.set(group.minute, this.#minutes.get(group.minute)! + more);
    return admitted;
  }

  /** Call it between two folds. */
  forget(): void {
    for (const [key, group] of this.#groups) {
      if (this.#held <= ROWS_HELD) break;
      this.#groups.delete(key);
      this.#held -= seats(group);
    }
    for (const minute of this.#minutes.keys()) {
      if (this.#minutes.size <= MINUTES_HELD) break;
      this.#minutes.delete(minute);
    }
  }

  #group(source: number, minute: number): Group {
    const key = minute * SOURCES + source;
    let group = this.#groups.get(key);
    if (group !== undefined) {
      this.#groups.delete(key);
      this.#groups.set(key, group);
      if (!this.#minutes.has(minute)) this.#minutes.set(minute, seats(group));
      return group;
    }
    this.#newest = Math.max(this.#newest, minute);
    if (!this.#minutes.has(minute))
      this.#minutes.set(
        minute,
        minute > this.#newest - RECENT_MINUTES ? this.#count.get(minute * 60, minute * 60 + 60)! : 0,
      );
    group = { minute, rows: new RowCounter(WIDTH), others: new Set() };
    for (const row of this.#load.iterate(source, minute * 60, minute * 60 + 60)) {
      group.others.add(row[0] * 1024 + row[1]);
      if (isOther(row)) continue;
      group.rows.row.set(row);
      group.rows.entry();
    }
    this.#held += seats(group);
    this.#groups.set(key, group);
    return group;
  }
}

const isOther = ([, , cause, upstream, route, host]: FailureKey): boolean => (cause | upstream | route | host) === 0;
