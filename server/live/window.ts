// The last quarter of an hour at 10 s a bucket, and what the next delta will add to it. Kept apart until the tick, so that a
// snapshot and the deltas after it never hold the same hit twice.
import { SNAPSHOT_MS, type CountRow } from '#shared/live.ts';

const BUCKET_S = 10;
/** Rows of one delta. A backfill touches more buckets than a page shows; the oldest are left to /api/series. */
const DELTA_ROWS_MAX = 5000;
/** Codes are 0–999; one number holds source and code. */
const CODES = 1000;

type Buckets = Map<number, Map<number, number>>;

export class LiveWindow {
  readonly #held: Buckets = new Map();
  #pending: Buckets = new Map();

  /** `second` of event time. */
  add(source: number, second: number, code: number, count: number): void {
    addTo(this.#pending, second - (second % BUCKET_S), source * CODES + code, count);
  }

  /** What is held at the start, read from the store; `bucket` in seconds. */
  seed(source: number, bucket: number, code: number, count: number): void {
    addTo(this.#held, bucket, source * CODES + code, count);
  }

  /** Moves what is pending into the window and returns it as rows; sources as ids, buckets in ms. */
  tick(now: number): CountRow[] {
    const rows = rowsOf(this.#pending).sort((a, b) => b[0] - a[0]);
    for (const [bucket, counts] of this.#pending)
      for (const [key, count] of counts) addTo(this.#held, bucket, key, count);
    this.#pending = new Map();
    const oldest = (now - SNAPSHOT_MS) / 1000 - BUCKET_S;
    for (const bucket of this.#held.keys()) if (bucket < oldest) this.#held.delete(bucket);
    return rows.length > DELTA_ROWS_MAX ? rows.slice(0, DELTA_ROWS_MAX) : rows;
  }

  snapshot(): CountRow[] {
    return rowsOf(this.#held).sort((a, b) => a[0] - b[0]);
  }

  /** Ids of the sources with something pending. */
  touched(): Set<number> {
    const sources = new Set<number>();
    for (const counts of this.#pending.values()) for (const key of counts.keys()) sources.add(Math.floor(key / CODES));
    return sources;
  }
}

function addTo(buckets: Buckets, bucket: number, key: number, count: number): void {
  let counts = buckets.get(bucket);
  if (counts === undefined) buckets.set(bucket, (counts = new Map()));
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function rowsOf(buckets: Buckets): CountRow[] {
  const rows: CountRow[] = [];
  for (const [bucket, counts] of buckets)
    for (const [key, count] of counts) rows.push([bucket * 1000, Math.floor(key / CODES), key % CODES, count]);
  return rows;
}
