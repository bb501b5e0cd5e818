// The stored counts of one source in order of time, bucket by bucket, read in pieces so that the server goes on serving.
import type { CountStore, OneValue } from '../store/store.ts';

/** Read at once, buckets and counts: some ms. */
const BUCKETS_AT_ONCE = { least: 10, first: 60, most: 360 },
  COUNTS_AT_ONCE = 8000;
/** Then others get their turn: what is made of a bucket takes about as long as it has slots of 10 s, and a slot some 15 µs. */
const SLOTS_AT_ONCE = 400,
  SLOT = 10;
/** Parts of a wide bucket, s: of minutes, of hours. */
const PART = 10,
  PART_OF_HOUR = 60;

export interface StoredBucket {
  /** s */
  start: number;
  /** s; wider than asked for where only that is left. */
  width: number;
  /** [code, count]; empty where nothing came. */
  counts: [number, number][];
}

export interface Stretch {
  /** ms */
  from: number;
  to: number;
  /** s */
  step: number;
  /** Only the hits of one value: by the minute at best. */
  where?: OneValue;
}

export async function* storedCounts(
  store: CountStore,
  source: string,
  { from, to, step, where }: Stretch,
): AsyncGenerator<StoredBucket> {
  let slots = 0,
    buckets = BUCKETS_AT_ONCE.first;
  for (let at = from; at < to;) {
    const end = Math.min(to, at + buckets * step * 1000);
    const {
      from: first,
      step: stepMs,
      series,
    } = await store.series({ from: at, to: end, step: step * 1000, by: 'code', source, where });
    const codes = series.map(({ key, counts }) => ({ code: Number(key), counts }));
    const width = stepMs / 1000;
    const length = Math.ceil((end - first) / stepMs);
    for (let i = 0; i < length; i++) {
      const start = first / 1000 + i * width;
      // a piece is widened to whole buckets: what began before it was given by the piece before
      if (start * 1000 < at && at > from) continue;
      const counts: [number, number][] = [];
      for (const { code, counts: of } of codes) if (of[i] > 0) counts.push([code, of[i]]);
      yield { start, width, counts };
      slots += width / SLOT;
      if (slots < SLOTS_AT_ONCE) continue;
      slots = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    buckets = Math.max(
      BUCKETS_AT_ONCE.least,
      Math.min(BUCKETS_AT_ONCE.most, Math.floor(COUNTS_AT_ONCE / Math.max(1, codes.length))),
    );
    at = Math.max(end, first + length * stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A wide bucket as if its hits had come evenly, which is all that is known of them; up to `until` (s), where it has not ended yet. No part is shorter than `least` (s). */
export function spread({ start, width, counts }: StoredBucket, until = Infinity, least = 0): StoredBucket[] {
  const known = Math.min(width, until - start);
  const parts = Math.max(1, Math.floor(known / Math.max(least, width > 600 ? PART_OF_HOUR : PART)));
  const part = known / parts;
  return Array.from({ length: parts }, (_, i) => ({
    start: start + i * part,
    width: part,
    counts: counts.map(([code, count]): [number, number] => [code, count / parts]),
  }));
}
