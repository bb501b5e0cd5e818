// The last minutes of counts at 10 s a bucket, as the live connection tells them: of the source that is shown and of all others in sum.
// Maps, since sources and codes come from outside.
import { SNAPSHOT_MS, type Counts } from '#shared/live.ts';

type Buckets = Map<number, Map<number, number>>;
/** The live time and one bucket, so that the oldest visible bar is never cut. */
const KEEP_MS = SNAPSHOT_MS + 10_000;

export class LiveCounts {
  /** By the source that is named; null is the sum of the others. */
  #parts = new Map<string | null, Buckets>();

  clear(): void {
    this.#parts.clear();
  }

  /** What buckets hold by now, whatever they held before; forgets what is too old. */
  put({ names, counts }: Counts, now: number): void {
    const oldest = now - KEEP_MS;
    for (const [bucket, name, code, n] of counts) {
      if (bucket < oldest) continue;
      let part = this.#parts.get(names[name]);
      if (!part) this.#parts.set(names[name], (part = new Map()));
      let codes = part.get(bucket);
      if (!codes) part.set(bucket, (codes = new Map()));
      codes.set(code, n);
    }
    for (const part of this.#parts.values()) for (const bucket of part.keys()) if (bucket < oldest) part.delete(bucket);
  }

  /** Counts per code in [from, from + n·step); `source` null for all of them. */
  byCode(from: number, step: number, n: number, source: string | null): Map<number, number[]> {
    const out = new Map<number, number[]>();
    for (const [name, part] of this.#parts) {
      if (source !== null && name !== source) continue;
      for (const [bucket, codes] of part) {
        const i = Math.floor((bucket - from) / step);
        if (i < 0 || i >= n) continue;
        for (const [code, count] of codes) {
          let row = out.get(code);
          if (!row) out.set(code, (row = new Array<number>(n).fill(0)));
          row[i] += count;
        }
      }
    }
    return out;
  }
}
