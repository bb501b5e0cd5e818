// The last quarter of an hour at 10 s a bucket, all sources in sum and each by itself, and when each count last changed: what a client
// lacks is what has changed since it last heard. What is counted is held back until the tick, so that all clients see the same moments.
import { SNAPSHOT_MS, type CountRow } from '#shared/live.ts';

const BUCKET_S = 10;
/** Clocks differ: so far ahead of now a bucket is still shown. */
const AHEAD_S = 600;
/** Codes are 0–999; one number holds source and code. */
const CODES = 1000;

interface Bucket {
  /** The sequence at which it last changed. */
  seq: number;
  /** By code, all sources in sum. */
  readonly all: Map<number, { count: number; seq: number }>;
  /** By source and code. */
  readonly own: Map<number, number>;
}

export class LiveWindow {
  readonly #held = new Map<number, Bucket>();
  /** By bucket, then source and code. */
  #pending = new Map<number, Map<number, number>>();

  /** `second` of event time; `now` in ms. What is not of the live time is not held: a backfill costs nothing here. */
  add(source: number, second: number, code: number, count: number, now: number): void {
    const bucket = second - (second % BUCKET_S);
    if (bucket < oldestAt(now) || bucket > now / 1000 + AHEAD_S) return;
    let counts = this.#pending.get(bucket);
    if (counts === undefined) this.#pending.set(bucket, (counts = new Map()));
    const key = source * CODES + code;
    counts.set(key, (counts.get(key) ?? 0) + count);
  }

  /** What is held at the start, read from the store; `bucket` in seconds. */
  seed(source: number, bucket: number, code: number, count: number): void {
    this.#hold(bucket, source * CODES + code, count, 0);
  }

  /** Moves what is pending into the window, as what has changed at `seq`. */
  tick(now: number, seq: number): void {
    for (const [bucket, counts] of this.#pending)
      for (const [key, count] of counts) this.#hold(bucket, key, count, seq);
    this.#pending = new Map();
    const oldest = oldestAt(now);
    for (const bucket of this.#held.keys())
      if (bucket < oldest || bucket > now / 1000 + AHEAD_S) this.#held.delete(bucket);
  }

  #hold(bucket: number, key: number, count: number, seq: number): void {
    let held = this.#held.get(bucket);
    if (held === undefined) this.#held.set(bucket, (held = { seq, all: new Map(), own: new Map() }));
    held.seq = seq;
    held.own.set(key, (held.own.get(key) ?? 0) + count);
    const code = key % CODES,
      all = held.all.get(code);
    if (all === undefined) held.all.set(code, { count, seq });
    else {
      all.count += count;
      all.seq = seq;
    }
  }

  /** What has changed after `since` (-1: everything), the newest bucket first: rows of `source` as 1, of all others together as 0. */
  rows(source: number | undefined, since = -1): CountRow[] {
    const rows: CountRow[] = [];
    for (const [bucket, { seq, all, own }] of [...this.#held].sort((a, b) => b[0] - a[0])) {
      if (seq <= since) continue;
      for (const [code, { count, seq: changed }] of all) {
        if (changed <= since) continue;
        const mine = source === undefined ? 0 : (own.get(source * CODES + code) ?? 0);
        if (count > mine) rows.push([bucket * 1000, 0, code, count - mine]);
        if (mine > 0) rows.push([bucket * 1000, 1, code, mine]);
      }
    }
    return rows;
  }

  /** Of another time: everything is to be seeded anew. */
  clear(): void {
    this.#held.clear();
    this.#pending = new Map();
  }
}

const oldestAt = (now: number): number => (now - SNAPSHOT_MS) / 1000 - BUCKET_S;
