// A delta as bytes, for the journal: varints, its tables one after another.
import type { PairCounter } from './pair-counter.ts';
import type { RowCounter } from './row-counter.ts';
import { readVarint, VARINT_BYTES_MAX, writeVarint } from './varint.ts';

/** The tables of a delta. */
export interface DeltaTables {
  /** (second, source << 10 | code) */
  readonly counts: PairCounter;
  /** (second, code), the second being the begin of a slot or minute: the entry's index is the first key of a breakdown. */
  readonly groups: PairCounter;
  /** (group, value id); the id knows its source and dimension. */
  readonly breakdowns: PairCounter;
  /** (entry of counts, cause, upstream, route, host): what of that count failed, by value ids. */
  readonly failing: RowCounter;
  /** (value id, minute << 5 | bucket): durations of what did not fail, by upstream, route and host. */
  readonly durations: PairCounter;
}

/** Before it, groups had minutes for seconds, and there were no failing exchanges and no durations by place. */
const ENCODING = 2,
  ENCODING_BEFORE = 1;
const MINUTE = 60;
/** Columns of a failing row. */
const FAILING = 5;

export function encodeDelta(hits: number, tables: DeltaTables): Uint8Array {
  const { counts, groups, breakdowns, failing, durations } = tables;
  const pairs = [counts, groups, breakdowns, durations];
  const numbers = pairs.reduce((sum, table) => sum + 1 + table.size * 3, 3 + failing.size * (FAILING + 1));
  const out = new Uint8Array(numbers * VARINT_BYTES_MAX);
  let at = writeVarint(out, 0, ENCODING);
  at = writeVarint(out, at, hits);
  for (const table of pairs) at = writePairs(out, at, table);
  at = writeVarint(out, at, failing.size);
  for (let e = 0; e < failing.size; e++) {
    for (let i = 0; i < FAILING; i++) at = writeVarint(out, at, failing.key(e, i));
    at = writeVarint(out, at, failing.counts[e]);
  }
  return out.subarray(0, at);
}

function writePairs(out: Uint8Array, at: number, table: PairCounter): number {
  at = writeVarint(out, at, table.size);
  for (let e = 0; e < table.size; e++) {
    at = writeVarint(out, at, table.a(e));
    at = writeVarint(out, at, table.b(e));
    at = writeVarint(out, at, table.counts[e]);
  }
  return at;
}

/** Adds to the tables, whose groups are `width` seconds wide, and returns the hits. Throws on bytes that were cut off. */
export function decodeDelta(bytes: Uint8Array, tables: DeltaTables, width: number): number {
  const cursor = { bytes, at: 0 };
  const encoding = readVarint(cursor);
  if (encoding !== ENCODING && encoding !== ENCODING_BEFORE) throw new Error('a journal row of another version');
  const unit = encoding === ENCODING_BEFORE ? MINUTE : 1;
  const hits = readVarint(cursor);
  const counts = readEntries(cursor, tables.counts, (second) => second);
  const groups = readEntries(cursor, tables.groups, (time) => time * unit - ((time * unit) % width));
  readEntries(cursor, tables.breakdowns, (group) => groups[group]);
  if (encoding === ENCODING_BEFORE) return hits;
  readEntries(cursor, tables.durations, (id) => id);
  const { failing } = tables;
  for (let left = readVarint(cursor); left > 0; left--) {
    failing.row[0] = counts[readVarint(cursor)];
    for (let i = 1; i < FAILING; i++) failing.row[i] = readVarint(cursor);
    failing.add(readVarint(cursor));
  }
  return hits;
}

/** Adds the pairs that follow, with the first key changed, and returns the entry of each. */
function readEntries(
  cursor: { readonly bytes: Uint8Array; at: number },
  table: PairCounter,
  first: (key: number) => number,
): Uint32Array {
  const entries = new Uint32Array(readVarint(cursor));
  for (let i = 0; i < entries.length; i++) {
    const e = table.entry(first(readVarint(cursor)), readVarint(cursor));
    table.counts[e] += readVarint(cursor);
    entries[i] = e;
  }
  return entries;
}
