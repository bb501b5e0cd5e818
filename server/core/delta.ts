// What a batch adds to the counts, before it is committed. Pure; merging deltas is addition.
import type { Hit } from './hit.ts';

export interface Delta {
  /** Hits counted (sum of their `count`). */
  readonly hits: number;
  /** Count this exchange for the source, at second granularity, with all its dimensions. `ts` is the ms to count it at. */
  add(hit: Hit, source: number, ts: number): void;
  merge(other: Delta): void;
  /** Every (second, code) counted, for the detector and the live hub. */
  forEachCount(visit: (source: number, second: number, code: number, count: number) => void): void;
}
