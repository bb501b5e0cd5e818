// What tables there should be, what their rows look like, and where their trees begin.
import type { Database } from '../database.ts';
import type { PageFile } from './page-file.ts';
import type { Value } from './record.ts';
import type { Row, Shape, TreeReader } from './tree.ts';

export interface Table {
  readonly name: string;
  /** In the order of CREATE TABLE. */
  readonly columns: readonly string[];
  readonly shape: Shape;
  /** The values of a row by column; undefined where the row is older than the column. */
  valuesOf(row: Row): (Value | undefined)[];
}

export interface Tree {
  readonly table: Table;
  readonly root: number;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
  readonly hidden: number;
}

/** Those of a database that this version made. */
export function tablesIn(db: Database): Table[] {
  const names = db
    .prepare<[], { name: string; wr: number }>(
      `SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all();
  return names.map(({ name, wr }) =>
    tableOf(name, wr === 1, db.prepare<[string], Column>('SELECT * FROM pragma_table_xinfo(?)').all(name)),
  );
}

function tableOf(name: string, isIndex: boolean, columns: readonly Column[]): Table {
  const keys = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  // Without rowids the primary key comes first.
  const stored = isIndex ? [...keys, ...columns.filter(({ pk }) => pk === 0)] : columns;
  const alias = !isIndex && keys.length === 1 && keys[0].type === 'INTEGER' ? stored.indexOf(keys[0]) : -1;
  const required = stored.findLastIndex((column) => column.dflt_value === null && column.notnull === 1) + 1;
  return {
    name,
    columns: columns.map((column) => column.name),
    shape: {
      kind: isIndex ? 'index' : 'table',
      fits: (record) =>
        record.length <= stored.length &&
        record.length >= Math.max(required, isIndex ? keys.length : 1) &&
        record.every((value, i) => (i === alias ? value === null : isOfType(value, stored[i]))),
      keyOf: (record, rowid) => (rowid === undefined ? record.slice(0, keys.length) : [rowid]),
    },
    valuesOf({ record, rowid }) {
      const byName = new Map(stored.map((column, i) => [column.name, i === alias ? rowid : record[i]]));
      return columns.map((column) => byName.get(column.name));
    },
  };
}

function isOfType(value: Value, { type, notnull, pk }: Column): boolean {
  if (value === null) return notnull === 0 && pk === 0;
  switch (type) {
    case 'INTEGER':
    case 'INT':
      return typeof value === 'bigint';
    case 'REAL':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'TEXT':
      return typeof value === 'string';
    case 'BLOB':
      return Buffer.isBuffer(value);
    default:
      return true;
  }
}

/** sqlite_schema: type, name, tbl_name, rootpage, sql. */
const SCHEMA: Shape = {
  kind: 'table',
  fits: ([type, name, table, root, sql], rowid) =>
    rowid !== undefined &&
    typeof type === 'string' &&
    typeof name === 'string' &&
    typeof table === 'string' &&
    typeof root === 'bigint' &&
    (sql === null || typeof sql === 'string'),
  keyOf: (_, rowid) => [rowid!],
};

export interface Roots {
  readonly tables: ReadonlyMap<string, number>;
  readonly indexes: ReadonlyMap<string, number>;
}

/** As the file itself says. `isWhole`: nothing of that was lost. */
export function rootsIn(reader: TreeReader): Roots & { isWhole: boolean } {
  const tables = new Map<string, number>(),
    indexes = new Map<string, number>();
  let isWhole = true;
  for (const found of reader.read(1, SCHEMA)) {
    if (!('record' in found)) {
      isWhole = false;
      continue;
    }
    const [type, name, , root] = found.record;
    if (type === 'table') tables.set(name as string, Number(root));
    else if (type === 'index') indexes.set(name as string, Number(root));
  }
  return { tables, indexes, isWhole };
}

/**
 * As a new database has them: where the file's own list is lost, ours was most likely made whole by one version too.
 */
export function rootsOf(db: Database): Roots {
  const rows = db
    .prepare<[], { type: string; name: string; rootpage: number }>(
      'SELECT type, name, rootpage FROM sqlite_schema WHERE rootpage > 1',
    )
    .all();
  const of = (type: string): Map<string, number> =>
    new Map(rows.filter((row) => row.type === type).map(({ name, rootpage }) => [name, rootpage]));
  return { tables: of('table'), indexes: of('index') };
}

/** Columns of an index, as far as its entries are concerned: enough to tell them from rows of a table. */
export function indexShape(db: Database, name: string): Shape {
  const columns = db.prepare<[string], { cid: number }>('SELECT cid FROM pragma_index_xinfo(?)').all(name);
  return { kind: 'index', fits: (record) => record.length === columns.length, keyOf: (record) => record };
}

/** Is there a tree of this shape at this page? An empty one fits all. */
export function standsAt(root: number, shape: Shape, file: PageFile): boolean {
  const type = file.page(root)?.[0];
  return shape.kind === 'table' ? type === 13 || type === 5 : type === 10 || type === 2;
}
