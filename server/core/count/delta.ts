// What a batch adds to the counts, before it is committed. Counting allocates nothing; merging deltas is addition.
import { isFailure } from '../failing.ts';
import type { Hit } from '../hit.ts';
import { clientOf, NO_CLIENT } from './client.ts';
import { PairCounter } from './pair-counter.ts';
import { RowCounter } from './row-counter.ts';
import { decodeDelta, encodeDelta, type DeltaTables } from './delta-encoding.ts';
import type { Values } from './values.ts';

/** Times are kept as 32-bit seconds: 1970 to 2106. */
export const SECOND_MAX = 2 ** 32 - 1;
/** Values are counted by slots of so many seconds where they are detected on, and by the minute where they are stored. */
const SLOT = 10,
  MINUTE = 60;
/** Failing exchanges of a batch told apart by client; past it, clients are unknown. */
const CLIENTS_MAX = 4096;
/** Of a minute and a bucket of durations in one key: 22 buckets, and minutes up to 2106. */
const BUCKET_BITS = 5;

/** Exchanges that failed alike. Value ids as in count/value-id.ts: 0 where the line has no such thing. */
export interface FailingRow {
  source: number;
  /** s */
  second: number;
  code: number;
  cause: number;
  upstream: number;
  route: number;
  host: number;
  /** As count/client.ts gives it. */
  client: number;
}

