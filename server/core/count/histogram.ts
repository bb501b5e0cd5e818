// A histogram of durations as a few bytes: the first bucket that has any, then the count of each bucket from there on, as varints.
import { DURATION_BOUNDS } from './duration.ts';
import { readVarint, VARINT_BYTES_MAX, writeVarint } from './varint.ts';

export const BUCKETS = DURATION_BOUNDS.length;
const BYTES_MAX = 1 + BUCKETS * VARINT_BYTES_MAX;

/** `counts` by bucket of count/duration.ts. */
export function encodeHistogram(counts: ArrayLike<number>): Uint8Array {
  let first = 0,
    end = BUCKETS;
  while (end > 0 && counts[end - 1] === 0) end--;
  while (first < end && counts[first] === 0) first++;
  const out = new Uint8Array(BYTES_MAX);
  let at = writeVarint(out, 0, first);
  for (let bucket = first; bucket < end; bucket++) at = writeVarint(out, at, counts[bucket]);
  return out.slice(0, at);
}

/** Adds what `encodeHistogram` wrote to `counts`; false, and nothing is added, for other bytes. */
export function addHistogram(counts: number[] | Float64Array, bytes: Uint8Array): boolean {
  const cursor = { bytes, at: 0 };
  const added: number[] = [];
  try {
    const first = readVarint(cursor);
    while (cursor.at < bytes.length) added.push(readVarint(cursor));
    if (first + added.length > BUCKETS) return false;
    for (const [i, count] of added.entries()) counts[first + i] += count;
    return true;
  } catch {
    return false;
  }
}
