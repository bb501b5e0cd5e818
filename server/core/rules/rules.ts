// Rules that people write: a threshold on the share or rate of some codes, a service-level objective by its burn rate, absence.
// A rule on one source is a verdict like a detector's, and its incident has the same life.
import type { Dimension, RuleSpec } from '#shared/api.ts';
import { BURN_FAILURES_MIN, BURN_RATES } from '#shared/burn-rates.ts';
import { count, exactPercent, percent } from '#shared/numbers.ts';
import { seconds } from '../words.ts';
import { codeSet } from './code-set.ts';
import { CodesSeen } from './codes-seen.ts';
import type { Verdict } from '../detect/detectors/detector.ts';
import type { Timings } from '../detect/incident.ts';
import { RollingSum } from './rolling-sum.ts';

/** A rule as it runs on one source. */
export interface RuleRun {
  readonly timings: Timings;
  /** Set when only hits of one value count; those come by `countValue`. */
  readonly where: { dimension: Dimension; value: string } | null;
  count(second: number, code: number, count: number): void;
  judge(now: number, last: number): Verdict | undefined;
  /** Not yet below its clear level. */
  holds(now: number, last: number): boolean;
  readonly findsSilence: boolean;
  /** How far back its counts reach, s. */
  readonly reach: number;
  /** How near it is to firing: from 1 on its level is met. */
  near(now: number, last: number): Near;
}

export interface Near {
  nearness: number;
  /** Its numbers, with what they are held against. */
  says: string;
}

const HOUR = 3600;

export function openRule(spec: RuleSpec): RuleRun {
  switch (spec.kind) {
    case 'threshold':
      return new Threshold(spec);
    case 'slo':
      return new Objective(spec);
    case 'absence':
      return new Absence(spec);
  }
}

/** What is wrong with a rule, or undefined. */
export function problemOf(spec: RuleSpec): string | undefined {
  if (spec.kind !== 'threshold')
    return spec.kind === 'absence' && spec.for < 1 ? '`for` must be a second or more' : undefined;
  if (!codeSet(spec.codes)) return `"${spec.codes}" is no set of codes: say 502, 5xx, 500-504, or several with commas`;
  if (spec.window < 1) return '`window` must be a second or more';
  if (spec.measure === 'share' && spec.above >= 1) return 'a share of 1 or more is never exceeded: shares are 0–1';
  if (spec.clear !== null && spec.clear > spec.above) return 'the clear level lies above the level that fires';
  return undefined;
}

const timings = (wait: number, hold: number): Timings => ({
  warnFor: wait,
  pageFor: wait,
  hold,
  holdMax: hold,
  grace: 0,
  again: 0,
});

class Threshold implements RuleRun {
  readonly timings: Timings;
  readonly where: { dimension: Dimension; value: string } | null;
  readonly findsSilence = false;
  readonly reach: number;
  readonly #spec: RuleSpec & { kind: 'threshold' };
  readonly #codes: Uint8Array;
  readonly #sum: RollingSum;
  readonly #seen: CodesSeen;

  constructor(spec: RuleSpec & { kind: 'threshold' }) {
    this.#spec = spec;
    this.#codes = codeSet(spec.codes) ?? new Uint8Array(1000);
    this.#sum = new RollingSum(spec.window);
    this.timings = timings(spec.for, spec.keepFiring);
    this.where = spec.where;
    this.reach = spec.window;
    this.#seen = new CodesSeen(spec.window);
  }

  count(second: number, code: number, count: number): void {
    const bad = this.#codes[code] * count;
    this.#sum.add(second, bad, count);
    if (bad > 0) this.#seen.add(second, code, bad);
  }

  #value(now: number): number {
    this.#sum.advance(now - 1);
    return this.#spec.measure === 'share' ? this.#sum.share : this.#sum.rate;
  }

  judge(now: number): Verdict | undefined {
    const { name, severity, above, measure, window, minTotal, where } = this.#spec;
    const value = this.#value(now);
    const { bad, total, share } = this.#sum;
    if (!(value > above) || total < minTotal) return undefined;
    const said =
      measure === 'share'
        ? `${percent(value, above)} of requests (over ${exactPercent(above)})`
        : `${Number(value.toPrecision(3))} per second (over ${above})`;
    return {
      rule: name,
      level: severity,
      codes: this.#seen.list(now),
      window,
      bad,
      total,
      share,
      baseline: 0,
      score: value / Math.max(above, 1e-9),
      threshold: above,
      says: `${this.#spec.codes}${where ? ` of ${where.dimension} ${where.value}` : ''} at ${said} in ${window} s`,
    };
  }

  holds(now: number): boolean {
    return this.#value(now) > (this.#spec.clear ?? this.#spec.above);
  }

  near(now: number): Near {
    const { measure, above, minTotal, window, codes } = this.#spec;
    const value = this.#value(now),
      { bad, total } = this.#sum;
    const said =
      measure === 'share'
        ? `${percent(value, above)} of requests (fires over ${exactPercent(above)})`
        : `${Number(value.toPrecision(3))} per second (fires over ${above})`;
    return {
      nearness: Math.min(value / Math.max(above, 1e-9), total / Math.max(minTotal, 1e-9)),
      says: `${codes} at ${said} in ${window} s: ${count(bad)} of ${count(total)}${total < minTotal ? `, where ${count(minTotal)} requests are needed` : ''}`,
    };
  }
}