export class Delta {
  /** Hits counted (sum of their `count`). */
  hits = 0;
  readonly #values: Values | undefined;
  readonly #tables: DeltaTables = {
    counts: new PairCounter(),
    groups: new PairCounter(),
    breakdowns: new PairCounter(),
    failing: new RowCounter(5),
    durations: new PairCounter(),
  };
  /** (entry of failing, client): only in memory, for detection. */
  readonly #clients = new PairCounter();
  /** Seconds of a group. */
  readonly #width: number;

  // The counters of the line before: most lines are of the same second and code.
  #second = -1;
  #key = -1;
  #count = 0;
  #slot = -1;
  #code = -1;
  #group = 0;

  /** `values` is needed for `add` alone: sums of deltas do without. Sums that are only stored keep minutes, and no clients. */
  constructor(values?: Values, { isStored = false }: { isStored?: boolean } = {}) {
    this.#values = values;
    this.#width = isStored ? MINUTE : SLOT;
  }

  /** Count this exchange for the source, at second granularity, with all its dimensions. `ts` is the ms to count it at. */
  add(hit: Hit, source: number, ts: number): void {
    const n = hit.count,
      code = hit.code,
      values = this.#values!,
      { counts, breakdowns, durations } = this.#tables;
    const second = ts > 0 ? Math.min(Math.floor(ts / 1000), SECOND_MAX) : 0;
    const key = (source << 10) | code;
    this.hits += n;
    if (second !== this.#second || key !== this.#key) this.#turnTo(second, key, code);
    counts.counts[this.#count] += n;
    const group = this.#group,
      minute = Math.floor(second / MINUTE);
    const route = values.route(hit, source, minute),
      routeMeasured = values.measured;
    if (route !== 0) breakdowns.add(group, route, n);
    let id = values.method(hit, source, minute);
    if (id !== 0) breakdowns.add(group, id, n);
    const host = values.host(hit, source, minute),
      hostMeasured = values.measured;
    if (host !== 0) breakdowns.add(group, host, n);
    const upstream = values.upstream(hit, source, minute),
      upstreamMeasured = values.measured;
    if (upstream !== 0) breakdowns.add(group, upstream, n);
    const duration = values.duration(hit, source);
    if (duration !== 0) breakdowns.add(group, duration, n);
    const cause = values.cause(hit, source);
    if (cause !== 0) breakdowns.add(group, cause, n);
    if (isFailure(code, values.causeNumber)) this.#addFailing(hit, cause, upstream, route, host);
    else if (duration !== 0) {
      const at = ((minute << BUCKET_BITS) | values.bucket) >>> 0;
      if (route !== 0) durations.add(routeMeasured, at, n);
      if (upstream !== 0) durations.add(upstreamMeasured, at, n);
      if (host !== 0) durations.add(hostMeasured, at, n);
    }
    if (code < 400) return;
    id = values.client(hit, source, minute);
    if (id !== 0) breakdowns.add(group, id, n);
  }

  #turnTo(second: number, key: number, code: number): void {
    this.#second = second;
    this.#key = key;
    this.#count = this.#tables.counts.entry(second, key);
    const slot = second - (second % this.#width);
    if (slot === this.#slot && code === this.#code) return;
    this.#slot = slot;
    this.#code = code;
    this.#group = this.#tables.groups.entry(slot, code);
  }

  #addFailing(hit: Hit, cause: number, upstream: number, route: number, host: number): void {
    const { failing } = this.#tables,
      { row } = failing;
    row[0] = this.#count;
    row[1] = cause;
    row[2] = upstream;
    row[3] = route;
    row[4] = host;
    const e = failing.entry();
    failing.counts[e] += hit.count;
    if (this.#clients.size >= CLIENTS_MAX) return;
    const client = clientOf(hit);
    if (client !== NO_CLIENT) this.#clients.add(e, client, hit.count);
  }

  merge(other: Delta): void {
    this.hits += other.hits;
    const mine = this.#tables,
      theirs = other.#tables;
    const c = theirs.counts,
      g = theirs.groups,
      b = theirs.breakdowns,
      f = theirs.failing,
      d = theirs.durations;
    const counts = new Uint32Array(c.size),
      groups = new Uint32Array(g.size),
      failing = new Uint32Array(f.size);
    for (let e = 0; e < c.size; e++) {
      counts[e] = mine.counts.entry(c.a(e), c.b(e));
      mine.counts.counts[counts[e]] += c.counts[e];
    }
    for (let e = 0; e < g.size; e++) groups[e] = mine.groups.entry(g.a(e) - (g.a(e) % this.#width), g.b(e));
    for (let e = 0; e < b.size; e++) mine.breakdowns.add(groups[b.a(e)], b.b(e), b.counts[e]);
    const { row } = mine.failing;
    for (let e = 0; e < f.size; e++) {
      row[0] = counts[f.key(e, 0)];
      for (let i = 1; i < 5; i++) row[i] = f.key(e, i);
      failing[e] = mine.failing.entry();
      mine.failing.counts[failing[e]] += f.counts[e];
    }
    for (let e = 0; e < d.size; e++) mine.durations.add(d.a(e), d.b(e), d.counts[e]);
    if (this.#width === MINUTE) return;
    const l = other.#clients;
    for (let e = 0; e < l.size && this.#clients.size < CLIENTS_MAX; e++)
      this.#clients.add(failing[l.a(e)], l.b(e), l.counts[e]);
  }

  /** Every (source, second, code) counted, for the detector and the live hub. */
  forEachCount(visit: (source: number, second: number, code: number, count: number) => void): void {
    const c = this.#tables.counts;
    for (let e = 0; e < c.size; e++) visit(c.b(e) >>> 10, c.a(e), c.b(e) & 1023, c.counts[e]);
  }

  /**
   * Every (slot, code, value) counted; core/count/value-id.ts tells the value's source and dimension. `second` is when the slot of 10 s
   * (of a minute, in sums that are stored) begins.
   */
  forEachValue(visit: (id: number, second: number, code: number, count: number) => void): void {
    const { groups: g, breakdowns: b } = this.#tables;
    for (let e = 0; e < b.size; e++) visit(b.b(e), g.a(b.a(e)), g.b(b.a(e)), b.counts[e]);
  }

  /** Every exchange that failed (core/failing.ts), by all that is known of it together. The row is only good until `visit` returns. */
  forEachFailing(visit: (row: Readonly<FailingRow>, count: number) => void): void {
    const { counts: c, failing: f } = this.#tables,
      l = this.#clients;
    const row: FailingRow = { source: 0, second: 0, code: 0, cause: 0, upstream: 0, route: 0, host: 0, client: 0 };
    const tell = (e: number, client: number, count: number): void => {
      const at = f.key(e, 0);
      row.source = c.b(at) >>> 10;
      row.second = c.a(at);
      row.code = c.b(at) & 1023;
      row.cause = f.key(e, 1);
      row.upstream = f.key(e, 2);
      row.route = f.key(e, 3);
      row.host = f.key(e, 4);
      row.client = client;
      visit(row, count);
    };
    const left = f.counts.slice(0, f.size);
    for (let e = 0; e < l.size; e++) {
      left[l.a(e)] -= l.counts[e];
      tell(l.a(e), l.b(e), l.counts[e]);
    }
    for (let e = 0; e < f.size; e++) if (left[e] > 0) tell(e, NO_CLIENT, left[e]);
  }

  /**
   * How long requests took that did not fail, by upstream, route and host (`id` knows which); number 0 stands for all but the most
   * frequent. `minute` is minutes since the epoch, `bucket` as in count/duration.ts.
   */
  forEachDuration(visit: (id: number, minute: number, bucket: number, count: number) => void): void {
    const d = this.#tables.durations;
    for (let e = 0; e < d.size; e++)
      visit(d.a(e), d.b(e) >>> BUCKET_BITS, d.b(e) & ((1 << BUCKET_BITS) - 1), d.counts[e]);
  }

  /** Counters in use: what merging, encoding and writing cost. */
  get size(): number {
    const { counts, breakdowns, failing, durations } = this.#tables;
    return counts.size + breakdowns.size + failing.size + durations.size;
  }

  get byteLength(): number {
    return Object.values(this.#tables).reduce((sum, table) => sum + table.byteLength, this.#clients.byteLength);
  }

  clear(): void {
    this.hits = 0;
    this.#second = this.#slot = -1;
    for (const table of Object.values(this.#tables)) table.clear();
    this.#clients.clear();
  }

  /** For the journal. Value ids stay numbers: the dictionary is stored beside. Clients are left out. */
  encode(): Uint8Array {
    return encodeDelta(this.hits, this.#tables);
  }

  /** Adds what `encode` wrote, in this version or the one before. */
  decode(bytes: Uint8Array): void {
    this.hits += decodeDelta(bytes, this.#tables, this.#width);
  }
}
