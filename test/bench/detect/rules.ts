// What people set up today, as rules over the same buckets: to have something to be better than.
import { STEP } from './stream.ts';
import type { Page } from './score.ts';

class Sum {
  readonly #ring: Float64Array;
  #at = 0;
  sum = 0;

  constructor(slots: number) {
    this.#ring = new Float64Array(slots);
  }

  push(value: number): void {
    this.sum += value - this.#ring[this.#at];
    this.#ring[this.#at] = value;
    this.#at = (this.#at + 1) % this.#ring.length;
  }
}

interface RuleSpec {
  readonly name: string;
  /** Seconds. */
  readonly windows: readonly number[];
  /** Shares and totals by window → fire, clear. */
  readonly fires: (share: readonly number[], total: readonly number[], errors: readonly number[]) => boolean;
  readonly clears: (share: readonly number[], total: readonly number[], errors: readonly number[]) => boolean;
  /** Must hold this long first, s. */
  readonly for: number;
}

const burns = (s: readonly number[]): boolean => (s[0] > 0.0144 && s[2] > 0.0144) || (s[1] > 0.006 && s[3] > 0.006);

export const rules: readonly RuleSpec[] = [
  {
    name: '5xx over 5 % of 1 min, for 1 min',
    windows: [60],
    for: 60,
    fires: ([s]) => s > 0.05,
    clears: ([s]) => !(s > 0.05),
  },
  {
    name: 'Netdata: over 5 % of 1 min, 120 requests',
    windows: [60],
    for: 0,
    fires: ([s], [n]) => n >= 120 && s > 0.05,
    clears: ([s], [n]) => n < 120 || s < 0.02,
  },
  {
    name: 'burn rate of a 99.9 % objective',
    windows: [300, 1800, 3600, 21600],
    for: 0,
    fires: burns,
    clears: (s) => !burns(s),
  },
  {
    name: 'more than 10 errors a minute',
    windows: [60],
    for: 0,
    fires: (_s, _n, [e]) => e > 10,
    clears: (_s, _n, [e]) => e <= 10,
  },
];

/** One rule over all sources. */
export class RuleRun {
  readonly pages: Page[] = [];
  readonly #spec: RuleSpec;
  readonly #sources: {
    name: string;
    errors: Sum[];
    totals: Sum[];
    e: number;
    n: number;
    codes: Map<number, number>;
    open: boolean;
    held: number;
  }[];

  constructor(spec: RuleSpec, names: readonly string[]) {
    this.#spec = spec;
    const sums = (): Sum[] => spec.windows.map((w) => new Sum(w / STEP));
    this.#sources = names.map((name) => ({
      name,
      errors: sums(),
      totals: sums(),
      e: 0,
      n: 0,
      codes: new Map(),
      open: false,
      held: 0,
    }));
  }

  count(source: number, code: number, count: number): void {
    const s = this.#sources[source];
    s.n += count;
    if (code < 500) return;
    s.e += count;
    s.codes.set(code, (s.codes.get(code) ?? 0) + count);
  }

  /** A bucket that ends at `now` is complete. */
  tick(now: number): void {
    for (const s of this.#sources) {
      s.errors.forEach((sum) => sum.push(s.e));
      s.totals.forEach((sum) => sum.push(s.n));
      const top = [...s.codes]
        .sort((a, b) => b[1] - a[1])
        .slice(0, 1)
        .map(([code]) => code);
      s.e = s.n = 0;
      s.codes.clear();
      const errors = s.errors.map(({ sum }) => sum),
        totals = s.totals.map(({ sum }) => sum);
      const share = errors.map((e, i) => (totals[i] > 0 ? e / totals[i] : 0));
      const fires = this.#spec.fires(share, totals, errors);
      s.held = fires ? s.held + STEP : 0;
      if (!s.open && fires && s.held > this.#spec.for) {
        s.open = true;
        this.pages.push({ source: s.name, codes: top, openedAt: now });
      } else if (s.open && this.#spec.clears(share, totals, errors)) s.open = false;
    }
  }
}
