// "Why has this not fired?": every window's numbers for one source at one moment, and in words what was missing.
import type { Verdict } from './detectors/detector.ts';
import { isSustained, failuresNeeded, label, look, scoreOf, scoreNeeded } from './detectors/error-share.ts';
import { detectors } from './detectors/index.ts';
import { FAMILY_COUNT, ANY_SERVER, CODE_500, isServer } from './families.ts';
import { THRESHOLDS, SCORE_MIN } from './severity.ts';
import type { SourceState } from './source-state.ts';
import { SLOT, WINDOWS } from './window-counter.ts';
import { percent } from '#shared/numbers.ts';

export interface WhyRow {
  /** "502s" */
  family: string;
  /** s */
  window: number;
  bad: number;
  total: number;
  share: number;
  usual: number;
  /** What certainly fails beyond the usual, as it is compared with the floor. */
  excess: number;
  floor: number;
  score: number;
  scoreNeeded: number;
  fires: boolean;
  /** What was missing, or that nothing was. */
  says: string;
  /** How near it came: 1 and more pages. */
  nearness: number;
}

/** Nearest first. */
export function why(s: SourceState, now: number): WhyRow[] {
  const rows: WhyRow[] = [];
  for (const detector of detectors) {
    if (detector.group !== 'server' || detector.id === 'error-share') continue;
    const verdict = detector.judge(s, now);
    if (verdict?.level === 'page') rows.push(rowOf(detector.title, verdict));
  }
  for (const floor of THRESHOLDS) {
    for (let f = CODE_500; f <= ANY_SERVER; f++) {
      if (
        !s.tracks[f] ||
        (f < FAMILY_COUNT && !isServer[f]) ||
        (floor.restartsExcused && label(f) !== '500s' && label(f) !== '504s')
      )
        continue;
      const seen = look(s, f, floor, now);
      if (seen.k === 0) continue;
      const score = scoreOf(s, seen),
        needed = scoreNeeded(s, seen);
      const lasted = isSustained(s, seen, seen.pageAt, now);
      const habit = s.habits.excuse(now, seen.k / seen.n);
      const fires =
        !habit &&
        s.answers &&
        seen.k >= failuresNeeded(seen.k, seen.n) &&
        seen.excess >= seen.pageAt &&
        score >= needed &&
        lasted;
      rows.push({
        family: label(f),
        window: WINDOWS[floor.window] * SLOT,
        bad: seen.k,
        total: seen.n,
        share: seen.k / seen.n,
        usual: seen.usual,
        excess: seen.excess,
        floor: seen.pageAt,
        score,
        scoreNeeded: needed,
        fires,
        says: s.answers
          ? missing(seen, score, needed, lasted, habit)
          : 'this source has never answered with anything but errors: it is judged by their number, not their share',
        nearness: Math.min(
          s.answers ? Infinity : 0.5,
          seen.k / failuresNeeded(seen.k, seen.n),
          seen.excess / seen.pageAt,
          score / needed,
          lasted && !habit ? Infinity : 0.99,
        ),
      });
    }
  }
  return rows.sort((a, b) => b.nearness - a.nearness);
}

function rowOf(family: string, { window, bad, total, share, baseline, score, threshold, says }: Verdict): WhyRow {
  return {
    family,
    window,
    bad,
    total,
    share,
    usual: baseline,
    excess: share - baseline,
    floor: threshold,
    score,
    scoreNeeded: SCORE_MIN,
    fires: true,
    says: `it pages: ${says}`,
    nearness: score / SCORE_MIN,
  };
}

function missing(
  { k, n, excess, pageAt, floor }: ReturnType<typeof look>,
  score: number,
  needed: number,
  lasted: boolean,
  habit: boolean,
): string {
  if (k < failuresNeeded(k, n))
    return `${k} ${k === 1 ? 'failure proves' : 'failures prove'} nothing at this share: ${failuresNeeded(k, n)} are needed`;
  if (excess < pageAt)
    return `certainly no more than ${percent(Math.max(0, excess))} of ${floor.of === 'usual' ? 'its usual traffic' : 'requests'} over what is usual: under the floor of ${percent(pageAt)}`;
  if (score < needed) return `chance explains it once in 10^${score.toFixed(1)} (10^${needed} is needed)`;
  if (!lasted) return 'it has not lasted: a blip, or already over';
  return habit ? 'it comes at this time of every hour or day and passes: a habit' : 'nothing is missing: it pages';
}