class Objective implements RuleRun {
  readonly timings = timings(0, 120);
  readonly where = null;
  readonly findsSilence = false;
  readonly reach = Math.max(...BURN_RATES.map(({ long }) => long));
  readonly #spec: RuleSpec & { kind: 'slo' };
  readonly #sums = BURN_RATES.map(({ long, short }) => ({ long: new RollingSum(long), short: new RollingSum(short) }));
  readonly #codes = BURN_RATES.map(({ short }) => new CodesSeen(short));

  constructor(spec: RuleSpec & { kind: 'slo' }) {
    this.#spec = spec;
  }

  count(second: number, code: number, count: number): void {
    const bad = code >= 500 && code < 600 ? count : 0;
    if (bad > 0) for (const codes of this.#codes) codes.add(second, code, bad);
    for (const { long, short } of this.#sums) {
      long.add(second, bad, count);
      short.add(second, bad, count);
    }
  }

  judge(now: number): Verdict | undefined {
    const { name, severity, target } = this.#spec;
    for (const [i, { burn, level }] of BURN_RATES.entries()) {
      const { long, short } = this.#sums[i];
      long.advance(now - 1);
      short.advance(now - 1);
      const budget = burn * (1 - target);
      if (long.share <= budget || short.share <= budget || long.bad < BURN_FAILURES_MIN) continue;
      const rate = long.share / (1 - target);
      return {
        rule: name,
        level: severity === 'warn' ? 'warn' : level,
        codes: this.#codes[i].list(now),
        window: long.seconds,
        bad: long.bad,
        total: long.total,
        share: long.share,
        baseline: 1 - target,
        score: rate / burn,
        threshold: budget,
        says: `burns its budget ${Number(rate.toPrecision(3))} times too fast (over ${burn}): ${percent(long.share, budget)} failed in ${long.seconds / HOUR} h, objective ${exactPercent(target)}`,
      };
    }
    return undefined;
  }

  holds(now: number): boolean {
    return this.judge(now) !== undefined;
  }

  near(now: number): Near {
    let nearest: Near = { nearness: 0, says: 'nothing failed' };
    for (const [i, { burn }] of BURN_RATES.entries()) {
      const { long, short } = this.#sums[i];
      long.advance(now - 1);
      short.advance(now - 1);
      const budget = burn * (1 - this.#spec.target);
      const nearness = Math.min(long.share / budget, short.share / budget, long.bad / BURN_FAILURES_MIN);
      if (nearness <= nearest.nearness) continue;
      const few = long.bad < BURN_FAILURES_MIN ? `, where ${BURN_FAILURES_MIN} failures are needed` : '';
      nearest = {
        nearness,
        says: `${percent(long.share, budget)} failed in ${seconds(long.seconds * 1000)} and ${percent(short.share, budget)} in ${seconds(short.seconds * 1000)} (fires over ${exactPercent(budget)} in both): ${count(long.bad)} of ${count(long.total)}${few}`,
      };
    }
    return nearest;
  }
}

class Absence implements RuleRun {
  readonly timings = timings(0, 0);
  readonly where = null;
  readonly findsSilence = true;
  readonly reach = 0;
  readonly #spec: RuleSpec & { kind: 'absence' };

  constructor(spec: RuleSpec & { kind: 'absence' }) {
    this.#spec = spec;
  }

  count(): void {
    // that something came is all that matters, and the source's state knows it
  }

  judge(now: number, last: number): Verdict | undefined {
    const silent = now - last - 1;
    if (!(silent >= this.#spec.for)) return undefined;
    return {
      rule: this.#spec.name,
      level: this.#spec.severity,
      codes: [],
      window: silent,
      bad: 0,
      total: 0,
      share: 1,
      baseline: 0,
      score: silent / this.#spec.for,
      threshold: this.#spec.for,
      says: `no requests for ${Math.round(silent)} s (allowed: ${this.#spec.for} s)`,
    };
  }

  holds(now: number, last: number): boolean {
    return now - last - 1 >= this.#spec.for;
  }

  near(now: number, last: number): Near {
    const silent = Math.max(0, now - last - 1);
    return {
      nearness: silent / this.#spec.for,
      says: `no requests for ${Math.round(silent)} s (fires at ${this.#spec.for} s)`,
    };
  }
}
