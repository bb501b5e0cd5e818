// What is usual of a source's failures, as a person would say it: the share that is assumed before anything is known is nobody's past.
import type { SourceState } from './source-state.ts';

/** Less than half a failure, as the past fades, is none. */
const NONE = 0.5;

export const percent = (share: number): string => `${share >= 0.0995 ? Math.round(share * 100) : share > 0 && share < 0.0001 ? '<0.01' : Number((share * 100).toPrecision(2))} %`;

/** The share a finding is shown beside: 0 where nothing has failed that is remembered. */
export const usualShown = (s: SourceState, family: number): number => (s.usualBad(family) < NONE ? 0 : s.usualShare(family));

/** "usually 0.4 %" */
export function usually(s: SourceState, family: number): string {
  if (s.learnt + s.recentTotal() === 0) return 'a new source';
  const share = usualShown(s, family);
  return share === 0 ? 'usually none' : `usually ${percent(share)}`;
}
