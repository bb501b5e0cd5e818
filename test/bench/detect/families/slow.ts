// What begins with little and grows.
import { BIG, minutes, type Family } from '../event.ts';

export const slow: readonly Family[] = [
  {
    name: 'slow leak 500',
    sizes: BIG,
    draw: (r) => {
      const top = r.between(0.04, 0.1),
        lasts = minutes(r, 90, 180);
      return {
        kind: 'page',
        code: 500,
        lasts,
        effect: (at) => ({ share: { 500: top * Math.min(1, at / (0.8 * lasts)) } }),
      };
    },
  },
  {
    name: 'ramp',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([500, 502, 504]),
        top = r.between(0.08, 0.3),
        lasts = minutes(r, 30, 80);
      return {
        kind: 'page',
        code,
        lasts,
        effect: (at) => ({ share: { [code]: top * Math.min(1, at / (0.6 * lasts)) } }),
      };
    },
  },
  {
    name: 'rollout by stairs',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([500, 502]),
        step = minutes(r, 4, 10);
      return {
        kind: 'page',
        code,
        lasts: 5 * step,
        effect: (at) => ({ share: { [code]: [0.01, 0.05, 0.25, 0.5, 1][Math.floor(at / step)] } }),
      };
    },
  },
  // memory runs out, a restart helps for a while
  {
    name: 'sawtooth',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([502, 503, 504]),
        tooth = minutes(r, 10, 25),
        top = r.between(0.2, 0.5);
      return {
        kind: 'page',
        code,
        lasts: 4 * tooth,
        effect: (at) => ({ share: { [code]: top * ((at % tooth) / tooth) ** 2 } }),
      };
    },
  },
];
