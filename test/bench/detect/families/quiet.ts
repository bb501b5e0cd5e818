// What looks alarming and is no reason to wake anyone.
import { BIG, SEEN, minutes, steady, type Family } from '../event.ts';

export const quiet: readonly Family[] = [
  {
    name: 'deploy blip',
    sizes: [...SEEN, 'noisy'],
    draw: (r) => {
      const code = r.pick([502, 503]);
      return { kind: 'quiet', lasts: r.pick([10, 20]), effect: steady(code, r.between(0.03, 0.15)) };
    },
  },
  {
    name: 'rolling deploy',
    sizes: SEEN,
    draw: (r) => {
      const code = r.pick([502, 503]),
        every = r.pick([120, 180, 300]),
        p = r.between(0.03, 0.1);
      return {
        kind: 'quiet',
        lasts: every * 3 + 10,
        effect: (at) => (at % every < 10 ? { share: { [code]: p } } : {}),
      };
    },
  },
  {
    name: 'hiccup',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([500, 504]);
      return { kind: 'quiet', lasts: 10, effect: steady(code, r.between(0.03, 0.12)) };
    },
  },
  {
    name: 'one client',
    sizes: BIG,
    draw: (r, s) => ({
      kind: 'quiet',
      lasts: minutes(r, 1, 10),
      effect: () => ({ add: { code: 500, rate: Math.min(s.rate * 0.014, 3) } }),
    }),
  },
  {
    name: 'crawler',
    sizes: SEEN,
    draw: (r, s) => ({
      kind: 'quiet',
      lasts: minutes(r, 5, 60),
      effect: () => ({ add: { code: 404, rate: Math.max(2, s.rate * 0.5) } }),
    }),
  },
  {
    name: 'password guessing',
    sizes: SEEN,
    draw: (r, s) => {
      const code = r.pick([401, 403]);
      return { kind: 'quiet', lasts: minutes(r, 5, 60), effect: () => ({ add: { code, rate: s.rate * 0.8 } }) };
    },
  },
  {
    name: 'limited',
    sizes: BIG,
    draw: (r, s) => ({
      kind: 'quiet',
      lasts: minutes(r, 5, 30),
      effect: () => ({ add: { code: 429, rate: s.rate * 0.1 } }),
    }),
  },
  {
    name: 'limit storm',
    sizes: BIG,
    draw: (r, s) => ({
      kind: 'any',
      lasts: minutes(r, 10, 40),
      effect: () => ({ add: { code: 429, rate: s.rate * 1.5 } }),
    }),
  },
  {
    name: 'moved pages',
    sizes: BIG,
    draw: (r) => ({ kind: 'quiet', lasts: minutes(r, 30, 90), effect: () => ({ turned: { code: 301, share: 0.2 } }) }),
  },
  {
    name: 'impatient clients',
    sizes: BIG,
    draw: (r) => ({ kind: 'quiet', lasts: minutes(r, 5, 30), effect: steady(499, r.between(0.01, 0.04)) }),
  },
];
