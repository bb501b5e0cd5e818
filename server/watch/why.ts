// Why something has not fired, or would have: the moment of a range at which a source came nearest to paging, with its numbers.
import { Engine } from '../core/detect/engine.ts';
import { SLOT } from '../core/detect/track.ts';
import { why, type WhyRow } from '../core/detect/why.ts';
import type { CountStore } from '../store/store.ts';
import { playBucket } from './backtest.ts';
import { storedCounts } from './stored-counts.ts';

/** What comes before the range, for its baseline, ms. */
const BEFORE_MS = 2 * 86_400_000;
const FINE_MS = 2 * 86_400_000;
const ROWS_MAX = 20;

export interface Why {
  /** ms; null when nothing failed in the range. */
  at: number | null;
  rows: WhyRow[];
  /** Requests that the answer rests on, baseline included. */
  requests: number;
}

/** ms. Reads the stored counts; a range over two days old is seen by the minute. */
export async function whyOf(deps: { counts: CountStore; now(): number }, source: string, from: number, to: number): Promise<Why> {
  const step = deps.now() - from > FINE_MS ? 60 : SLOT;
  const engine = new Engine({ onTransition: () => {} });
  let best: Why = { at: null, rows: [], requests: 0 }, requests = 0, nearest = -Infinity;
  // what lies before the range only teaches: minutes are fine enough
  for (const part of [{ from: from - BEFORE_MS, to: from, step: 60 }, { from, to, step }]) {
    for await (const bucket of storedCounts(deps.counts, source, part)) {
      for (const [, count] of bucket.counts) requests += count;
      const end = bucket.start + bucket.width;
      playBucket(engine, source, bucket, (state) => {
        if (part.from !== from) return;
        const rows = why(state, end);
        if (rows.length === 0 || rows[0].nearness <= nearest) return;
        nearest = rows[0].nearness;
        best = { at: end * 1000, rows: rows.slice(0, ROWS_MAX), requests };
      });
    }
  }
  return { ...best, requests };
}
