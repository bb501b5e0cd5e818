// What is usual of a source's failures, as a person would say it: the share that is assumed before anything is known is nobody's past.
import { percent } from '#shared/numbers.ts';
import type { SourceState } from './source-state.ts';

/** Less than half a failure, as the past fades, is none. */
const NONE = 0.5;

/** The share that a finding of a window is shown beside, 0 where nothing failed before it, and in words: "usually 0.4%". */
export function baselineText(s: SourceState, family: number, window: number): { share: number; says: string } {
  const { total, bad } = s.past(family, window);
  if (bad < NONE)
    return { share: 0, says: total < 1 ? 'a new source' : s.learnt === 0 ? 'none before' : 'usually none' };
  const share = s.usualShare(family);
  return { share, says: `usually ${percent(share)}` };
}
