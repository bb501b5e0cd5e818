// What a batch adds to the counts, before it is committed. Counting allocates nothing; merging deltas is addition.
import type { Hit } from '../hit.ts';
import { PairCounter } from './pair-counter.ts';
import type { Values } from './values.ts';
import { readVarint, VARINT_BYTES_MAX, writeVarint } from './varint.ts';

/** Times are kept as 32-bit seconds: 1970 to 2106. */
export const SECOND_MAX = 2 ** 32 - 1;
const ENCODING = 1;

export class Delta {
  /** Hits counted (sum of their `count`). */
  hits = 0;
  readonly #values: Values | undefined;
  /** (second, source << 10 | code) */
  readonly #counts = new PairCounter();
  /** (minute, code): the entry's index is the first key of a breakdown. */
  readonly #groups = new PairCounter();
  /** (group, value id); the id knows its source and dimension. */
  readonly #breakdowns = new PairCounter();

  // The counters of the line before: most lines are of the same second and code.
  #second = -1;
  #key = -1;
  #count = 0;
  #minute = -1;
  #code = -1;
  #group = 0;

  /** `values` is needed for `add` alone: sums of deltas do without. */
  constructor(values?: Values) {
    this.#values = values;
  }

  /** Count this exchange for the source, at second granularity, with all its dimensions. `ts` is the ms to count it at. */
  add(hit: Hit, source: number, ts: number): void {
    const n = hit.count,
      code = hit.code,
      values = this.#values!,
      breakdowns = this.#breakdowns;
    const second = ts > 0 ? Math.min(Math.floor(ts / 1000), SECOND_MAX) : 0;
    const key = (source << 10) | code;
    this.hits += n;
    if (second !== this.#second || key !== this.#key) this.#turnTo(second, key, code);
    this.#counts.counts[this.#count] += n;
    const group = this.#group,
      minute = this.#minute;
    let id = values.route(hit, source, minute);
    if (id !== 0) breakdowns.add(group, id, n);
    id = values.method(hit, source, minute);
    if (id !== 0) breakdowns.add(group, id, n);
    id = values.host(hit, source, minute);
    if (id !== 0) breakdowns.add(group, id, n);
    id = values.upstream(hit, source, minute);
    if (id !== 0) breakdowns.add(group, id, n);
    id = values.duration(hit, source);
    if (id !== 0) breakdowns.add(group, id, n);
    id = values.cause(hit, source);
    if (id !== 0) breakdowns.add(group, id, n);
    if (code < 400) return;
    id = values.client(hit, source, minute);
    if (id !== 0) breakdowns.add(group, id, n);
  }

  #turnTo(second: number, key: number, code: number): void {
    this.#second = second;
    this.#key = key;
    this.#count = this.#counts.entry(second, key);
    const minute = Math.floor(second / 60);
    if (minute === this.#minute && code === this.#code) return;
    this.#minute = minute;
    this.#code = code;
    this.#group = this.#groups.entry(minute, code);
  }

  merge(other: Delta): void {
    this.hits += other.hits;
    const c = other.#counts;
    for (let e = 0; e < c.size; e++) this.#counts.add(c.a(e), c.b(e), c.counts[e]);
    const g = other.#groups,
      b = other.#breakdowns;
    const groups = new Uint32Array(g.size);
    for (let e = 0; e < g.size; e++) groups[e] = this.#groups.entry(g.a(e), g.b(e));
    for (let e = 0; e < b.size; e++) this.#breakdowns.add(groups[b.a(e)], b.b(e), b.counts[e]);
  }

  /** Every (source, second, code) counted, for the detector and the live hub. */
  forEachCount(visit: (source: number, second: number, code: number, count: number) => void): void {
    const c = this.#counts;
    for (let e = 0; e < c.size; e++) visit(c.b(e) >>> 10, c.a(e), c.b(e) & 1023, c.counts[e]);
  }

  /** Every (minute, code, value) counted; core/count/value-id.ts tells the value's source and dimension. `minute` is minutes since the epoch. */
  forEachValue(visit: (id: number, minute: number, code: number, count: number) => void): void {
    const g = this.#groups,
      b = this.#breakdowns;
    for (let e = 0; e < b.size; e++) visit(b.b(e), g.a(b.a(e)), g.b(b.a(e)), b.counts[e]);
  }

  /** Counters in use: what merging, encoding and writing cost. */
  get size(): number {
    return this.#counts.size + this.#breakdowns.size;
  }

  get byteLength(): number {
    return this.#counts.byteLength + this.#groups.byteLength + this.#breakdowns.byteLength;
  }

  clear(): void {
    this.hits = 0;
    this.#second = this.#minute = -1;
    this.#counts.clear();
    this.#groups.clear();
    this.#breakdowns.clear();
  }

  /** For the journal: varints, the three tables one after another. Value ids stay numbers; the dictionary is stored beside. */
  encode(): Uint8Array {
    const tables = [this.#counts, this.#groups, this.#breakdowns];
    const out = new Uint8Array((2 + tables.length + tables.reduce((sum, t) => sum + t.size * 3, 0)) * VARINT_BYTES_MAX);
    let at = writeVarint(out, 0, ENCODING);
    at = writeVarint(out, at, this.hits);
    for (const table of tables) {
      at = writeVarint(out, at, table.size);
      for (let e = 0; e < table.size; e++) {
        at = writeVarint(out, at, table.a(e));
        at = writeVarint(out, at, table.b(e));
        at = writeVarint(out, at, table.counts[e]);
      }
    }
    return out.subarray(0, at);
  }

  /** Adds what `encode` wrote. */
  decode(bytes: Uint8Array): void {
    const cursor = { bytes, at: 0 };
    if (readVarint(cursor) !== ENCODING) throw new Error('a journal row of another version');
    this.hits += readVarint(cursor);
    for (let left = readVarint(cursor); left > 0; left--)
      this.#counts.add(readVarint(cursor), readVarint(cursor), readVarint(cursor));
    const groups = new Uint32Array(readVarint(cursor));
    for (let i = 0; i < groups.length; i++) {
      groups[i] = this.#groups.entry(readVarint(cursor), readVarint(cursor));
      readVarint(cursor);
    }
    for (let left = readVarint(cursor); left > 0; left--)
      this.#breakdowns.add(groups[readVarint(cursor)], readVarint(cursor), readVarint(cursor));
  }
}
