// The seam of detectors: a pure judgement of one source at one moment. One file each in this folder, one line each in index.ts.
import type { Level } from '../severity.ts';
import type { SourceState } from '../source-state.ts';

/** What a detector found, with the numbers that it rests on. */
export interface Verdict {
  rule: string;
  level: Level;
  codes: number[];
  /** Seconds looked at. */
  window: number;
  bad: number;
  total: number;
  /** Of the requests at its place, where it has one. */
  there?: { bad: number; total: number };
  /** Id of the cause that most of it has, where that is known. */
  cause?: string;
  /** s. When what was found began, where that is before the window. */
  since?: number;
  share: number;
  baseline: number;
  /** −log10 of the chance that this is chance. */
  score: number;
  /** The share that had to be exceeded. */
  threshold: number;
  /** One short sentence. */
  says: string;
  /** What it leaves out, for who asks why it fired: counts, window, floor. */
  numbers?: string;
}

export interface Detector {
  readonly id: string;
  readonly title: string;
  /** Findings of one group on one source are one incident. */
  readonly group: 'server' | 'client';
  /** What it finds is that nothing comes: then silence is not blindness. */
  readonly findsSilence?: true;
  /** `now` in s. Called when something was counted, and at the end of each slot. */
  judge(source: SourceState, now: number): Verdict | undefined;
  /** Whether an incident that this detector opened still shows, by a lower bar; a higher one once it was gone. */
  holds(source: SourceState, now: number, incident: { peakShare: number; gone: boolean }): boolean;
}
