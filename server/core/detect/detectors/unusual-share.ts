// Refusals and redirects in unusual number: a storm of 401, 403, 404 or 429, or of redirects. Someone should see it; nobody is
// woken, since users who are answered are answered as before.
import { percent } from '#shared/numbers.ts';
import { FAMILY_COUNT, OK, families, isServer } from '../families.ts';
import { SCORE_MIN, Z } from '../severity.ts';
import type { SourceState } from '../source-state.ts';
import { shareLowerBound, improbability } from '../probability.ts';
import { baselineText } from '../baseline-text.ts';
import { SLOT, W2M, W5M, WINDOWS } from '../window-counter.ts';
import type { Detector } from './detector.ts';

/** By window: the share of all requests that must certainly be over what is usual. */
const FLOORS = [
  { window: W2M, share: 0.25 },
  { window: W5M, share: 0.15 },
];
const COUNT_MIN = 20;
const LEARNT_MIN = 500;

function excess(s: SourceState, family: number, w: number, z: number): number {
  const track = s.tracks[family];
  return track ? shareLowerBound(track.sums[w], s.total.sums[w], z) - 1.5 * s.usualShare(family) : 0;
}

export const unusualShare: Detector = {
  id: 'unusual-share',
  title: 'unusual share of refusals or redirects',
  group: 'client',
  judge(s) {
    if (s.learnt + s.recentTotal() < LEARNT_MIN) return undefined;
    for (const { window: w, share } of FLOORS) {
      for (let f = OK + 1; f < FAMILY_COUNT; f++) {
        const track = s.tracks[f];
        if (!track || isServer[f] || track.sums[w] < COUNT_MIN || excess(s, f, w, Z) < share) continue;
        const usual = s.usualShare(f),
          before = baselineText(s, f, w),
          k = track.sums[w],
          n = s.total.sums[w];
        const shape = s.baseline(f).shape(w, usual, s.recentTotal());
        const score = improbability(k, n, shape, (shape * (1 - usual)) / usual);
        if (score < SCORE_MIN) continue;
        return {
          rule: 'unusual-share',
          level: 'warn',
          codes: s.codesOf(f).slice(0, 3),
          window: WINDOWS[w] * SLOT,
          bad: k,
          total: n,
          share: k / n,
          baseline: before.share,
          score,
          threshold: share,
          says: `${families[f].label} are ${percent(k / n)} of requests over ${WINDOWS[w] * SLOT} s (${before.says})`,
        };
      }
    }
    return undefined;
  },
  holds(s) {
    for (let f = OK + 1; f < FAMILY_COUNT; f++) if (!isServer[f] && excess(s, f, W2M, 0) > 0.08) return true;
    return false;
  },
};
