// The last minutes of counts at 10 s a bucket, as the live connection tells them. Maps, since sources and codes come from outside.
import { SNAPSHOT_MS, type CountRow } from '#shared/live.ts';

type Buckets = Map<number, Map<number, number>>;
/** The snapshot's length and one bucket, so that the oldest visible bar is never cut. */
const KEEP_MS = SNAPSHOT_MS + 10_000;

export class LiveCounts {
  #all: Buckets = new Map();
  #bySource = new Map<string, Buckets>();

  clear(): void {
    this.#all.clear();
    this.#bySource.clear();
  }

  /** Adds rows and forgets what is too old; answers how many hits were added. */
  add(rows: readonly CountRow[], names: readonly string[], now: number): number {
    const oldest = now - KEEP_MS;
    let added = 0;
    for (const [bucket, name, code, n] of rows) {
      added += n;
      if (bucket < oldest) continue;
      let own = this.#bySource.get(names[name]);
      if (!own) this.#bySource.set(names[name], (own = new Map()));
      bump(this.#all, bucket, code, n);
      bump(own, bucket, code, n);
    }
    forget(this.#all, oldest);
    for (const [source, own] of this.#bySource) {
      forget(own, oldest);
      if (own.size === 0) this.#bySource.delete(source);
    }
    return added;
  }

  /** Counts per code in [from, from + n·step); `source` null for all of them. */
  byCode(from: number, step: number, n: number, source: string | null): Map<number, number[]> {
    const out = new Map<number, number[]>();
    const buckets = source === null ? this.#all : this.#bySource.get(source);
    for (const [bucket, codes] of buckets ?? []) {
      const i = Math.floor((bucket - from) / step);
      if (i < 0 || i >= n) continue;
      for (const [code, count] of codes) {
        let row = out.get(code);
        if (!row) out.set(code, (row = new Array<number>(n).fill(0)));
        row[i] += count;
      }
    }
    return out;
  }
}

function bump(buckets: Buckets, bucket: number, code: number, n: number): void {
  let codes = buckets.get(bucket);
  if (!codes) buckets.set(bucket, (codes = new Map()));
  codes.set(code, (codes.get(code) ?? 0) + n);
}

function forget(buckets: Buckets, oldest: number): void {
  for (const bucket of buckets.keys()) if (bucket < oldest) buckets.delete(bucket);
}
