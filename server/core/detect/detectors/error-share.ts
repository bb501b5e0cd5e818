// Failing share of requests, a family at a time and all of the server's failures together, over windows from 10 s to 1 h.
import { count, percent } from '#shared/numbers.ts';
import { ANY_SERVER, CODE_500, CODE_504, FAMILY_COUNT, GAVE_UP, families, isServer } from '../families.ts';
import {
  FAILURES_MIN,
  FAILURES_MIN_LOW,
  FEW,
  THRESHOLDS,
  LOW_SHARE,
  MOST,
  NEARLY_ALL,
  NEARLY_ALL_MIN,
  SCORE_MIN,
  SCORE_MIN_FEW,
  SCORE_MIN_NEARLY_ALL,
  Z,
  Z_SHORT,
  type Threshold,
  type Level,
} from '../severity.ts';
import type { SourceState } from '../source-state.ts';
import { shareLowerBound, improbability } from '../probability.ts';
import { baselineText } from '../baseline-text.ts';
import { RING, SLOT, W10S, W1H, W1M, W2M, W5M, WINDOWS, type WindowCounter } from '../window-counter.ts';
import type { Detector, Verdict } from './detector.ts';

/** A new source that has failed from its first request must certainly fail this much to page: less may be its normal. */
const NEW_SOURCE_SHARE = 0.2;
/** What always fails this much must fail by this part of it more, at the least. */
const USUAL_MORE = 0.6;
/** In its first hour nobody knows how its failures clump: less than this may be its normal too. */
const YOUNG_SHARE = 0.1,
  KNOWN_SHARE = 0.03;
/** It is known better from a third of an hour to two thirds, in slots. */
const KNOWN_FROM = 120,
  KNOWN_AT = 240;
/** And to warn, chance must explain it less than once in a thousand sources: there is no past to compare it with. */
const SCORE_MIN_NEW = 3;

/** A family that by itself fails for ten seconds as an outage would this often in a few days must fail for longer. */
const WILD_MAX = 3;

/** No single client fails this often, a second: where so many fail for certain, less of the traffic is enough, whatever the hour. */
const MANY = 8,
  MANY_FACTOR = 0.4;

/** 502, 503, 504 and the edge's: made between the client and the application. */
const isGateway = (family: number): boolean => family > CODE_500 && family <= CODE_500 + 4;

/** An open incident goes on while it fails this much beyond the usual: no more than the lowest of all floors. */
const HOLDS_SHARE = 0.002;

/** Impatience is no proof: it weighs little against the floors. */
const GAVE_UP_FACTOR = 5;
/** And wakes nobody until so many leave that hardly anyone is served. */
const GAVE_UP_PAGES = 0.2;

/** What a family's floor is of the one for any failure. */
function factor(family: number, floor: Threshold): number {
  if (family === GAVE_UP) return GAVE_UP_FACTOR;
  return isGateway(family) ? floor.gateway : 1;
}

export function label(family: number): string {
  return family === ANY_SERVER ? 'server failures' : families[family].label;
}

/** The longest blip of a deploy, s. */
const MOMENT = 30;

/** Without the slots of its worst half minute, does the window still fail beyond what is usual? */
function lastsTrimmed(s: SourceState, track: WindowCounter, slots: number, usual: number, floor: number): boolean {
  let k = 0,
    n = 0,
    filled = 0;
  const worst = [0, 0, 0],
    worstOf = [0, 0, 0];
  for (let age = 0; age < slots; age++) {
    const i = (s.at - age + RING) % RING;
    const bad = track.ring[i],
      all = s.total.ring[i];
    if (all > 0) filled++;
    k += bad;
    n += all;
    const w = bad > worst[0] ? 0 : bad > worst[1] ? 1 : bad > worst[2] ? 2 : 3;
    if (w < 3) {
      worst.splice(w, 0, bad);
      worstOf.splice(w, 0, all);
    }
  }
  // where buckets are wide, or a slot holds a request or three now and then, each is more than a moment: the worst of the wide
  // may hold half a minute of as much as is no page in itself
  const wide = s.resolution > SLOT && filled * 3 <= slots;
  if (wide) k -= Math.min(worst[0], (worstOf[0] * THRESHOLDS[0].page * MOMENT) / Math.max(MOMENT, s.resolution));
  const trim = wide || (filled * 3 <= slots && n <= 3 * filled) ? 0 : slots > 3 ? 3 : 2;
  for (let i = 0; i < trim; i++) {
    k -= worst[i];
    n -= worstOf[i];
  }
  return k > 0 && k >= n * (usual + floor * 0.5);
}

function lastsIn(
  parts: number,
  s: SourceState,
  track: WindowCounter,
  slots: number,
  usual: number,
  floor: number,
): boolean {
  const length = slots / parts;
  for (let i = 0; i < parts; i++) {
    const n = s.total.between(s.at, i * length, (i + 1) * length);
    const k = track.between(s.at, i * length, (i + 1) * length);
    if (n === 0 || k < n * (usual + floor * 0.8)) return false;
  }
  return true;
}

