// Copies what can be read of a damaged database into a new one. No row that can be read is left out, and none is made
// up: what has no place in the new database (it belongs to an incident that is lost, say) goes into a file beside it.
import { appendFileSync, closeSync, fsyncSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { errors } from '../../../errors.ts';
import type { Database, Statement } from '../database.ts';
import { migrate } from '../migrate.ts';
import { putRight, type Placeholder } from './consistency.ts';
import { PageFile } from './page-file.ts';
import type { Value } from './record.ts';
import { indexShape, rootsIn, rootsOf, standsAt, tablesIn, type Roots, type Table } from './tables.ts';
import { TreeReader, isWithin, type Gap, type Row, type Shape } from './tree.ts';

export interface TableReport {
  readonly table: Table;
  /** In the new database. */
  rows: number;
  /** Found on pages that nothing leads to any more; among `rows`. */
  loose: number;
  /** In the file beside it. */
  aside: number;
  readonly gaps: GapReport[];
  /** Where it begins is not known: all of it is lost. */
  isMissing: boolean;
}

export interface GapReport extends Gap {
  /** The rows around it, by column. */
  readonly from: readonly (Value | undefined)[] | undefined;
  to: readonly (Value | undefined)[] | undefined;
}

export interface Recovery {
  readonly pages: number;
  readonly tables: readonly TableReport[];
  readonly placeholders: readonly Placeholder[];
  /** Of sources, by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

export interface RecoverOptions {
  readonly from: string;
  /** Must not be there yet. */
  readonly to: string;
  /** Rows that have no place, as JSON lines; made when there are any. */
  readonly aside: string;
}

/** Throws errors.databaseNewer, errors.nothingToRecover and what opening files does. */
export function recover({ from, to, aside }: RecoverOptions): Recovery {
  const file = new PageFile(from);
  const db = new Sqlite(to);
  try {
    const notes = file.logTrouble === undefined ? [] : [file.logTrouble];
    const version = versionOf(file);
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    db.pragma('foreign_keys = OFF');
    migrate(db, undefined, version);
    const setAside = (table: string, row: unknown, why: string): void =>
      appendFileSync(aside, `${JSON.stringify({ table, why, row }, plain)}\n`);
    db.exec('BEGIN');
    const salvage = new Salvage(file, db, setAside);
    salvage.run();
    if (salvage.reports.every(({ rows }) => rows === 0))
      throw errors.nothingToRecover(`${from} holds no row of a Fivealarm database that can be read.`);
    const placeholders = putRight(db, salvage.reports, setAside);
    db.exec('COMMIT');
    const names = db.prepare<[], { id: number; name: string }>('SELECT id, name FROM source').all();
    return {
      pages: file.pages,
      tables: salvage.reports,
      placeholders,
      notes,
      names: new Map(names.map(({ id, name }) => [String(id), name])),
    };
  } finally {
    file.close();
    db.close();
    sync(to);
  }
}

class Salvage {
  readonly reports: TableReport[];
  readonly #file: PageFile;
  readonly #db: Database;
  readonly #reader: TreeReader;
  readonly #inserts = new Map<string, Statement>();
  readonly #setAside: (table: string, row: unknown, why: string) => void;

  constructor(file: PageFile, db: Database, setAside: (table: string, row: unknown, why: string) => void) {
    this.#file = file;
    this.#db = db;
    this.#reader = new TreeReader(file);
    this.#setAside = setAside;
    this.reports = tablesIn(db).map((table) => ({ table, rows: 0, loose: 0, aside: 0, gaps: [], isMissing: false }));
  }

  run(): void {
    const { isWhole, ...roots } = this.#roots();
    const indexGaps: { shape: Shape; gap: Gap }[] = [];
    for (const report of this.reports) {
      // What migrations put there would come twice.
      this.#db.exec(`DELETE FROM "${report.table.name}"`);
      const root = roots.tables.get(report.table.name);
      if (root === undefined) report.isMissing = true;
      else this.#copy(report, root);
    }
    for (const [name, root] of roots.indexes) {
      const shape = indexShape(this.#db, name);
      for (const found of this.#reader.read(root, shape))
        if (!('record' in found)) indexGaps.push({ shape, gap: found });
    }
    const free = isWhole ? this.#file.freePages() : undefined;
    if (free !== undefined) this.#copyLoose(free, indexGaps);
  }

  /** Of the file's own list; what is lost of that, as in a new database, where it fits. */
  #roots(): Roots & { isWhole: boolean } {
    const own = this.#file.hasHeader
      ? rootsIn(this.#reader)
      : { tables: new Map<string, number>(), indexes: new Map<string, number>(), isWhole: false };
    if (own.isWhole) return own;
    const usual = rootsOf(this.#db);
    const taken = new Set([...own.tables.values(), ...own.indexes.values()]);
    for (const { table } of this.reports) {
      const root = usual.tables.get(table.name);
      if (
        !own.tables.has(table.name) &&
        root !== undefined &&
        !taken.has(root) &&
        standsAt(root, table.shape, this.#file)
      )
        (own.tables as Map<string, number>).set(table.name, root);
    }
    return own;
  }

  #copy(report: TableReport, root: number): void {
    let last: Row | undefined;
    let open: GapReport[] = [];
    for (const found of this.#reader.read(root, report.table.shape)) {
      if ('record' in found) {
        this.#insert(report, found);
        last = found;
        for (const gap of open) gap.to = report.table.valuesOf(found);
        open = [];
      } else {
        const gap: GapReport = { ...found, from: last && report.table.valuesOf(last), to: undefined };
        report.gaps.push(gap);
        open.push(gap);
      }
    }
  }

  #insert(report: TableReport, row: Row): void {
    const { table } = report;
    const values = table.valuesOf(row);
    try {
      this.#insertInto(table, values).run(values.filter((value) => value !== undefined));
      report.rows++;
    } catch (error) {
      report.aside++;
      this.#setAside(
        table.name,
        Object.fromEntries(table.columns.map((column, i) => [column, values[i]])),
        (error as Error).message,
      );
    }
  }

  /** A row of before a column was added has no value for it: then it gets the default. */
  #insertInto({ name, columns }: Table, values: readonly (Value | undefined)[]): Statement {
    const there = columns.filter((_, i) => values[i] !== undefined).map((column) => `"${column}"`);
    const sql = `INSERT INTO "${name}" (${there.join(', ')}) VALUES (${there.map(() => '?').join(', ')})`;
    let statement = this.#inserts.get(sql);
    if (statement === undefined) this.#inserts.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  /**
   * Pages that belong to nothing, neither used nor free: what led to them is lost. Each goes where alone it can have
   * been: into the only gap that its keys lie in, of the only table that its rows fit.
   */
  #copyLoose(free: ReadonlySet<number>, indexGaps: readonly { shape: Shape; gap: Gap }[]): void {
    const open = this.reports.flatMap((report) =>
      report.gaps.filter(({ page }) => page !== undefined).map((gap) => ({ report, shape: report.table.shape, gap })),
    );
    if (open.length === 0) return;
    for (let number = 2; number <= this.#file.pages; number++) {
      if (this.#reader.used.has(number) || free.has(number)) continue;
      const fitting = [...open, ...indexGaps.map((one) => ({ report: undefined, ...one }))].flatMap(
        ({ report, shape, gap }) => {
          const rows = this.#reader.orphan(number, shape);
          return rows?.every(({ key }) => isWithin(key, gap, shape.kind)) ? [{ report, rows }] : [];
        },
      );
      const [only] = fitting;
      if (only?.report === undefined || fitting.some(({ report }) => report !== only.report)) continue;
      const before = only.report.rows;
      for (const row of only.rows) this.#insert(only.report, row);
      only.report.loose += only.report.rows - before;
    }
  }
}

/** As the file says, or as the one that it looks most like. */
function versionOf(file: PageFile): number | undefined {
  const newest = referenceOf(undefined);
  const newestVersion = newest.pragma('user_version', { simple: true }) as number;
  newest.close();
  const version = file.version;
  if (version !== undefined && version > 0) {
    if (version > newestVersion)
      throw errors.databaseNewer(`The database is at version ${version}; this code knows ${newestVersion}.`);
    return version;
  }
  const likeness = (candidate: number): number => {
    const db = referenceOf(candidate);
    const { tables } = rootsOf(db);
    const reader = new TreeReader(file);
    const fits = tablesIn(db).filter(({ name, shape }) => reader.orphan(tables.get(name)!, shape) !== undefined).length;
    db.close();
    return fits;
  };
  const versions = Array.from({ length: newestVersion }, (_, i) => ({
    version: newestVersion - i,
    fits: likeness(newestVersion - i),
  }));
  return versions.toSorted((a, b) => b.fits - a.fits)[0]?.version;
}

function referenceOf(version: number | undefined): Database {
  const db = new Sqlite(':memory:');
  migrate(db, undefined, version);
  return db;
}

/** JSON has neither bytes nor large numbers. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  const bytes = value as { type?: string; data?: number[] } | null;
  return bytes?.type === 'Buffer' && Array.isArray(bytes.data)
    ? { hex: Buffer.from(bytes.data).toString('hex') }
    : value;
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}
