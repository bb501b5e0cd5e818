// Traffic that stopped, judged against the source's own rhythm: not before a silence twice as long as any that is natural at
// this hour, and not before twenty requests should have come. Or that has all but stopped: what is left is a health check's.
import { count, plural } from '#shared/numbers.ts';
import { FALL_EXPECTED_MIN, type SourceState } from '../source-state.ts';
import { SLOT, W2M, WINDOWS } from '../window-counter.ts';
import type { Detector, Verdict } from './detector.ts';

/** A shipper may restart, a network hiccup: no shorter silence pages. */
const SILENCE_MIN = 120;
/** A source's nights must have been seen before its silence can wake anyone. */
const HISTORY_MIN = 86_400;
/** e⁻²⁰: the chance that a steady source says nothing for this many expected requests. */
const EXPECTED_MIN = 20;
/** A source that closes for this long each day may also close on days not yet seen. */
const CLOSES = 2 * 3600;

/** So little is left, less than half of what it has fallen to by itself, and little of its average; it is back at twice as much. */
const LEFT = 0.06,
  LEFT_OF_LULL = 0.5,
  LEFT_OF_USUAL = 0.25,
  BACK = 2 * LEFT;

function allBut(s: SourceState, now: number): Verdict | undefined {
  const n = s.total.sums[W2M],
    seconds = WINDOWS[W2M] * SLOT;
  if (s.frozen || s.last - s.first < HISTORY_MIN || s.rhythm.naturalGap(now) >= seconds) return undefined;
  const part = s.fall();
  if (n === 0 || !(part < Math.min(LEFT, LEFT_OF_LULL * s.rhythm.lull)) || n > LEFT_OF_USUAL * s.usualRate() * seconds)
    return undefined;
  if (s.rhythm.wasAsLow(now, n / WINDOWS[W2M])) return undefined;
  const expected = Math.round(n / part);
  return {
    rule: 'traffic-vanished',
    level: 'page',
    codes: [],
    window: seconds,
    bad: expected - n,
    total: expected,
    share: 1 - part,
    baseline: 0,
    score: (expected - n) / Math.LN10,
    threshold: 1 - LEFT,
    says: `${plural(n, 'request')} in ${seconds} s, where about ${count(expected)} should have come`,
  };
}

/** However busy it was just now, this many times its average is all that can be expected to go on: one request is no level. */
const BUSY = 3;

function silence(s: SourceState, now: number): { gap: number; needed: number; expected: number; rate: number } {
  const gap = now - s.last - 1;
  // the level before the silence began: it has faded by e^(−t/600) since
  const rate = Math.min((s.rhythm.lately() * Math.exp(Math.min(20, gap / 600))) / SLOT, BUSY * s.usualRate());
  const expected = rate * gap;
  return {
    gap,
    rate,
    expected,
    needed: Math.max(SILENCE_MIN, 2 * s.rhythm.naturalGap(now), rate > 0 ? EXPECTED_MIN / rate : Infinity),
  };
}

/** On a source's first day: a night falls slowly. What broke off at full flow, and has never paused so, has not gone to bed. */
const BROKE_OFF_EXPECTED = 300,
  BROKE_OFF_TIMES = 10,
  FULL_FLOW = 0.5;

function brokeOff(s: SourceState, gap: number, expected: number): boolean {
  const level = s.rhythm.lately() * Math.exp(Math.min(20, gap / 600));
  return (
    expected >= BROKE_OFF_EXPECTED &&
    gap >= BROKE_OFF_TIMES * s.rhythm.longestGap() &&
    level >= FULL_FLOW * s.rhythm.usual()
  );
}

export const trafficVanished: Detector = {
  id: 'traffic-vanished',
  title: 'traffic vanished',
  group: 'server',
  findsSilence: true,
  judge(s, now) {
    if (!(now - s.last > SILENCE_MIN) || s.frozen) return allBut(s, now);
    const { gap, needed, expected, rate } = silence(s, now);
    if (gap < needed) return allBut(s, now);
    const mature = s.last - s.first >= HISTORY_MIN;
    if (!mature && s.last - s.first < 1800) return undefined;
    const closes = s.rhythm.longestGap() >= CLOSES && !s.rhythm.knows(now);
    const pages = mature ? !closes : brokeOff(s, gap, expected);
    return {
      rule: 'traffic-vanished',
      level: pages ? 'page' : 'warn',
      codes: [],
      window: gap,
      bad: Math.round(expected),
      total: Math.round(expected),
      share: 1,
      baseline: 0,
      score: expected / Math.LN10,
      threshold: needed,
      says: `no requests for ${Math.round(gap)} s, where about ${count(expected)} should have come (${rate.toPrecision(2)} a second before)`,
    };
  },
  holds(s, now) {
    if (now - s.last > Math.max(60, s.rhythm.naturalGap(now))) return true;
    const before = Math.min(s.levelBefore(), s.usualRate() * SLOT) * WINDOWS[W2M];
    return before >= FALL_EXPECTED_MIN && s.total.sums[W2M] < BACK * before;
  },
};
