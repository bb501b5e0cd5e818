// Why something has not fired, or would have: the moment of a range at which a source came nearest to paging, with its numbers; and
// the same for each rule that people wrote.
import type { Rule, WhyAnswer } from '#shared/api.ts';
import { Engine } from '../core/detect/engine.ts';
import { SLOT } from '../core/detect/window-counter.ts';
import { why } from '../core/detect/why.ts';
import { openRule, type Near } from '../core/rules/rules.ts';
import type { CountStore } from '../store/store.ts';
import { playBucket } from './backtest.ts';
import { spread, storedCounts } from './stored-counts.ts';

/** What comes before the range, for its baseline, ms. */
const BEFORE_MS = 2 * 86_400_000;
const FINE_MS = 2 * 86_400_000;
const ROWS_MAX = 20,
  RULES_MAX = 20;

/** ms. Reads the stored counts; a range over two days old is seen by the minute. */
export async function whyOf(
  deps: { counts: CountStore; now(): number },
  source: string,
  rules: readonly Rule[],
  from: number,
  to: number,
): Promise<WhyAnswer> {
  const step = deps.now() - from > FINE_MS ? 60 : SLOT;
  const engine = new Engine({ onTransition: () => {} });
  let best: Pick<WhyAnswer, 'at' | 'rows'> = { at: null, rows: [] },
    requests = 0,
    nearest = -Infinity;
  // what lies before the range only teaches: minutes are fine enough
  for (const part of [
    { from: from - BEFORE_MS, to: from, step: 60 },
    { from, to, step },
  ]) {
    for await (const bucket of storedCounts(deps.counts, source, part)) {
      for (const [, count] of bucket.counts) requests += count;
      const end = bucket.start + bucket.width;
      playBucket(engine, source, bucket, (state) => {
        if (part.from !== from) return;
        const rows = why(state, end);
        if (rows.length === 0 || rows[0].nearness <= nearest) return;
        nearest = rows[0].nearness;
        best = { at: end * 1000, rows: rows.slice(0, ROWS_MAX) };
      });
    }
  }
  const own = rules.filter(({ enabled, spec }) => enabled && (spec.source ?? source) === source).slice(0, RULES_MAX);
  return {
    ...best,
    requests,
    rules: await Promise.all(own.map((rule) => whyRule(deps.counts, source, rule, { from, to, step }))),
  };
}

/** When a rule came nearest to firing, or how long its level was met. */
async function whyRule(
  counts: CountStore,
  source: string,
  { spec }: Rule,
  { from, to, step }: { from: number; to: number; step: number },
): Promise<WhyAnswer['rules'][number]> {
  const run = openRule(spec),
    where = run.where ?? undefined,
    wait = run.timings.pageFor;
  let best: Near & { at: number } = { at: to / 1000, nearness: -1, says: '' },
    last = NaN,
    since = NaN;
  for (const part of [
    { from: from - run.reach * 1000, to: from, step: 60 },
    { from, to, step },
  ]) {
    for await (const bucket of storedCounts(counts, source, { ...part, where })) {
      for (const { start, width, counts: some } of spread(bucket, to / 1000)) {
        const end = start + width;
        for (const [code, count] of some) run.count(Math.ceil(end) - 1, code, count);
        if (some.length > 0 || Number.isNaN(last)) last = end - 1;
        if (part.from !== from) continue;
        since = run.judge(end, last) === undefined ? NaN : Number.isNaN(since) ? end : since;
        const near = run.near(end, last),
          held = end - since;
        const seen = Number.isNaN(since)
          ? near
          : {
              nearness: 1 + held / Math.max(1, wait),
              says:
                held >= wait
                  ? `it fires: ${near.says}`
                  : `${near.says}; met for ${Math.round(held)} s, where ${wait} s are needed`,
            };
        if (seen.nearness > best.nearness) best = { at: end, ...seen };
      }
    }
  }
  return {
    name: spec.name,
    severity: spec.severity,
    at: Math.round(best.at * 1000),
    fires: best.says.startsWith('it fires'),
    says: best.says,
  };
}