function lasts(
  s: SourceState,
  { family, floor, usual, usualAtMost }: WindowMeasure,
  threshold: number,
  now: number,
): boolean {
  const slots = WINDOWS[floor.window],
    track = s.tracks[family]!;
  switch (floor.lasted) {
    case 'span':
      return s.seconds.badSpan(now, s.last, s.resolution) >= s.spanNeeded && s.baseline(family).wild < WILD_MAX;
    case 'halves':
      return lastsIn(2, s, track, slots, usual, threshold);
    case 'trim':
      return lastsTrimmed(s, track, slots, usualAtMost, threshold);
    case 'thirds':
      return lastsIn(3, s, track, slots, usual, threshold);
  }
}

/** What a source in its first hour must fail by at the least. */
function youngShare(s: SourceState): number {
  const known = Math.min(1, Math.max(0, (s.slot - s.since - KNOWN_FROM) / (KNOWN_AT - KNOWN_FROM)));
  return YOUNG_SHARE + (KNOWN_SHARE - YOUNG_SHARE) * known;
}

/** A source in its first hour: has it failed about as much over all of it? */
function alwaysSo(s: SourceState, family: number, share: number): boolean {
  return s.learnt === 0 && (s.tracks[family]?.sums[W1H] ?? 0) >= 0.4 * share * s.total.sums[W1H];
}

/** The shortest window with enough requests to speak of now. */
function latest(s: SourceState): number {
  return s.total.sums[W1M] >= 100 ? W1M : s.total.sums[W2M] >= 20 ? W2M : W5M;
}

/** A long window remembers what is over: the latest requests must fail too. */
function stillShows(s: SourceState, track: WindowCounter, window: number, share: number): boolean {
  const w = latest(s);
  return window <= w || track.sums[w] >= 0.4 * share * s.total.sums[w];
}

/** The numbers that one family is judged on over one window, whether or not they suffice. */
export interface WindowMeasure {
  family: number;
  floor: Threshold;
  k: number;
  n: number;
  usual: number;
  /** What it is at most, as its failures clump. */
  usualAtMost: number;
  /** Share that certainly fails beyond the usual, weighed as the floor says. */
  excess: number;
  pageAt: number;
  /** NaN where the window only pages. */
  warnAt: number;
  /** It has been like this since the source's first request. */
  always: boolean;
}

interface Measure extends WindowMeasure {
  level: Level;
  score: number;
}

export function look(s: SourceState, family: number, floor: Threshold, now: number): WindowMeasure {
  const k = s.tracks[family]?.sums[floor.window] ?? 0,
    n = s.total.sums[floor.window];
  const weigh = factor(family, floor);
  const usual = s.usualShare(family);
  // only what this window covers
  const seconds = Math.min(
    (WINDOWS[floor.window] - 1) * SLOT + Math.min(SLOT, now - s.slot * SLOT),
    now - s.since * SLOT,
  );
  const usualAtMost = usual * (1 + Z * Math.sqrt(s.baseline(family).clump(floor.window)));
  const beyond = shareLowerBound(k, n, floor.window === W10S ? Z_SHORT : Z) - usualAtMost;
  const many = floor.lasted !== 'span' && family !== GAVE_UP && beyond * n >= MANY * seconds;
  let dilute = 1;
  if (floor.of === 'usual' && !many) {
    const busy = Math.min(1, n / (s.usualRate() * seconds));
    dilute = isGateway(family) || family === GAVE_UP ? Math.sqrt(busy) : busy;
  }
  const always = alwaysSo(s, family, k / n);
  const least = Math.max(
    family === GAVE_UP ? GAVE_UP_PAGES : 0,
    always ? NEW_SOURCE_SHARE : s.learnt === 0 ? youngShare(s) : 0,
    usual * USUAL_MORE,
  );
  return {
    family,
    floor,
    k,
    n,
    usual,
    usualAtMost,
    excess: beyond * dilute,
    pageAt: Math.max(least, Math.min(0.6, (many ? Math.min(weigh, MANY_FACTOR) : weigh) * floor.page)),
    warnAt: weigh * floor.warn,
    always,
  };
}

/** How many failures it takes at this share. */
export const failuresNeeded = (k: number, n: number): number => (k < n * LOW_SHARE ? FAILURES_MIN_LOW : FAILURES_MIN);

/** How little chance must explain it. */
export function scoreNeeded(s: SourceState, { k, n, floor }: WindowMeasure): number {
  if (floor.window >= W5M && k >= NEARLY_ALL_MIN && k >= NEARLY_ALL * n) return SCORE_MIN_NEARLY_ALL;
  const seldom = s.learnt === 0 || s.resolution > SLOT || k >= FEW || (floor.window >= W1M && k >= MOST * n);
  return seldom ? SCORE_MIN : SCORE_MIN_FEW;
}

