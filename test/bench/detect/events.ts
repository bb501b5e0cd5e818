// What happens to services: what a good on-call wants to be woken for (`page`), what looks alarming and must not wake them
// (`quiet`), and what may do either (`any`). An event changes the shares of codes, the traffic, or both.
import type { Random } from './random.ts';
import type { Service } from './services.ts';

export interface Event {
  source: string;
  family: string;
  kind: 'page' | 'quiet' | 'any';
  start: number;
  end: number;
  code?: number;
  /** At second `at` of the event: extra share of each code, multiplier of the traffic, requests a second on top, share of 200s turned. */
  effect(at: number): { share?: Record<number, number>; times?: number; add?: { code: number; rate: number }; turned?: { code: number; share: number } };
}

type Draw = (r: Random, s: Service) => Omit<Event, 'source' | 'family' | 'start' | 'end'> & { lasts: number };
interface Family {
  readonly name: string;
  readonly sizes: readonly Service['size'][];
  readonly draw: Draw;
}

const ALL = ['large', 'medium', 'small', 'tiny'] as const, SEEN = ['large', 'medium', 'small'] as const, BIG = ['large', 'medium'] as const;
const minutes = (r: Random, a: number, b: number): number => Math.round(r.between(a, b) * 6) * 10;
const steady = (code: number, p: number): Event['effect'] => () => ({ share: { [code]: p } });
const isSmall = (s: Service): boolean => s.size === 'small' || s.size === 'tiny';

export const families: readonly Family[] = [
  { name: 'outage', sizes: ALL, draw: (r) => { const code = r.pick([500, 502, 503, 504]); return { kind: 'page', code, lasts: minutes(r, 8, 40), effect: steady(code, r.between(0.7, 1)) }; } },
  { name: 'partial', sizes: SEEN, draw: (r, s) => { const code = r.pick([500, 502, 504]); return { kind: 'page', code, lasts: minutes(r, 12, 60), effect: steady(code, isSmall(s) ? r.between(0.25, 0.5) : r.between(0.06, 0.34)) }; } },
  { name: 'one route 500', sizes: BIG, draw: (r) => ({ kind: 'page', code: 500, lasts: minutes(r, 20, 90), effect: steady(500, r.between(0.03, 0.1)) }) },
  { name: 'low 502', sizes: ['large'], draw: (r) => ({ kind: 'page', code: 502, lasts: minutes(r, 40, 120), effect: steady(502, r.between(0.013, 0.025)) }) },
  { name: 'slow leak 500', sizes: BIG, draw: (r) => { const top = r.between(0.04, 0.1), lasts = minutes(r, 90, 180); return { kind: 'page', code: 500, lasts, effect: (at) => ({ share: { 500: top * Math.min(1, at / (0.8 * lasts)) } }) }; } },
  { name: 'ramp', sizes: BIG, draw: (r) => { const code = r.pick([500, 502, 504]), top = r.between(0.08, 0.3), lasts = minutes(r, 30, 80); return { kind: 'page', code, lasts, effect: (at) => ({ share: { [code]: top * Math.min(1, at / (0.6 * lasts)) } }) }; } },
  { name: 'burst 503', sizes: BIG, draw: (r) => ({ kind: 'page', code: 503, lasts: minutes(r, 1.5, 4), effect: steady(503, r.between(0.3, 0.8)) }) },
  { name: 'edge', sizes: BIG, draw: (r) => { const code = r.pick([520, 521, 522, 524, 525]); return { kind: 'page', code, lasts: minutes(r, 10, 40), effect: steady(code, r.between(0.15, 0.9)) }; } },
  { name: 'gave up', sizes: BIG, draw: (r) => ({ kind: 'page', code: 499, lasts: minutes(r, 10, 30), effect: steady(499, r.between(0.3, 0.6)) }) },
  { name: 'mixed 5xx', sizes: BIG, draw: (r) => { const p = r.between(0.04, 0.12); return { kind: 'page', code: 502, lasts: minutes(r, 10, 40), effect: () => ({ share: { 502: p, 503: p * 0.8, 504: p * 0.6 } }) }; } },
  { name: 'overload', sizes: BIG, draw: (r) => { const p = r.between(0.15, 0.4), times = r.between(2, 6); return { kind: 'page', code: 503, lasts: minutes(r, 10, 30), effect: () => ({ share: { 503: p }, times }) }; } },
  { name: 'flap', sizes: BIG, draw: (r) => { const p = r.between(0.2, 0.6), half = r.pick([60, 120, 300]), lasts = minutes(r, 40, 180); return { kind: 'page', code: 502, lasts, effect: (at) => (Math.floor(at / half) % 2 ? {} : { share: { 502: p } }) }; } },
  { name: 'all redirected', sizes: BIG, draw: (r) => ({ kind: 'page', code: 301, lasts: minutes(r, 15, 60), effect: () => ({ turned: { code: 301, share: 0.97 } }) }) },
  { name: 'all forbidden', sizes: BIG, draw: (r) => { const code = r.pick([401, 403, 404]); return { kind: 'page', code, lasts: minutes(r, 15, 60), effect: () => ({ turned: { code, share: 0.98 } }) }; } },
  { name: 'vanished', sizes: SEEN, draw: (r, s) => ({ kind: 'page', lasts: s.rate < 1 ? minutes(r, 120, 180) : minutes(r, 15, 60), effect: () => ({ times: 0 }) }) },
  { name: 'deploy blip', sizes: SEEN, draw: (r) => { const code = r.pick([502, 503]); return { kind: 'quiet', lasts: r.pick([10, 20]), effect: steady(code, r.between(0.03, 0.15)) }; } },
  { name: 'one client', sizes: BIG, draw: (r, s) => ({ kind: 'quiet', lasts: minutes(r, 1, 10), effect: () => ({ add: { code: 500, rate: Math.min(s.rate * 0.014, 3) } }) }) },
  { name: 'crawler', sizes: SEEN, draw: (r, s) => ({ kind: 'quiet', lasts: minutes(r, 5, 60), effect: () => ({ add: { code: 404, rate: Math.max(2, s.rate * 0.5) } }) }) },
  { name: 'password guessing', sizes: SEEN, draw: (r, s) => ({ kind: 'quiet', lasts: minutes(r, 5, 60), effect: () => ({ add: { code: r.pick([401, 403]), rate: s.rate * 0.8 } }) }) },
  { name: 'limited', sizes: BIG, draw: (r, s) => ({ kind: 'quiet', lasts: minutes(r, 5, 30), effect: () => ({ add: { code: 429, rate: s.rate * 0.1 } }) }) },
  { name: 'limit storm', sizes: BIG, draw: (r, s) => ({ kind: 'any', lasts: minutes(r, 10, 40), effect: () => ({ add: { code: 429, rate: s.rate * 1.5 } }) }) },
  { name: 'traffic step', sizes: SEEN, draw: (r) => { const times = r.pick([0.3, 0.5, 2.5, 4]); return { kind: 'quiet', lasts: minutes(r, 60, 120), effect: () => ({ times }) }; } },
  { name: 'data gap', sizes: ALL, draw: (r) => ({ kind: 'quiet', lasts: r.pick([30, 60, 90]), effect: () => ({ times: 0 }) }) },
];
