// Reads what failed: rows as they are, and crossed by any two of their columns.
import { setImmediate as others } from 'node:timers/promises';
import type { Crossed, Crossing } from '#shared/api.ts';
import { CAUSE, HOST, idIn, ROUTE, UPSTREAM } from '../../core/count/value-id.ts';
import type { CrossingQuery, FailureRow, FailureStore, PlaceQuery } from '../store.ts';
import { CrossCells } from './cross-cells.ts';
import type { Database, Statement } from './database.ts';
import type { SqliteDictionary } from './dictionary.ts';
import { planRange, type Stretch } from './range-plan.ts';
import type { SqliteRetentionMarks } from './retention-marks.ts';
import type { SqliteSources } from './sources.ts';
import { FAILURE_TIERS } from './tiers.ts';

const DIMENSIONS = { cause: CAUSE, upstream: UPSTREAM, route: ROUTE, host: HOST } as const;
const VALUES_WANTED = 50;
/** Rows that one question reads, the newest first: about a second's work. */
const ROWS_MAX = 1_000_000;
/** Read at once, s and rows; then others get their turn. */
const PIECE = { least: 600, first: 3600, most: 6 * 3600 },
  ROWS_AT_ONCE = { few: 2000, many: 20_000 },
  STATEMENTS_AT_ONCE = 500;

export interface FailureDeps {
  db: Database;
  sources: SqliteSources;
  dictionary: SqliteDictionary;
  retentionMarks: SqliteRetentionMarks;
  /** Makes what was committed readable. */
  fold(): Promise<void> | undefined;
}

/** null where a column does not matter. */
type Filter = Record<Crossed, number | null>;
interface Asked {
  source: number;
  filter: Filter;
  /** s; what is older is gone. */
  mark: number;
  /** s; its oldest row. */
  since: number;
}
type CrossStatement = Statement<
  [Filter & { source: number; from: number; to: number }],
  [row: number, column: number, count: number, rows: number]
>;

export class SqliteFailures implements FailureStore {
  readonly #deps: FailureDeps;
  readonly #rows: Statement<
    [number, number, number],
    [second: number, code: number, cause: number, upstream: number, route: number, host: number, count: number]
  >[];
  readonly #oldest: Statement<[number], number | null>;
  readonly #span: Statement<[], [oldest: number | null, newest: number | null]>;
  /** By tier and the two columns. */
  readonly #crossings = new Map<string, CrossStatement>();

