// The life of an incident, with time as an argument:
//   pending     a warning that has not lasted a minute yet; nobody is told
//   firing      it shows now
//   recovering  it no longer shows, and enough has been seen to say so; a relapse goes back to firing
//   blind       the data stopped while it fired: silence is not recovery
//   resolved    it has not shown for long enough; a relapse within the grace period is the same incident
// One case a source and group: whatever codes the failure shows, and however often it comes and goes, it is one incident.
import type { IncidentState } from '#shared/api.ts';
import { plural } from '#shared/numbers.ts';
import type { Verdict } from './detectors/detector.ts';
import type { Level } from './severity.ts';
import { shareLowerBound } from './probability.ts';

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

/** Of the built-in detectors: their windows have waited already. */
export const DETECTOR_TIMINGS: Timings = { warnFor: 60, pageFor: 0, hold: 300, holdMax: 1200, grace: 300, again: 900 };
/** What pends and is not seen for this long is forgotten, s. */
const PENDING_FORGOTTEN = 60;
/** Longest silence that leaves an open incident able to see, unless the source is that slow by nature. */
export const BLIND_AFTER = 90;
/** Requests that must have come after the last sign, at most, before good traffic proves anything. */
const PROOF_MAX = 200;

/** Findings of one group on one source are one incident: of the server, of clients, of one rule that a person wrote. */
export type Group = 'server' | 'client' | `rule:${number}`;

export interface Incident {
  source: string;
  group: Group;
  rule: string;
  state: IncidentState;
  severity: Level;
  /** Codes that stand out, worst first; empty for vanished traffic. */
  codes: number[];
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

/** All that a case needs to go on after a restart. */
export interface TrackerState {
  incident: Incident;
  pendingSince: number;
  recoveringSince: number;
  proof: number;
  endedAt: number;
}

export class IncidentTracker {
  readonly source: string;
  readonly group: Group;
  readonly #timings: Timings;
  /** The open incident, or the last one while it may still come back. */
  incident: Incident | undefined;
  #pendingSince = NaN;
  #proof = 0;
  #recoveringSince = NaN;
  /** When somebody ended it, s: a silence that has lasted since before stays ended until something comes. */
  endedAt = -Infinity;

  constructor(source: string, group: Group, timings = DETECTOR_TIMINGS) {
    this.source = source;
    this.group = group;
    this.#timings = timings;
  }

  get state(): TrackerState | undefined {
    return (
      this.incident && {
        incident: this.incident,
        pendingSince: this.#pendingSince,
        recoveringSince: this.#recoveringSince,
        proof: this.#proof,
        endedAt: this.endedAt,
      }
    );
  }

  restore({ incident, pendingSince, recoveringSince, proof, endedAt }: TrackerState): void {
    this.incident = incident;
    this.#pendingSince = pendingSince;
    this.#recoveringSince = recoveringSince;
    this.#proof = proof;
    this.endedAt = Math.max(this.endedAt, endedAt);
  }

  /** When what pends will fire if it goes on, s; undefined when nothing pends. */
  get firesAt(): number | undefined {
    if (this.incident?.state !== 'pending') return undefined;
    return this.#pendingSince + (this.incident.severity === 'warn' ? this.#timings.warnFor : this.#timings.pageFor);
  }

  get open(): boolean {
    return this.incident !== undefined && this.incident.state !== 'resolved' && this.incident.state !== 'pending';
  }

  /** One step; returns the transition it made, if any. */
  step(now: number, seen: Observation): Transition | undefined {
    const incident = this.incident;
    if (!this.open && seen.isSilence && now - seen.silent <= this.endedAt) return undefined;
    if (!incident || incident.state === 'pending') return this.#idle(now, seen.verdict);
    if (incident.state === 'resolved') return this.#ended(now, incident, seen.verdict);
    return this.#live(now, incident, seen);
  }

  #idle(now: number, verdict: Verdict | undefined): Transition | undefined {
    if (!verdict) {
      if (this.incident && now - this.incident.lastBadAt > PENDING_FORGOTTEN) this.incident = undefined;
      return undefined;
    }
    const wait = verdict.level === 'warn' ? this.#timings.warnFor : this.#timings.pageFor;
    if (wait > 0) {
      if (!this.incident) {
        this.incident = open(this, verdict, now, 'pending');
        this.#pendingSince = now;
        return { at: now, from: 'pending', to: 'pending', why: verdict.says, verdict };
      }
      this.incident.lastBadAt = now;
      this.incident.share = verdict.share;
      this.incident.verdict = verdict;
      if (now - this.#pendingSince < wait) return undefined;
    }
    this.incident = open(this, verdict, now, 'firing');
    return { at: now, from: 'pending', to: 'firing', why: verdict.says, verdict };
  }

  #ended(now: number, incident: Incident, verdict: Verdict | undefined): Transition | undefined {
    if (now - incident.lastBadAt > Math.max(this.#timings.again, this.#hold(incident) + this.#timings.grace)) {
      this.incident = undefined;
      return this.#idle(now, verdict);
    }
    if (!verdict || (verdict.level === 'warn' && incident.severity === 'page')) return undefined;
    const related =
      verdict.codes.length === 0 ||
      incident.codes.length === 0 ||
      verdict.codes.some((code) => incident.codes.includes(code));
    if (!related) {
      this.incident = undefined;
      return this.#idle(now, verdict);
    }
    incident.relapses++;
    incident.resolvedAt = NaN;
    this.#merge(incident, verdict, now);
    return this.#go(incident, 'firing', now, `back within the grace period: ${verdict.says}`, verdict);
  }

