// What comes and goes, and is one incident.
import { BIG, minutes, type Family } from '../event.ts';

export const turns: readonly Family[] = [
  {
    name: 'flap',
    sizes: BIG,
    draw: (r) => {
      const p = r.between(0.2, 0.6),
        half = r.pick([30, 60, 120, 300]),
        lasts = minutes(r, 40, 180);
      return {
        kind: 'page',
        code: 502,
        lasts,
        effect: (at) => (Math.floor(at / half) % 2 ? {} : { share: { 502: p } }),
      };
    },
  },
  // Cloudflare, 2025-11-18: every few minutes a good or a bad configuration was written, for three hours
  {
    name: 'good and bad by turns',
    sizes: BIG,
    draw: (r) => {
      const code = r.pick([500, 502]),
        p = r.between(0.2, 0.8),
        lengths = Array.from({ length: 60 }, () => minutes(r, 2, 8));
      return {
        kind: 'page',
        code,
        lasts: 10_800,
        effect: (at) => (turnAt(lengths, at) % 2 ? {} : { share: { [code]: p } }),
      };
    },
  },
  {
    name: 'restart herd',
    sizes: BIG,
    draw: (r) => {
      const every = r.pick([90, 150, 240]),
        on = r.pick([30, 40]),
        p = r.between(0.4, 0.9);
      return {
        kind: 'page',
        code: 503,
        lasts: minutes(r, 15, 60),
        effect: (at) => (at % every < on ? { share: { 503: p } } : {}),
      };
    },
  },
  {
    name: 'first 502, then 504',
    sizes: BIG,
    draw: (r) => {
      const p = r.between(0.15, 0.5),
        lasts = minutes(r, 15, 60);
      return { kind: 'page', code: 502, lasts, effect: (at) => ({ share: { [at < lasts / 2 ? 502 : 504]: p } }) };
    },
  },
];

function turnAt(lengths: readonly number[], at: number): number {
  let turn = 0;
  for (let from = 0; turn < lengths.length && at >= from + lengths[turn]; turn++) from += lengths[turn];
  return turn;
}
