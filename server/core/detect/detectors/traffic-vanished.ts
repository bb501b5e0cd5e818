// Traffic that stopped, judged against the source's own rhythm: not before a silence twice as long as any that is natural at
// this hour, and not before twenty requests should have come.
import type { SourceState } from '../source-state.ts';
import { SLOT } from '../track.ts';
import type { Detector } from './detector.ts';

/** A shipper may restart, a network hiccup: no shorter silence pages. */
const SILENCE_MIN = 120;
/** A source's nights must have been seen before its silence can wake anyone. */
const HISTORY_MIN = 86_400;
/** e⁻²⁰: the chance that a steady source says nothing for this many expected requests. */
const EXPECTED_MIN = 20;
/** A source that closes for this long each day may also close on days not yet seen. */
const CLOSES = 2 * 3600;

export function silence(s: SourceState, now: number): { gap: number; needed: number; expected: number; rate: number } {
  const gap = now - s.last - 1;
  // the level before the silence began: it has faded by e^(−t/600) since
  const rate = (s.rhythm.lately() * Math.exp(Math.min(20, gap / 600))) / SLOT;
  const expected = rate * gap;
  return { gap, rate, expected, needed: Math.max(SILENCE_MIN, 2 * s.rhythm.naturalGap(now), rate > 0 ? EXPECTED_MIN / rate : Infinity) };
}

export const trafficVanished: Detector = {
  id: 'traffic-vanished',
  title: 'traffic vanished',
  group: 'server',
  findsSilence: true,
  judge(s, now) {
    if (!(now - s.last > SILENCE_MIN) || s.frozen) return undefined;
    const { gap, needed, expected, rate } = silence(s, now);
    if (gap < needed) return undefined;
    const mature = s.last - s.first >= HISTORY_MIN;
    if (!mature && s.last - s.first < 1800) return undefined;
    const closes = s.rhythm.longestGap() >= CLOSES && !s.rhythm.knows(now);
    return {
      rule: 'traffic-vanished', level: mature && !closes ? 'page' : 'warn', codes: [], window: gap, bad: Math.round(expected), total: Math.round(expected),
      share: 1, baseline: 0, score: expected / Math.LN10, threshold: needed,
      says: `no requests for ${Math.round(gap)} s, where about ${Math.round(expected)} should have come (${rate.toPrecision(2)} a second before)`,
    };
  },
  holds: (s, now) => now - s.last > Math.max(60, s.rhythm.naturalGap(now)),
};
