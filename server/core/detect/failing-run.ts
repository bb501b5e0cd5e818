// The failures since the last request that did not fail: for sources so seldom asked that no window holds enough of them.
import { ANY_SERVER, familyOf, isServer } from './families.ts';
import type { SourceState } from './source-state.ts';
import { SLOT, W1H } from './window-counter.ts';

export interface FailingRun {
  failures: number;
  /** s */
  since: number;
  codes: number[];
  /** The usual share when it began, and its Beta's first parameter. */
  usual: number;
  shape: number;
}

export const NO_RUN: FailingRun = { failures: 0, since: NaN, codes: [], usual: 0, shape: 1 };

/** With the current slot. By slots: within one nobody knows which request came first. */
export function runAfter(run: FailingRun, s: SourceState): FailingRun {
  const n = s.total.ring[s.at];
  if (n === 0) return run;
  if ((s.tracks[ANY_SERVER]?.ring[s.at] ?? 0) < n) return NO_RUN;
  if (run === NO_RUN) {
    const usual = s.usualShare(ANY_SERVER);
    const shape = s.baseline(ANY_SERVER).shape(W1H, usual, s.recentTotal());
    run = { failures: 0, since: s.slot * SLOT, codes: [], usual, shape };
  }
  run.failures += n;
  for (const code of s.codes.seen()) if (isServer[familyOf(code)] && !run.codes.includes(code)) run.codes.push(code);
  return run;
}
