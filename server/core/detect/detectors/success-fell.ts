// Successes that vanished while requests went on: everything answered 301, 403, or a code of no family of failures. A crawler's
// 404s and an attacker's 401s come on top of the successes and are none of this: the successes themselves must be gone.
import { percent } from '#shared/numbers.ts';
import { FAMILY_COUNT, OK, families, isServer } from '../families.ts';
import { SCORE_MIN, Z } from '../severity.ts';
import type { SourceState } from '../source-state.ts';
import { shareUpperBound, improbability } from '../probability.ts';
import { SLOT, type WindowCounter, W10M, W1M, W20S, W2M, W30S, W5M, WINDOWS } from '../window-counter.ts';
import type { Detector } from './detector.ts';

/** Where fewer requests than this usually succeed, successes say little. */
const USUAL_MIN = 0.3;
/** What must be lost, of the share and of the number a second, to warn and to page. */
const WARN_LOST = 0.4,
  PAGE_LOST = 0.65;
const REQUESTS_MIN = 20;
/** Successes that should have come in the window before their absence means anything. */
const EXPECTED_MIN = 40;
/** What must have been learnt before a mix can be called changed. */
const LEARNT_MIN = 500;

/** Family that took the successes' place, other than the server's failures, which speak for themselves. */
function replacement(s: SourceState, w: number): number {
  let most = -1,
    excessMost = 0;
  for (let f = 1; f < FAMILY_COUNT; f++) {
    const track = s.tracks[f];
    if (!track) continue;
    const excess = track.sums[w] - s.usualShare(f) * s.total.sums[w];
    if (excess > excessMost) [most, excessMost] = [f, excess];
  }
  return most;
}

/** In the shortest windows each slot must have lost them: a moment is none. `expected`: successes that are usual in the window. */
function throughout(s: SourceState, ok: WindowCounter, slots: number, expected: number): boolean {
  for (let age = 0; age < slots; age++)
    if (ok.between(s.at, age, age + 1) > (expected / slots) * (1 - PAGE_LOST)) return false;
  return s.total.between(s.at, slots - 1, slots) > 0;
}

export const successFell: Detector = {
  id: 'success-fell',
  title: 'successes vanished',
  group: 'server',
  judge(s) {
    const ok = s.tracks[OK];
    if (!ok || s.learnt + s.recentTotal() < LEARNT_MIN) return undefined;
    const usual = s.usualShare(OK);
    if (usual < USUAL_MIN) return undefined;
    for (const w of [W20S, W30S, W1M, W2M, W5M, W10M]) {
      const n = s.total.sums[w],
        k = ok.sums[w];
      if (n < REQUESTS_MIN || k > n * usual * (1 - WARN_LOST)) continue;
      const lostShare = 1 - shareUpperBound(k, n, Z) / usual;
      // successes a second now, against those of the ten minutes before the window (of as much of them as is known)
      const slots = WINDOWS[w];
      const before = ok.between(s.at, slots, slots + 60),
        known = Math.min(60, s.slot - s.since - slots);
      if (known < 6) continue;
      const expected = (before / known) * slots;
      if (expected < EXPECTED_MIN) continue;
      const lostRate = 1 - k / expected;
      const lost = Math.min(lostShare, lostRate);
      if (lost < (w < W1M ? PAGE_LOST : WARN_LOST) || (w < W1M && !throughout(s, ok, slots, n * usual))) continue;
      const instead = replacement(s, w);
      if (instead < 0 || isServer[instead]) return undefined;
      const failing = 1 - usual;
      const shape = s.baseline(OK).shape(w, failing, s.recentTotal());
      const score = improbability(n - k, n, shape, (shape * usual) / failing);
      if (score < SCORE_MIN) continue;
      return {
        rule: 'success-fell',
        level: lost >= PAGE_LOST ? 'page' : 'warn',
        codes: s.codesOf(instead).slice(0, 3),
        window: slots * SLOT,
        bad: n - k,
        total: n,
        share: 1 - k / n,
        baseline: failing,
        score,
        threshold: 1 - usual * (1 - WARN_LOST),
        says: `${percent(k / n)} of requests succeed (usually ${percent(usual)}), ${families[instead].label} in their place, over ${slots * SLOT} s`,
      };
    }
    return undefined;
  },
  holds(s, _now, { gone }) {
    const ok = s.tracks[OK];
    const w = s.total.sums[W2M] >= REQUESTS_MIN ? W2M : W5M;
    return !!ok && s.total.sums[w] > 0 && ok.sums[w] < s.total.sums[w] * s.usualShare(OK) * (gone ? 0.6 : 0.75);
  },
};
