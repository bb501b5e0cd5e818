// Sources that have never sent anything but errors: an error log shipped alone, or a service that has not worked once. Shares mean
// nothing there, so they are judged by how many come, against their own usual number.
import { count } from '#shared/numbers.ts';
import { ANY_SERVER, FAMILY_COUNT, families, isServer } from '../families.ts';
import { SCORE_MIN } from '../severity.ts';
import type { SourceState } from '../source-state.ts';
import { improbability } from '../probability.ts';
import { SLOT, W1M, W5M, WINDOWS } from '../window-counter.ts';
import type { Detector } from './detector.ts';

/** Until this old, its usual number is not known, s. */
const YOUNG = 1800;
/** A young source pages only when this many in a minute are nearly all of one kind: something broken from its first request. */
const BROKEN_MIN = 60,
  BROKEN_SHARE = 0.9;
/** A known one, when it sends this many times its usual number, and at least so many. */
const TIMES = 5,
  ERRORS_MIN = 20;
/** −log10 of the chance that what still comes is the usual. */
const SCORE_MIN_HOLDS = 1.5;
/** Error logs come in clumps: relative variance of their number. */
const CLUMP = 0.5;

function topFamily(s: SourceState, w: number): number {
  let top = -1;
  for (let f = 0; f < FAMILY_COUNT; f++)
    if (isServer[f] && s.tracks[f] && (top < 0 || s.tracks[f]!.sums[w] > s.tracks[top]!.sums[w])) top = f;
  return top;
}

/** −log10 of the chance of k or more where mu are usual: a gamma-Poisson as the limit of a beta-binomial of very many trials. */
function improbabilityOfCount(k: number, mu: number): number {
  const trials = 1e6,
    shape = 1 / CLUMP;
  return improbability(Math.min(k, trials), trials, shape, (shape * (trials - mu)) / mu);
}

export const errorRate: Detector = {
  id: 'error-rate',
  title: 'number of errors, where nothing but errors is sent',
  group: 'server',
  judge(s, now) {
    if (s.answers) return undefined;
    const young = now - s.first < YOUNG;
    for (const w of [W1M, W5M]) {
      const top = topFamily(s, w);
      const n = top < 0 ? 0 : (s.tracks[ANY_SERVER]?.sums[w] ?? 0);
      if (n < 3) continue;
      const seconds = WINDOWS[w] * SLOT;
      const usual = s.usualRate() * seconds;
      const codes = s.codesOf(top).slice(0, 3);
      const found = {
        rule: 'error-rate',
        codes,
        window: seconds,
        bad: n,
        total: s.total.sums[w],
        share: n / s.total.sums[w],
      };
      if (young) {
        const broken = n >= BROKEN_MIN && s.tracks[top]!.sums[w] >= BROKEN_SHARE * n;
        return {
          ...found,
          level: broken ? 'page' : 'warn',
          baseline: 0,
          score: SCORE_MIN,
          threshold: broken ? BROKEN_MIN : 3,
          says: `${count(n)} ${families[top].label} in ${seconds} s and not one success since this source appeared: it has never worked, or it sends errors only`,
        };
      }
      if (n < ERRORS_MIN || n < TIMES * usual) continue;
      const score = improbabilityOfCount(n, usual);
      if (score < SCORE_MIN) continue;
      return {
        ...found,
        level: 'page',
        baseline: 0,
        score,
        threshold: TIMES * usual,
        says: `${count(n)} errors in ${seconds} s, usually ${usual.toPrecision(2)} (this source sends errors only: it is judged by their number, not their share)`,
      };
    }
    return undefined;
  },
  holds(s, now) {
    const n = s.tracks[ANY_SERVER]?.sums[W1M] ?? 0;
    if (s.answers || n < 3) return false;
    const usual = s.usualRate() * 60;
    return now - s.first < YOUNG || (n > 2 * usual && improbabilityOfCount(n, usual) >= SCORE_MIN_HOLDS);
  },
};