export function scoreOf(s: SourceState, { family, floor, k, n, usual }: WindowMeasure): number {
  const shape = s.baseline(family).shape(floor.window, usual, s.recentTotal());
  return improbability(k, n, shape, (shape * (1 - usual)) / usual);
}

/** Has it lasted, and does it still show? */
export function isSustained(s: SourceState, seen: WindowMeasure, threshold: number, now: number): boolean {
  return lasts(s, seen, threshold, now) && stillShows(s, s.tracks[seen.family]!, seen.floor.window, seen.k / seen.n);
}

/** Judge one family over one window. */
function measure(s: SourceState, family: number, floor: Threshold, now: number): Measure | undefined {
  const track = s.tracks[family];
  if (!track || track.sums[floor.window] < FAILURES_MIN) return undefined;
  const seen = look(s, family, floor, now);
  const { k, n, excess, pageAt, warnAt } = seen;
  if (k < failuresNeeded(k, n) || excess < (Number.isNaN(warnAt) ? pageAt : warnAt)) return undefined;
  const level: Level = excess >= pageAt ? 'page' : 'warn';
  if (level === 'warn' && Number.isNaN(warnAt)) return undefined;
  const score = scoreOf(s, seen);
  if (
    score < (level === 'warn' && seen.always ? SCORE_MIN_NEW : scoreNeeded(s, seen)) ||
    !isSustained(s, seen, level === 'page' ? pageAt : warnAt, now)
  )
    return undefined;
  return { ...seen, level, score };
}

/** Codes of every family that stands out in the window, worst first. */
function codesOf(s: SourceState, worst: Measure): number[] {
  const w = worst.floor.window;
  const found: { excess: number; codes: number[] }[] = [];
  let all = 0;
  for (let f = 0; f < FAMILY_COUNT; f++) {
    const track = isServer[f] ? s.tracks[f] : undefined;
    if (!track) continue;
    const excess = track.sums[w] - s.usualShare(f) * worst.n;
    if (excess <= 0) continue;
    all += excess;
    found.push({ excess, codes: s.codesOf(f) });
  }
  return found
    .filter((f) => f.excess >= all * 0.15)
    .sort((a, b) => b.excess - a.excess)
    .flatMap((f) => f.codes.slice(0, 3));
}

function verdict(s: SourceState, m: Measure): Verdict {
  const window = WINDOWS[m.floor.window] * SLOT;
  const threshold = m.level === 'page' ? m.pageAt : m.warnAt;
  const codes = codesOf(s, m),
    before = baselineText(s, m.family, m.floor.window);
  const what =
    m.family === ANY_SERVER && codes.length > 0 ? `${label(m.family)}, mostly ${codes.join(', ')},` : label(m.family);
  return {
    rule: 'error-share',
    level: m.level,
    codes,
    window,
    bad: m.k,
    total: m.n,
    share: m.k / m.n,
    baseline: before.share,
    score: m.score,
    threshold,
    says: `${what} at ${percent(m.k / m.n)} of requests (${before.says})`,
    numbers: `${count(m.k)} of ${count(m.n)} over ${window} s, floor ${percent(threshold)}`,
  };
}

export const errorShare: Detector = {
  id: 'error-share',
  title: 'failing share of requests',
  group: 'server',
  judge(s, now) {
    if (!s.answers) return undefined;
    const any = s.tracks[ANY_SERVER],
      gaveUp = s.tracks[GAVE_UP];
    let best: Measure | undefined;
    for (const floor of THRESHOLDS) {
      if ((any?.sums[floor.window] ?? 0) + (gaveUp?.sums[floor.window] ?? 0) < FAILURES_MIN) continue;
      for (let f = CODE_500; f <= ANY_SERVER; f++) {
        if (f < FAMILY_COUNT && !isServer[f]) continue;
        if (floor.restartsExcused && f !== CODE_500 && f !== CODE_504) continue;
        const m = measure(s, f, floor, now);
        if (m && (!best || (m.level === 'page' && best.level === 'warn'))) best = m;
        if (best?.level === 'page') return verdict(s, best);
      }
    }
    return best && verdict(s, best);
  },
  holds(s, _now, { peakShare, gone }) {
    const w = latest(s);
    const n = s.total.sums[w];
    for (let f = CODE_500; f <= ANY_SERVER; f++) {
      const track = s.tracks[f];
      if (!track || (f < FAMILY_COUNT && !isServer[f])) continue;
      const k = track.sums[w];
      if (k < 1 || (k < 2 && n > 20)) continue;
      const usual = s.usualShare(f);
      if (
        k / n - usual * 1.5 <
        Math.max(HOLDS_SHARE * (f === GAVE_UP ? GAVE_UP_FACTOR : 1), 0.15 * (peakShare - usual))
      )
        continue;
      const shape = s.baseline(f).shape(w, usual, s.recentTotal());
      if (improbability(k, n, shape, (shape * (1 - usual)) / usual) >= (gone ? 4 : 2.5)) return true;
    }
    return false;
  },
};
