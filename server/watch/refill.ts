// What rules had counted, counted again from what is stored: after a restart, and for a rule that is new.
import type { RuleRun } from '../core/rules/rules.ts';
import type { CountStore } from '../store/store.ts';
import { spread, storedCounts } from './stored-counts.ts';

const HOUR = 3600;
/** The nearer, the finer: how far back (s) each step (s) is read. */
const STEPS: readonly { step: number; until: number }[] = [
  { step: HOUR, until: 6 * HOUR },
  { step: 60, until: HOUR },
  { step: 10, until: 0 },
];

/** Nothing is judged; `now` in s. */
export async function refill(counts: CountStore, source: string, runs: readonly RuleRun[], now: number): Promise<void> {
  const whole = runs.filter(({ where }) => where === null);
  await refillFrom(counts, source, whole, now);
  for (const run of runs) if (run.where !== null) await refillFrom(counts, source, [run], now);
}

async function refillFrom(counts: CountStore, source: string, runs: readonly RuleRun[], now: number): Promise<void> {
  const reach = Math.max(0, ...runs.map((run) => run.reach));
  const where = runs[0]?.where ?? undefined;
  let from = now - reach;
  for (const { step, until } of STEPS) {
    const to = now - until;
    if (from >= to) continue;
    for await (const bucket of storedCounts(counts, source, { from: from * 1000, to: to * 1000, step, where })) {
      for (const { start, width, counts: some } of spread(bucket, now)) {
        for (const [code, count] of some) for (const run of runs) run.count(Math.ceil(start + width) - 1, code, count);
      }
      from = Math.max(from, bucket.start + bucket.width);
    }
  }
}
