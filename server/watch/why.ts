// Why something has not fired, or would have: the moment of a range at which a source came nearest to paging, with its numbers; and
// the same for each rule that people wrote. However long the range, about the same work: a long one is first read in wide steps, and
// the stretches that stand out are played.
import type { Rule, WhyAnswer } from '#shared/api.ts';
import { plural } from '#shared/numbers.ts';
import { Engine } from '../core/detect/engine.ts';
import { familyOf, isServer } from '../core/detect/families.ts';
import { SLOT } from '../core/detect/window-counter.ts';
import { why } from '../core/detect/why.ts';
import { openRule, type Near } from '../core/rules/rules.ts';
import { seconds } from '../core/words.ts';
import type { CountStore } from '../store/store.ts';
import { playBucket } from './backtest.ts';
import { standOut, type RangePart } from './stand-out.ts';
import { spread, storedCounts } from './stored-counts.ts';

const MINUTE = 60,
  HOUR_MS = 3_600_000,
  FINE_MS = 48 * HOUR_MS;
/** A range up to this long is played whole; and so much before each stretch, for its baseline. */
const WHOLE_MS = 12 * HOUR_MS,
  BEFORE_MS = 12 * HOUR_MS;
/** Steps that a longer range is read in, s, and how many there are at most. Those under an hour are made of ten minutes each: of a few days only. */
const STEP_OF_DAYS = 600,
  DAYS_MS = 96 * HOUR_MS,
  STEPS = [3600, 7200, 21_600, 86_400],
  STEPS_MAX = 10_000;
const STRETCHES_MAX = 4;
/** What begins at the end of a step shows a little later. */
const AFTER = 600;
const ROWS_MAX = 20,
  RULES_MAX = 20;
/** Moments that rules are held against, all together; steps, s. */
const MOMENTS_MAX = 20_000;
const RULE_STEPS = [10, 60, 300, 900, 3600, 21_600, 86_400, 7 * 86_400];

export interface WhyDeps {
  counts: CountStore;
  now(): number;
}

/** ms */
interface Range {
  from: number;
  to: number;
}

/** ms. Reads the stored counts; what is over two days old is seen by the minute. */
export async function whyOf(
  deps: WhyDeps,
  source: string,
  rules: readonly Rule[],
  from: number,
  to: number,
): Promise<WhyAnswer> {
  const range = await held(deps, source, { from, to });
  const parts: RangePart[] = [];
  const length = range.to - range.from,
    long = length > WHOLE_MS;
  const step =
    length <= DAYS_MS ? STEP_OF_DAYS : (STEPS.find((s) => length / 1000 / s <= STEPS_MAX) ?? STEPS[STEPS.length - 1]);
  for await (const { start, width, counts } of storedCounts(deps.counts, source, {
    ...range,
    step: long ? step : MINUTE,
  })) {
    let bad = 0,
      total = 0;
    for (const [code, count] of counts) {
      total += count;
      if (isServer[familyOf(code)]) bad += count;
    }
    parts.push({ start, width, bad, total });
  }
  const outstanding = long ? standOut(parts, STRETCHES_MAX) : [];
  const stretches = long
    ? outstanding.map((part) => ({
        from: Math.max(range.from, part.start * 1000),
        to: Math.min(range.to, (part.start + part.width + AFTER) * 1000),
      }))
    : [range];
  let best: Nearest = { at: null, rows: [], nearness: -Infinity };
  for (const stretch of stretches) best = await nearestIn(deps, source, stretch, best);
  const own = rules.filter(({ enabled, spec }) => enabled && (spec.source ?? source) === source).slice(0, RULES_MAX);
  const ruleStep =
    RULE_STEPS.find((s) => length / 1000 / s <= MOMENTS_MAX / Math.max(1, own.length)) ??
    RULE_STEPS[RULE_STEPS.length - 1];
  const tried: WhyAnswer['rules'] = [];
  for (const rule of own) tried.push(await whyRule(deps, source, rule, range, ruleStep));
  return {
    at: best.at,
    rows: best.rows,
    requests: parts.reduce((sum, { total }) => sum + total, 0),
    rules: tried,
    looked: lookedAt(outstanding, own.length > 0 ? ruleStep : 0),
  };
}

