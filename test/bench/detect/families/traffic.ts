// What happens to the traffic while the mix of answers stays.
import { ALL, BIG, SEEN, minutes, type Family } from '../event.ts';

export const traffic: readonly Family[] = [
  {
    name: 'vanished',
    sizes: SEEN,
    draw: (r, s) => ({
      kind: 'page',
      lasts: s.rate < 1 ? minutes(r, 120, 180) : minutes(r, 15, 60),
      effect: () => ({ times: 0 }),
    }),
  },
  {
    name: 'nearly vanished',
    sizes: BIG,
    draw: (r) => {
      const times = r.between(0.005, 0.04);
      return { kind: 'page', lasts: minutes(r, 20, 60), effect: () => ({ times }) };
    },
  },
  {
    name: 'traffic step',
    sizes: SEEN,
    draw: (r) => {
      const times = r.pick([0.3, 0.5, 2.5, 4]);
      return { kind: 'quiet', lasts: minutes(r, 60, 120), effect: () => ({ times }) };
    },
  },
  {
    name: 'campaign',
    sizes: SEEN,
    draw: (r) => {
      const top = r.between(3, 8),
        lasts = minutes(r, 30, 90);
      return { kind: 'quiet', lasts, effect: (at) => ({ times: 1 + top * Math.min(1, at / 60) * (1 - at / lasts) }) };
    },
  },
  {
    name: 'data gap',
    sizes: ALL,
    draw: (r) => ({ kind: 'quiet', lasts: r.pick([30, 60, 90]), effect: () => ({ times: 0 }) }),
  },
];
