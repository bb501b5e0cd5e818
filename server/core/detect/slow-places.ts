// Does it get slow? Durations of the last two minutes against what is usual, of a source, its routes and its upstreams. Nothing fails
// yet: it is worth a look, and wakes nobody.
import { DURATION_BOUNDS } from '../count/duration.ts';
import { ROUTE, UPSTREAM } from '../count/value-id.ts';
import { improbability } from './probability.ts';
import { BUCKETS, type Durations, type Place, type Places } from './places.ts';

/** This many times the usual, and above half a second. */
const TIMES = 5,
  SECONDS_MIN = 0.5;
/** It goes on while it is above this many times the usual. */
const HOLDS_TIMES = 2.5;
/** Of the slowest twentieth; and of the half, where the slowest twentieth has always been slow. */
const QUANTILES = [0.95, 0.5] as const;
/** Requests in each of the two minutes, and learnt. */
const REQUESTS_MIN = 12,
  LEARNT_MIN = 200;
/** −log10 of the chance that so many are slow by chance; how much slow requests come together. */
const SCORE_MIN = 6,
  CLUMP = 0.3;
/** Of a place that is asked more seldom, over the last two minutes together. */
const REQUESTS_FEW = 20;

/** What has this part of the requests is no place among them. */
const MOST = 0.9;

export interface Slow {
  /** Undefined when it is the source as a whole. */
  place: Place | undefined;
  quantile: number;
  /** s */
  now: number;
  usual: number;
  requests: number;
  /** Half of the requests are slow. */
  half: boolean;
}

/** s; between the bounds of a bucket as if its requests were spread evenly. */
function quantileOf(counts: ArrayLike<number>, total: number, q: number): number {
  let left = q * total;
  for (let b = 0; b < BUCKETS; b++) {
    if (left <= counts[b] && counts[b] > 0) {
      const low = b === 0 ? 0 : DURATION_BOUNDS[b - 1],
        high = DURATION_BOUNDS[b];
      return high === Infinity ? low : low + ((high - low) * left) / counts[b];
    }
    left -= counts[b];
  }
  return 0;
}

const sum = (counts: ArrayLike<number>): number => {
  let n = 0;
  for (let b = 0; b < BUCKETS; b++) n += counts[b];
  return n;
};

/** Requests that took longer than this. */
function above(counts: ArrayLike<number>, seconds: number): number {
  let n = 0;
  for (let b = 0; b < BUCKETS; b++) {
    const low = b === 0 ? 0 : DURATION_BOUNDS[b - 1],
      high = DURATION_BOUNDS[b];
    if (low >= seconds) n += counts[b];
    else if (high > seconds && high !== Infinity) n += (counts[b] * (high - seconds)) / (high - low);
  }
  return n;
}

/** Where a few requests in a hundred have always been slow, one more of them moves the slowest twentieth far: that is chance. */
function isUnusual(durations: Durations, recent: ArrayLike<number>, n: number, seconds: number): boolean {
  const usual = (above(durations.usual, seconds) + 0.2) / (durations.usualTotal + 20);
  const clumped = Math.max(1, (1 - usual) / (CLUMP * usual) - 1);
  const shape = Math.max(0.15, usual / (1 / durations.usualTotal + 1 / clumped));
  return improbability(Math.round(above(recent, seconds)), n, shape, (shape * (1 - usual)) / usual) >= SCORE_MIN;
}

/** How slow, where it is this many times slower than usual in each of the last two minutes. */
function slowness(durations: Durations, times: number): Omit<Slow, 'place'> | undefined {
  if (durations.usualTotal < LEARNT_MIN) return undefined;
  const [, last, before] = durations.minutes,
    counts = [sum(last), sum(before)];
  if (counts[0] + counts[1] < REQUESTS_FEW) return undefined;
  const together = Float64Array.from(last, (n, b) => n + before[b]);
  const few = Math.min(...counts) < REQUESTS_MIN,
    parts = few ? [together] : [last, before],
    requests = counts[0] + counts[1];
  let found: Omit<Slow, 'place'> | undefined;
  for (const quantile of QUANTILES) {
    const usual = quantileOf(durations.usual, durations.usualTotal, quantile);
    const slowest = Math.min(...parts.map((part) => quantileOf(part, sum(part), quantile)));
    if (slowest < SECONDS_MIN || slowest < times * usual) continue;
    if (times === TIMES && !isUnusual(durations, together, requests, Math.max(SECONDS_MIN, times * usual))) continue;
    const half = quantile === 0.5;
    found ??= { quantile, now: quantileOf(together, requests, quantile), usual, requests, half };
    found.half = half;
  }
  // a twentieth of a few requests is one of them
  return few && !found?.half ? undefined : found;
}

/**
 * What is slow now. A place is one where half of the requests are slow and elsewhere they are not: where an instance is slow, each
 * route has some slow requests too. Slow in its slowest twentieth alone is the source, or else the place with most of it.
 */
export function findSlow(places: Places): Slow | undefined {
  const slow: Slow[] = [];
  for (const place of places.all.values()) {
    if (!place.durations || (place.dimension !== ROUTE && place.dimension !== UPSTREAM)) continue;
    const found = slowness(place.durations, TIMES);
    if (found) slow.push({ place, ...found });
  }
  const whole = slowness(places.durations, TIMES);
  if (slow.length === 0) return whole && { place: undefined, ...whole };
  const inMost = (a: Slow, b: Slow): number => b.requests * (b.now - b.usual) - a.requests * (a.now - a.usual);
  const halves = [UPSTREAM, ROUTE]
    .map((dimension) => slow.filter(({ place, half }) => half && place!.dimension === dimension))
    .filter((some) => some.length > 0 && !isMost(places, some))
    .sort((a, b) => a.length - b.length);
  if (halves.length > 0) return halves[0].sort(inMost)[0];
  return whole ? { place: undefined, ...whole } : slow.sort(inMost)[0];
}

/** Are these nearly all that is asked of their dimension? */
function isMost(places: Places, some: readonly Slow[]): boolean {
  const from = places.slot - 12,
    all = places.traffic(some[0].place!.dimension, from);
  return some.reduce((n, { place }) => n + places.sum(place!.total, from), 0) >= MOST * all;
}

export function staysSlow(places: Places, place: Place | undefined): boolean {
  const durations = place ? place.durations : places.durations;
  return durations !== undefined && slowness(durations, HOLDS_TIMES) !== undefined;
}
