// Everything that can be reached of one table or index, though some of its pages are damaged. SQLite has no checksums,
// so what a page holds is believed only as far as it fits: the page its tree, a row its table, a key between its
// neighbours.
import type { PageFile } from './page-file.ts';
import { compareKeys, readRecord, readVarint, type Value } from './record.ts';

/**
 * A table with rowids keeps its rows in leaves; one without is an index that holds all of a row, in its inner pages as
 * well.
 */
export type TreeKind = 'table' | 'index';

export interface Shape {
  readonly kind: TreeKind;
  /** Does a record belong here? `rowid` undefined in an index. */
  fits(record: readonly Value[], rowid: bigint | undefined): boolean;
  /** What rows are sorted by. */
  keyOf(record: readonly Value[], rowid: bigint | undefined): readonly Value[];
}

export interface Row {
  readonly rowid: bigint | undefined;
  readonly record: readonly Value[];
  readonly key: readonly Value[];
}

/** Between the rows before and after. */
export interface Gap extends Bounds {
  /** Undefined: single rows of a page that can be read otherwise. */
  readonly page: number | undefined;
}

/** Exclusive; for a table's rowids the upper one is inclusive. */
interface Bounds {
  readonly after: readonly Value[] | undefined;
  readonly before: readonly Value[] | undefined;
}

const LEAF = { table: 13, index: 10 } as const;
const INNER = { table: 5, index: 2 } as const;
/** Deeper than any tree of 4 KiB pages gets. */
const DEPTH_MAX = 20;

interface Cell {
  readonly child: number | undefined;
  readonly rowid: bigint | undefined;
  readonly record: readonly Value[] | undefined;
  readonly key: readonly Value[];
  /** Pages that hold the end of a long row. */
  readonly overflow: readonly number[];
}

export class TreeReader {
  /** Pages that belong to something, so that none is read twice. */
  readonly used = new Set<number>([1]);
  readonly #file: PageFile;

  constructor(file: PageFile) {
    this.#file = file;
  }

  /** In order of their keys. */
  *read(root: number, shape: Shape): Generator<Row | Gap> {
    if (root === 1) this.used.delete(1);
    yield* this.#walk(root, shape, { after: undefined, before: undefined }, 0);
  }

  *#walk(number: number, shape: Shape, bounds: Bounds, depth: number): Generator<Row | Gap> {
    const page = this.used.has(number) || depth > DEPTH_MAX ? undefined : this.#file.page(number);
    const type = page?.[headerAt(number)];
    if (page === undefined || (type !== LEAF[shape.kind] && type !== INNER[shape.kind]))
      return yield { ...bounds, page: number };
    const { cells, isWhole } = this.#cells(page, number, shape, type === INNER[shape.kind]);
    const within = cells.filter(({ key }) => isWithin(key, bounds, shape.kind));
    const sorted = ascending(within);
    if (type === LEAF[shape.kind]) {
      // Not one row that could be of here: what this page says it is, it is not. Only a root may be empty.
      if (sorted.length === 0 && (cells.length > 0 || !isWhole || depth > 0)) return yield { ...bounds, page: number };
      this.used.add(number);
      for (const cell of sorted) yield* this.#row(cell);
      if (!isWhole || sorted.length < cells.length) yield { ...bounds, page: undefined };
      return;
    }
    const right = page.length < headerAt(number) + 12 ? 0 : page.readUInt32BE(headerAt(number) + 8);
    const children = [...sorted.map(({ child }) => child!), right];
    const isSound =
      isWhole &&
      sorted.length === cells.length &&
      new Set(children).size === children.length &&
      children.every((child) => child > 1 && child <= this.#file.pages);
    if (!isSound) {
      // Its children cannot be told from others' pages; those that nobody else has are found afterwards.
      for (const cell of sorted) yield* this.#row(cell);
      return yield { ...bounds, page: number };
    }
    this.used.add(number);
    let after = bounds.after;
    for (const cell of sorted) {
      yield* this.#walk(cell.child!, shape, { after, before: cell.key }, depth + 1);
      yield* this.#row(cell);
      after = cell.key;
    }
    yield* this.#walk(right, shape, { after, before: bounds.before }, depth + 1);
  }