/** What of the range can hold anything: up to now, and from the oldest count on. */
async function held({ counts, now }: WhyDeps, source: string, asked: Range): Promise<Range> {
  const to = Math.max(asked.from + 1000, Math.min(asked.to, now() + SLOT * 1000));
  const { oldest } = await counts.series({ from: to - HOUR_MS, to, step: HOUR_MS, by: 'code', source });
  return { from: Math.min(to - 1000, Math.max(asked.from, oldest ?? to - WHOLE_MS)), to };
}

interface Nearest extends Pick<WhyAnswer, 'at' | 'rows'> {
  nearness: number;
}

/** The nearest moment of a stretch, when it is nearer than `best`. */
async function nearestIn(deps: WhyDeps, source: string, { from, to }: Range, best: Nearest): Promise<Nearest> {
  const engine = new Engine({ onTransition: () => {} });
  const fine = deps.now() - from > FINE_MS ? MINUTE : SLOT;
  // what lies before only teaches: minutes are fine enough
  for (const part of [
    { from: from - BEFORE_MS, to: from, step: MINUTE },
    { from, to, step: fine },
  ]) {
    for await (const bucket of storedCounts(deps.counts, source, part)) {
      const end = bucket.start + bucket.width;
      playBucket(engine, source, bucket, (state) => {
        if (part.from !== from) return;
        const rows = why(state, end);
        if (rows.length > 0 && rows[0].nearness > best.nearness)
          best = { at: end * 1000, rows: rows.slice(0, ROWS_MAX), nearness: rows[0].nearness };
      });
    }
  }
  return best;
}

/** When a rule came nearest to firing, or how long its level was met; `step` in s. */
async function whyRule(
  { counts, now }: WhyDeps,
  source: string,
  { spec }: Rule,
  { from, to }: Range,
  step: number,
): Promise<WhyAnswer['rules'][number]> {
  const run = openRule(spec),
    where = run.where ?? undefined,
    wait = run.timings.pageFor;
  const fine = now() - from > FINE_MS || where !== undefined ? MINUTE : SLOT;
  const reachStep = RULE_STEPS.find((s) => s >= MINUTE && run.reach / s <= 500) ?? HOUR_MS / 1000;
  let best: Near & { at: number } = { at: to / 1000, nearness: -1, says: '' },
    last = NaN,
    since = NaN;
  for (const part of [
    { from: from - run.reach * 1000, to: from, step: reachStep },
    { from, to, step: Math.max(fine, step) },
  ]) {
    for await (const bucket of storedCounts(counts, source, { ...part, where })) {
      for (const { start, width, counts: some } of spread(bucket, to / 1000, part.step > MINUTE ? part.step : 0)) {
        // all of a part falls into a window that is shorter: as much of it counts as the window holds
        const end = start + width,
          share = run.reach > 0 && width > run.reach ? run.reach / width : 1;
        for (const [code, count] of some) run.count(Math.ceil(end) - 1, code, count * share);
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

/** What a long range kept from being looked at. */
function lookedAt(stretches: readonly RangePart[], ruleStep: number): string | null {
  const said = [];
  if (stretches.length > 0)
    said.push(
      `This range is long. Only the ${plural(stretches.length, 'part')} of ${seconds(stretches[0].width * 1000)} with the clearest failures or drops in traffic ${stretches.length === 1 ? 'was' : 'were'} examined closely.`,
    );
  if (ruleStep > MINUTE) said.push(`Rules were tested in steps of ${seconds(ruleStep * 1000)}.`);
  return said.length === 0 ? null : said.join(' ');
}
