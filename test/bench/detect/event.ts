// What happens to services: what a good on-call wants to be woken for (`page`), what looks alarming and must not wake them
// (`quiet`), and what may do either (`any`). An event changes the shares of codes, the traffic, or both.
import type { Random } from './random.ts';
import type { Service } from './services.ts';

export interface Effect {
  /** Extra share of each code, of all requests. */
  share?: Readonly<Record<number, number>>;
  /** Multiplier of the traffic. */
  times?: number;
  /** Requests a second on top. */
  add?: { code: number; rate: number };
  /** Share of the 200s that are answered otherwise. */
  turned?: { code: number; share: number };
  /** How the extra share clumps from bucket to bucket: the shape of the gamma that scales it. */
  clump?: number;
}

export interface Event {
  source: string;
  family: string;
  kind: 'page' | 'quiet' | 'any';
  start: number;
  end: number;
  code?: number;
  /** At second `at` of the event. */
  effect(at: number): Effect;
}

export type Drawn = Omit<Event, 'source' | 'family' | 'start' | 'end'> & { lasts: number };

export interface Family {
  readonly name: string;
  readonly sizes: readonly Service['size'][];
  draw(r: Random, s: Service): Drawn;
}

export const ALL = ['large', 'medium', 'small', 'tiny'] as const,
  SEEN = ['large', 'medium', 'small'] as const,
  BIG = ['large', 'medium'] as const;

/** Whole buckets of ten seconds. */
export const minutes = (r: Random, a: number, b: number): number => Math.round(r.between(a, b) * 6) * 10;
export const steady =
  (code: number, p: number): Event['effect'] =>
  () => ({ share: { [code]: p } });
export const isSmall = (s: Service): boolean => s.size === 'small' || s.size === 'tiny';