  /** Inner pages of a table have no rows. */
  *#row({ record, rowid, key, overflow }: Cell): Generator<Row> {
    if (record === undefined || overflow.some((page) => this.used.has(page))) return;
    for (const page of overflow) this.used.add(page);
    yield { record, rowid, key };
  }

  /** The rows of a page that nothing leads to any more, when all of it fits this shape. */
  orphan(number: number, shape: Shape): Row[] | undefined {
    const page = this.#file.page(number);
    const type = page?.[headerAt(number)];
    if (page === undefined || (type !== LEAF[shape.kind] && !(shape.kind === 'index' && type === INNER.index)))
      return undefined;
    const { cells, isWhole } = this.#cells(page, number, shape, type === INNER.index);
    return isWhole && cells.length > 0 && ascending(cells).length === cells.length
      ? cells.map(({ record, rowid, key }) => ({ record: record!, rowid, key }))
      : undefined;
  }

  /** What can be read of the cells, in the page's order. */
  #cells(page: Buffer, number: number, shape: Shape, isInner: boolean): { cells: Cell[]; isWhole: boolean } {
    const header = headerAt(number),
      pointers = header + (isInner ? 12 : 8);
    const usable = Math.min(this.#file.usable, page.length);
    const count = pointers <= usable ? page.readUInt16BE(header + 3) : Infinity;
    const first = pointers + 2 * count;
    if (first > usable) return { cells: [], isWhole: false };
    const cells: Cell[] = [];
    for (let i = 0; i < count; i++) {
      const at = page.readUInt16BE(pointers + 2 * i);
      const cell = at < first || at >= usable ? undefined : this.#cell(page, at, shape, isInner);
      if (cell !== undefined) cells.push(cell);
    }
    return { cells, isWhole: cells.length === count };
  }

  #cell(page: Buffer, start: number, shape: Shape, isInner: boolean): Cell | undefined {
    const bytes = page.subarray(0, this.#file.usable);
    const child = isInner && start + 4 <= bytes.length ? bytes.readUInt32BE(start) : undefined;
    if (isInner && child === undefined) return undefined;
    let at = isInner ? start + 4 : start;
    if (shape.kind === 'table' && isInner) {
      const rowid = readVarint(bytes, at);
      return rowid && { child, rowid: rowid.value, record: undefined, key: [rowid.value], overflow: [] };
    }
    const length = readVarint(bytes, at);
    if (length === undefined || length.value < 1n || length.value > 2n ** 31n) return undefined;
    at = length.next;
    const rowid = shape.kind === 'table' ? readVarint(bytes, at) : undefined;
    if (shape.kind === 'table' && rowid === undefined) return undefined;
    const found = this.#payload(bytes, rowid?.next ?? at, Number(length.value), shape.kind);
    const record = found && readRecord(found.payload);
    if (record === undefined || !shape.fits(record, rowid?.value)) return undefined;
    return { child, rowid: rowid?.value, record, key: shape.keyOf(record, rowid?.value), overflow: found!.overflow };
  }

  /** What does not fit into a page goes on in a chain of others. */
  #payload(
    bytes: Buffer,
    at: number,
    length: number,
    kind: TreeKind,
  ): { payload: Buffer; overflow: number[] } | undefined {
    const usable = this.#file.usable;
    const localMax = kind === 'table' ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
    const localMin = Math.floor(((usable - 12) * 32) / 255) - 23;
    const spilled = localMin + ((length - localMin) % (usable - 4));
    const local = length <= localMax ? length : spilled <= localMax ? spilled : localMin;
    if (at + local + (local < length ? 4 : 0) > bytes.length) return undefined;
    if (local === length) return { payload: bytes.subarray(at, at + length), overflow: [] };
    const parts = [bytes.subarray(at, at + local)],
      overflow: number[] = [];
    let next = bytes.readUInt32BE(at + local),
      missing = length - local;
    while (missing > 0) {
      const page = next > 1 && !overflow.includes(next) ? this.#file.page(next) : undefined;
      if (page === undefined) return undefined;
      overflow.push(next);
      const part = page.subarray(4, Math.min(4 + missing, usable));
      if (part.length < Math.min(missing, usable - 4)) return undefined;
      parts.push(part);
      missing -= usable - 4;
      next = page.readUInt32BE(0);
    }
    return next === 0 ? { payload: Buffer.concat(parts), overflow } : undefined;
  }
}

/** The first page has the file's header before its own. */
const headerAt = (page: number): number => (page === 1 ? 100 : 0);

export function isWithin(key: readonly Value[], { after, before }: Bounds, kind: TreeKind): boolean {
  if (after !== undefined && compareKeys(key, after) <= 0) return false;
  return before === undefined || compareKeys(key, before) < (kind === 'table' ? 1 : 0);
}

/**
 * The most cells whose keys ascend: one that was overwritten with something out of order does not take the others
 * along.
 */
function ascending(cells: readonly Cell[]): readonly Cell[] {
  if (cells.every((cell, i) => i === 0 || compareKeys(cells[i - 1].key, cell.key) < 0)) return cells;
  const lastOf: number[] = [],
    before: number[] = [];
  for (const [i, { key }] of cells.entries()) {
    let low = 0,
      high = lastOf.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKeys(cells[lastOf[middle]].key, key) < 0) low = middle + 1;
      else high = middle;
    }
    before[i] = low === 0 ? -1 : lastOf[low - 1];
    lastOf[low] = i;
  }
  const kept: Cell[] = [];
  for (let i = lastOf.at(-1) ?? -1; i !== -1; i = before[i]) kept.push(cells[i]);
  return kept.reverse();
}
