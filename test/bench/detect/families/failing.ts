// What begins at once and stays until it is repaired.
import { ALL, BIG, SEEN, isSmall, minutes, steady, type Family } from '../event.ts';

export const failing: readonly Family[] = [
  {
    name: 'outage',
    sizes: [...ALL, 'noisy'],
    draw: (r) => {
      const code = r.pick([500, 502, 503, 504]);
      return { kind: 'page', code, lasts: minutes(r, 8, 40), effect: steady(code, r.between(0.7, 1)) };
    },
  },
  {
    name: 'long outage',
    sizes: ALL,
    draw: (r) => {
      const code = r.pick([500, 502, 503, 504, 522]);
      return { kind: 'page', code, lasts: minutes(r, 240, 420), effect: steady(code, r.between(0.4, 1)) };
    },
  },
  {
    name: 'partial',
    sizes: SEEN,
    draw: (r, s) => {
      const code = r.pick([500, 502, 504]);
      return {
        kind: 'page',
        code,
        lasts: minutes(r, 12, 60),
        effect: steady(code, isSmall(s) ? r.between(0.25, 0.5) : r.between(0.06, 0.34)),
      };
    },
  },
  {
    name: 'one of many instances',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([502, 503, 504]),
        p = 1 / r.pick([4, 6, 8, 12, 20, 30]);
      return { kind: 'page', code, lasts: minutes(r, 15, 60), effect: () => ({ share: { [code]: p }, times: 1 + p }) };
    },
  },
  {
    name: 'one route 500',
    sizes: BIG,
    draw: (r) => ({ kind: 'page', code: 500, lasts: minutes(r, 20, 90), effect: steady(500, r.between(0.03, 0.1)) }),
  },
  {
    name: 'small share',
    sizes: ['large'],
    draw: (r) => {
      const code = r.pick([500, 502, 503, 504]);
      return { kind: 'page', code, lasts: minutes(r, 60, 120), effect: steady(code, r.between(0.007, 0.025)) };
    },
  },
  {
    name: 'clumped',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([500, 502, 504]),
        p = r.between(0.1, 0.35);
      return { kind: 'page', code, lasts: minutes(r, 15, 60), effect: () => ({ share: { [code]: p }, clump: 1 }) };
    },
  },
  {
    name: 'burst 503',
    sizes: BIG,
    draw: (r) => ({ kind: 'page', code: 503, lasts: minutes(r, 1.5, 4), effect: steady(503, r.between(0.3, 0.8)) }),
  },
  {
    name: 'edge',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([520, 521, 522, 524, 525]);
      return { kind: 'page', code, lasts: minutes(r, 10, 40), effect: steady(code, r.between(0.15, 0.9)) };
    },
  },
  {
    name: 'odd 5xx',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([501, 505, 507, 508, 509, 599]);
      return { kind: 'page', code, lasts: minutes(r, 10, 40), effect: steady(code, r.between(0.05, 0.6)) };
    },
  },
  {
    name: 'gave up',
    sizes: BIG,
    draw: (r) => ({ kind: 'page', code: 499, lasts: minutes(r, 10, 30), effect: steady(499, r.between(0.3, 0.6)) }),
  },
  {
    name: 'mixed 5xx',
    sizes: BIG,
    draw: (r) => {
      const p = r.between(0.04, 0.12);
      return {
        kind: 'page',
        code: 502,
        lasts: minutes(r, 10, 40),
        effect: () => ({ share: { 502: p, 503: p * 0.8, 504: p * 0.6 } }),
      };
    },
  },
  {
    name: 'two at once',
    sizes: BIG,
    draw: (r) => {
      const a = r.pick([500, 503]),
        b = r.pick([502, 504]),
        p = r.between(0.05, 0.3);
      return {
        kind: 'page',
        code: r.pick([a, b]),
        lasts: minutes(r, 10, 40),
        effect: () => ({ share: { [a]: p / 2, [b]: p / 2 } }),
      };
    },
  },
  {
    name: 'overload',
    sizes: BIG,
    draw: (r) => {
      const p = r.between(0.15, 0.4),
        times = r.between(2, 6);
      return { kind: 'page', code: 503, lasts: minutes(r, 10, 30), effect: () => ({ share: { 503: p }, times }) };
    },
  },
  // what waited comes at once when it works again
  {
    name: 'outage and overshoot',
    sizes: BIG,
    draw: (r) => {
      const lasts = minutes(r, 12, 40),
        code = r.pick([502, 503]);
      return {
        kind: 'page',
        code,
        lasts,
        effect: (at) => (at < lasts * 0.7 ? { share: { [code]: 0.9 }, times: 0.6 } : { times: 2.5 }),
      };
    },
  },
  {
    name: 'all redirected',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([301, 302]);
      return { kind: 'page', code, lasts: minutes(r, 15, 60), effect: () => ({ turned: { code, share: 0.97 } }) };
    },
  },
  {
    name: 'all forbidden',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([401, 403, 404]);
      return { kind: 'page', code, lasts: minutes(r, 15, 60), effect: () => ({ turned: { code, share: 0.98 } }) };
    },
  },
  {
    name: 'usual level times three',
    sizes: ['noisy'],
    draw: (r, s) => {
      const times = r.between(2.5, 4);
      return { kind: 'page', lasts: minutes(r, 40, 120), effect: () => ({ share: usualTimes(s.usual, times) }) };
    },
  },
  {
    name: 'flood of errors',
    sizes: ['errors'],
    draw: (r) => {
      const code = r.pick([500, 502, 504]),
        rate = r.between(1, 4);
      return { kind: 'page', code, lasts: minutes(r, 10, 60), effect: () => ({ add: { code, rate } }) };
    },
  },
  {
    name: 'every run fails',
    sizes: ['hourly'],
    draw: (r) => {
      const code = r.pick([500, 502, 504]);
      return { kind: 'page', code, lasts: minutes(r, 300, 600), effect: steady(code, 1) };
    },
  },
];

/** What lifts every server failure of the usual mix to so many times its share. */
function usualTimes(usual: Readonly<Record<number, number>>, times: number): Record<number, number> {
  return Object.fromEntries(
    Object.entries(usual)
      .filter(([code]) => Number(code) >= 500)
      .map(([code, p]) => [code, p * (times - 1)]),
  );
}
