// The life of an incident, with time as an argument:
//   pending     a warning that has not lasted a minute yet; nobody is told
//   firing      it shows now
//   recovering  it no longer shows, and enough has been seen to say so; a relapse goes back to firing
//   blind       the data stopped while it fired: silence is not recovery
//   resolved    it has not shown for long enough; a relapse within the grace period is the same incident
// An incident is who fails and where: a cause (all of the server's failures where it is unknown) at a place (an upstream, a route or a
// host that stands out, else the source). What it turns into at its place without a pause is still it; however often it comes and
// goes, it is one.
import type { Dimension, IncidentState } from '#shared/api.ts';
import type { Verdict } from './detectors/detector.ts';
import type { Level } from './severity.ts';

export interface Timings {
  /** What fires must have shown for this long first, s: a warning; a page. */
  warnFor: number;
  pageFor: number;
  /** Without a sign of it for this long, an incident is resolved; each relapse adds as much, so that what oscillates stays one. */
  hold: number;
  holdMax: number;
  /** A relapse this long after the end is still the same incident (again longer for what oscillates). */
  grace: number;
  /** Or this long after the last sign, if that is later: what comes and goes by turns of ten minutes is one incident from the first. */
  again: number;
}

/** A value that failures are at. */
export interface Where {
  dimension: Dimension;
  value: string;
}

/** Of the built-in detectors: their windows have waited already. */
export const DETECTOR_TIMINGS: Timings = { warnFor: 60, pageFor: 0, hold: 300, holdMax: 1200, grace: 300, again: 900 };
/** Longest silence that leaves an open incident able to see, unless the source is that slow by nature. */
export const BLIND_AFTER = 90;
/** With a known cause and place it is the same failure for longer: a deploy undone and done again, a job that runs each quarter. */
export const NAMED_TIMINGS: Timings = { ...DETECTOR_TIMINGS, again: 3600 };

/** What kind of failure: of the server, of clients, that it gets slow, of one rule that a person wrote. */
export type Group = 'server' | 'client' | 'slow' | `rule:${number}`;

export interface Incident {
  source: string;
  group: Group;
  rule: string;
  state: IncidentState;
  severity: Level;
  /** Codes that stand out, worst first; empty for vanished traffic. */
  codes: number[];
  /** Ids of the causes it has shown, the latest last; empty while none is known. */
  causes: string[];
  /** Where it fails, best first; empty when it is the source as a whole. */
  where: Where[];
  /** s. When the failures began, by the counts, and the last of them. */
  startedAt: number;
  endedAt: number;
  /** s. When it first fired; when it first paged (NaN if never); the last sign of it; its end. */
  openedAt: number;
  pagedAt: number;
  lastBadAt: number;
  resolvedAt: number;
  share: number;
  peakShare: number;
  baselineShare: number;
  /** Sum over what was looked at: failures and requests while it fired. */
  failed: number;
  total: number;
  relapses: number;
  /** Nothing else has been seen of this source since its first request. */
  sinceFirst: boolean;
  verdict: Verdict;
}

/** What the state machine is told of one moment. */
export interface Observation {
  verdict: Verdict | undefined;
  /** The opening detector's lower bar is still met. */
  holds: boolean;
  /** Seconds since the newest data, and the longest silence that is natural now. */
  silent: number;
  naturalGap: number;
  /** The open incident, or the verdict where none is open, is about silence itself. */
  isSilence: boolean;
  /** Requests seen since the last observation, failures among them, and how many speak for health. */
  requests: number;
  failures: number;
  good: number;
}

/** What a step did; `from` and `to` are the same when only the severity rose. */
export interface Transition {
  at: number;
  from: IncidentState;
  to: IncidentState;
  why: string;
  verdict: Verdict | undefined;
}

/** All that a tracker needs to go on after a restart. */
export interface TrackerState {
  incident: Incident;
  pendingSince: number;
  recoveringSince: number;
  proof: number;
  endedAt: number;
}
