// Every request of late has failed, however seldom they come: an hourly job whose each run fails has no window to be judged in.
import { count } from '#shared/numbers.ts';
import { BLIND_AFTER } from '../incident.ts';
import { FAILURES_MIN, SCORE_MIN } from '../severity.ts';
import type { SourceState } from '../source-state.ts';
import { improbability } from '../probability.ts';
import type { Detector } from './detector.ts';

/** A quicker run of failures is for the windows to judge, s. */
const SECONDS_MIN = 60;

/** After a silence longer than is natural nobody knows whether it would still fail. */
const heard = (s: SourceState, now: number): boolean =>
  now - s.last <= Math.max(BLIND_AFTER, 2 * s.rhythm.naturalGap(now));

export const everyRequest: Detector = {
  id: 'every-request',
  title: 'every request failed',
  group: 'server',
  judge(s, now) {
    const { failures: k, since, usual, shape, codes } = s.run;
    if (!s.answers || k < FAILURES_MIN || s.last - since < SECONDS_MIN || !heard(s, now)) return undefined;
    const score = improbability(k, k, shape, (shape * (1 - usual)) / usual);
    if (score < SCORE_MIN) return undefined;
    const seconds = now - since;
    return {
      rule: 'every-request',
      level: 'page',
      codes: [...codes],
      window: seconds,
      bad: k,
      total: k,
      share: 1,
      baseline: usual,
      score,
      threshold: FAILURES_MIN,
      says: `each of the last ${count(k)} requests failed, for ${seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`}`,
    };
  },
  holds: (s, now) => s.run.failures > 0 && heard(s, now),
};
