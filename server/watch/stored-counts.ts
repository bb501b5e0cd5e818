// The stored counts of one source in order of time, bucket by bucket, read in pieces so that the server goes on serving.
import type { CountStore } from '../store/store.ts';

/** Under what one answer holds at the step asked for. */
const BUCKETS_AT_ONCE = 1440;

export interface StoredBucket {
  /** s */
  start: number;
  /** s; wider than asked for where only that is left. */
  width: number;
  /** [code, count]; empty where nothing came. */
  counts: [number, number][];
}

/** `from` and `to` in ms, `step` in s. */
export async function* storedCounts(store: CountStore, source: string, { from, to, step }: { from: number; to: number; step: number }): AsyncGenerator<StoredBucket> {
  for (let at = from; at < to;) {
    const end = Math.min(to, at + BUCKETS_AT_ONCE * step * 1000);
    const { from: first, step: stepMs, series } = await store.series({ from: at, to: end, step: step * 1000, by: 'code', source });
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
    }
    at = Math.max(end, first + length * stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
