// Why something has not fired, or would have: the moment of a range at which a source came nearest to paging, with its numbers.
import { Engine } from '../core/engine.ts';
import { SLOT } from '../core/track.ts';
import { why, type WhyRow } from '../core/why.ts';
import type { CountStore } from '../store/store.ts';

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
  const engine = new Engine({ resolution: step, onTransition: () => {} });
  let best: Why = { at: null, rows: [], requests: 0 }, requests = 0, nearest = -Infinity;
  for (const [start, end] of [[from - BEFORE_MS, from], [from, to]]) {
    // what lies before the range only teaches: minutes are fine enough
    const width = start === from ? step : 60;
    const { from: first, series } = await deps.counts.series({ from: start, to: end, step: width * 1000, by: 'code', source });
    for (let i = 0; i < (series[0]?.counts.length ?? 0); i++) {
      const second = first / 1000 + (i + 1) * width - 1;
      for (const { key, counts } of series) {
        if (!(counts[i] > 0)) continue;
        engine.count(engine.source(source, second), second, Number(key), counts[i]);
        requests += counts[i];
      }
      const state = engine.sources.get(source)?.state;
      if (state && start === from) {
        const rows = why(state, second + 1);
        if (rows.length > 0 && rows[0].nearness > nearest) {
          nearest = rows[0].nearness;
          best = { at: (second + 1) * 1000, rows: rows.slice(0, ROWS_MAX), requests };
        }
      }
      engine.tick(second + 1);
    }
  }
  return { ...best, requests };
}