  #live(now: number, incident: Incident, seen: Observation): Transition | undefined {
    // a warning that passes hides no page
    const worse = seen.verdict?.level === 'page' && incident.severity === 'warn';
    const verdict = incident.state === 'recovering' && !worse && !this.#isNew(now, seen) ? undefined : seen.verdict;
    if (incident.state !== 'recovering') {
      incident.failed += seen.failures;
      incident.total += seen.requests;
    }
    // before what long windows remember: of now nothing is known
    if (seen.silent > Math.max(BLIND_AFTER, 2 * seen.naturalGap) && !seen.isSilence) {
      if (incident.state === 'blind') return undefined;
      return this.#go(
        incident,
        'blind',
        now,
        `no data for ${Math.round(seen.silent)} s: silence is not recovery`,
        undefined,
      );
    }
    if (verdict) {
      const pages = verdict.level === 'page' && incident.severity === 'warn';
      this.#merge(incident, verdict, now);
      if (incident.state === 'recovering') incident.relapses++;
      if (incident.state !== 'firing') return this.#go(incident, 'firing', now, verdict.says, verdict);
      return pages ? this.#go(incident, 'firing', now, `now pages: ${verdict.says}`, verdict) : undefined;
    }
    if (seen.holds) {
      incident.lastBadAt = now;
      this.#proof = 0;
      if (incident.state === 'firing') return undefined;
      if (incident.state === 'recovering') incident.relapses++;
      return this.#go(incident, 'firing', now, 'it shows again', undefined);
    }
    if (incident.state !== 'recovering') {
      this.#recoveringSince = now;
      this.#proof = 0;
      return this.#go(incident, 'recovering', now, 'it no longer shows', undefined);
    }
    this.#proof += seen.good;
    if (
      now - Math.max(incident.lastBadAt, this.#recoveringSince) < this.#hold(incident) ||
      this.#proof < proofOf(incident)
    )
      return undefined;
    incident.resolvedAt = now;
    return this.#go(
      incident,
      'resolved',
      now,
      `not seen for ${Math.round((now - incident.lastBadAt) / 60)} min, ${plural(this.#proof, 'good request')}`,
      undefined,
    );
  }

  /** A long window still remembers what is over: while recovering, only what came since counts. */
  #isNew(now: number, { verdict, holds }: Observation): boolean {
    return holds || (verdict !== undefined && verdict.window <= Math.max(120, now - this.#recoveringSince));
  }

  /** How long without a sign until it is over. */
  #hold(incident: Incident): number {
    return Math.min(this.#timings.holdMax, this.#timings.hold * (1 + incident.relapses));
  }

  #merge(incident: Incident, verdict: Verdict, now: number): void {
    incident.lastBadAt = now;
    incident.share = verdict.share;
    incident.baselineShare = verdict.baseline;
    incident.peakShare = Math.max(incident.peakShare, verdict.share);
    for (const code of verdict.codes) if (!incident.codes.includes(code)) incident.codes.push(code);
    if (verdict.level === 'page' && incident.severity === 'warn') {
      incident.severity = 'page';
      incident.pagedAt = now;
      incident.codes = [...verdict.codes, ...incident.codes.filter((code) => !verdict.codes.includes(code))];
      incident.rule = verdict.rule;
    }
    incident.verdict = verdict;
  }

  #go(incident: Incident, to: IncidentState, at: number, why: string, verdict: Verdict | undefined): Transition {
    const from = incident.state;
    incident.state = to;
    return { at, from, to, why, verdict };
  }

  /** A person says that it is over. */
  resolve(now: number, why: string): Transition | undefined {
    if (!this.incident || !this.open) return undefined;
    this.incident.resolvedAt = this.endedAt = now;
    return this.#go(this.incident, 'resolved', now, why, undefined);
  }
}

function open(of: IncidentTracker, verdict: Verdict, now: number, state: IncidentState): Incident {
  return {
    source: of.source,
    group: of.group,
    rule: verdict.rule,
    state,
    severity: verdict.level,
    codes: verdict.codes,
    openedAt: now,
    pagedAt: verdict.level === 'page' ? now : NaN,
    lastBadAt: now,
    resolvedAt: NaN,
    share: verdict.share,
    peakShare: verdict.share,
    baselineShare: verdict.baseline,
    failed: verdict.bad,
    total: verdict.total,
    relapses: 0,
    sinceFirst: false,
    verdict,
  };
}

/** Good requests that would be unlikely (1 in 20) if it still failed as it did; three failures of three prove no more than three quarters. */
function proofOf({ verdict }: Incident): number {
  const share = Math.min(0.95, Math.max(0.01, shareLowerBound(verdict.bad, verdict.total, 1)));
  return Math.min(PROOF_MAX, Math.ceil(Math.log(0.05) / Math.log(1 - share)));
}