  constructor(deps: FailureDeps) {
    const { db } = deps;
    this.#deps = deps;
    this.#rows = FAILURE_TIERS.map(({ table }) =>
      db
        .prepare<[number, number, number], [number, number, number, number, number, number, number]>(
          `SELECT bucket, code, cause, upstream, route, host, count FROM ${table} WHERE source = ? AND bucket >= ? AND bucket < ?`,
        )
        .raw(),
    );
    this.#oldest = db
      .prepare<[number], number | null>(`SELECT min(bucket) FROM ${FAILURE_TIERS[1].table} WHERE source = ?`)
      .pluck();
    this.#span = db
      .prepare<[], [number | null, number | null]>('SELECT min(first_event), max(last_event) FROM source')
      .raw();
  }

  async rows({ source, from, to = Number.MAX_SAFE_INTEGER }: PlaceQuery): Promise<FailureRow[]> {
    await this.#deps.fold();
    const id = this.#deps.sources.find(source);
    if (id === undefined) return [];
    const [fine, coarse] = FAILURE_TIERS.map((tier) => this.#deps.retentionMarks.of(tier, id));
    const since = Math.max(from / 1000, coarse),
      until = to / 1000;
    const rows: FailureRow[] = [];
    for (const [tier, first, end] of [
      [1, Math.floor(since / 60) * 60, Math.min(until, fine)],
      [0, Math.floor(Math.max(since, fine) / 10) * 10, until],
    ]) {
      const width = FAILURE_TIERS[tier].seconds;
      for (const [second, code, cause, upstream, route, host, count] of this.#rows[tier].iterate(id, first, end)) {
        rows.push({
          second,
          width,
          code,
          cause: valueIn(id, CAUSE, cause),
          upstream: valueIn(id, UPSTREAM, upstream),
          route: valueIn(id, ROUTE, route),
          host: valueIn(id, HOST, host),
          count,
        });
      }
    }
    return rows;
  }

  async crossing(query: CrossingQuery): Promise<Omit<Crossing, 'sampled'>> {
    await this.#deps.fold();
    const asked = this.#asked(query);
    const cells = new CrossCells();
    const { stretches, ...plan } = this.#plan(query, asked);
    const oldest = asked.reduce((least, { since }) => Math.min(least, since), Infinity);
    let { from } = plan,
      left = ROWS_MAX,
      since = { rows: 0, statements: 0 };
    for (const stretch of stretches.toSorted((a, b) => b.to - a.to)) {
      let length: number = PIECE.first;
      const least = Math.max(stretch.from, oldest);
      for (let to = stretch.to; to > least && left > 0;) {
        const begin = Math.max(stretch.from, Math.floor((to - length) / PIECE.least) * PIECE.least);
        const rows = this.#cross(query, asked, { ...stretch, from: begin, to }, cells);
        left -= rows;
        if (left <= 0) from = begin;
        to = begin;
        if (rows < ROWS_AT_ONCE.few) length = Math.min(PIECE.most, length * 2);
        if (rows > ROWS_AT_ONCE.many) length = Math.max(PIECE.least, length / 4);
        since = { rows: since.rows + rows, statements: since.statements + asked.length };
        if (since.rows < ROWS_AT_ONCE.many && since.statements < STATEMENTS_AT_ONCE) continue;
        await others();
        since = { rows: 0, statements: 0 };
      }
    }
    const held = asked.reduce((newest, { mark }) => Math.max(newest, mark), 0);
    return {
      from: from * 1000,
      to: plan.to * 1000,
      ...cells.told(query.limit ?? VALUES_WANTED),
      heldFrom: held > from ? held * 1000 : null,
    };
  }

  /** Adds one piece of time; returns how many rows were read. */
  #cross({ rows, columns }: CrossingQuery, asked: readonly Asked[], piece: Stretch, cells: CrossCells): number {
    const statement = this.#statement(piece.tier, rows, columns);
    let read = 0;
    for (const { source, filter, mark, since } of asked) {
      const from = Math.max(piece.from, mark, since);
      if (from >= piece.to) continue;
      for (const [row, column, count, scanned] of statement.iterate({ source, from, to: piece.to, ...filter })) {
        cells.add(this.#textOf(source, rows, row), this.#textOf(source, columns, column), count);
        read += scanned;
      }
    }
    return read;
  }

  #statement(tier: number, rows: Crossed, columns: Crossed): CrossStatement {
    const key = `${tier} ${rows} ${columns}`;
    let statement = this.#crossings.get(key);
    if (statement === undefined) {
      const filters = ['code', ...Object.keys(DIMENSIONS)].map(
        (column) => `(:${column} IS NULL OR ${column} = :${column})`,
      );
      statement = this.#deps.db
        .prepare<[Filter & { source: number; from: number; to: number }], [number, number, number, number]>(
          `SELECT ${rows}, ${columns}, sum(count), count(*) FROM ${FAILURE_TIERS[tier].table}
       WHERE source = :source AND bucket >= :from AND bucket < :to AND ${filters.join(' AND ')} GROUP BY 1, 2`,
        )
        .raw();
      this.#crossings.set(key, statement);
    }
    return statement;
  }

  #textOf(source: number, by: Crossed, value: number): string | null {
    if (by === 'code') return String(value);
    return this.#deps.dictionary.textOf(idIn((source << 3) | DIMENSIONS[by], value)) ?? null;
  }

  /** The sources that may have what is asked for. */
  #asked({ source, where = {} }: CrossingQuery): Asked[] {
    const { sources, dictionary, retentionMarks } = this.#deps;
    const scope = source === undefined ? undefined : sources.find(source);
    const ids = source === undefined ? sources.ids() : scope === undefined ? [] : [scope];
    return ids.flatMap((id) => {
      const filter: Filter = { code: where.code ?? null, cause: null, upstream: null, route: null, host: null };
      for (const [name, dimension] of Object.entries(DIMENSIONS)) {
        const text = where[name as keyof typeof DIMENSIONS];
        if (text === undefined) continue;
        const number = dictionary.find((id << 3) | dimension, text);
        if (number === undefined) return [];
        filter[name as keyof typeof DIMENSIONS] = number;
      }
      return [
        { source: id, filter, mark: retentionMarks.of(FAILURE_TIERS[1], id), since: this.#oldest.get(id) ?? Infinity },
      ];
    });
  }

  #plan({ from, to }: CrossingQuery, asked: readonly Asked[]) {
    const [oldest, newest] = this.#span.get() ?? [null, null];
    const low = from === undefined ? (oldest ?? 0) : Math.max(0, from / 1000),
      high = to === undefined ? (newest ?? 0) + 1 : to / 1000;
    const marks = FAILURE_TIERS.map((tier) =>
      asked.reduce((mark, { source }) => Math.max(mark, this.#deps.retentionMarks.of(tier, source)), 0),
    );
    return planRange(
      low,
      Math.max(low, high),
      FAILURE_TIERS.map(({ seconds }) => seconds),
      marks,
    );
  }
}

const valueIn = (source: number, dimension: number, number: number): number =>
  number === 0 ? 0 : idIn((source << 3) | dimension, number);
