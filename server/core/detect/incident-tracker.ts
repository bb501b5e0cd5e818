// Follows one incident through its life, with time as an argument.
import type { IncidentState } from '#shared/api.ts';
import { plural } from '#shared/numbers.ts';
import type { Verdict } from './detectors/detector.ts';
import {
  BLIND_AFTER,
  DETECTOR_TIMINGS,
  NAMED_TIMINGS,
  type Group,
  type Incident,
  type Observation,
  type Timings,
  type TrackerState,
  type Transition,
  type Where,
} from './incident.ts';
import { shareLowerBound } from './probability.ts';

/** What pends and is not seen for this long is forgotten, s. */
const PENDING_FORGOTTEN = 60;
/** Requests that must have come after the last sign, at most, before good traffic proves anything. */
const PROOF_MAX = 200;
const CAUSES_MAX = 8;

export class IncidentTracker {
  readonly source: string;
  readonly group: Group;
  #timings: Timings;
  /** The open incident, or the last one while it may still come back. */
  incident: Incident | undefined;
  #pendingSince = NaN;
  #proof = 0;
  #recoveringSince = NaN;
  /** Where what it follows fails; empty for the source as a whole. */
  where: Where[] = [];
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
    this.where = incident.where;
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
    if (now - incident.lastBadAt > Math.max(this.#again(incident), this.#hold(incident) + this.#timings.grace)) {
      this.incident = undefined;
      return this.#idle(now, verdict);
    }
    if (!verdict || (verdict.level === 'warn' && incident.severity === 'page')) return undefined;
    if (!isSame(incident, verdict)) {
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

  /** A failure whose cause is known is known again for longer. */
  #again({ causes }: Incident): number {
    return this.group === 'server' && causes.length > 0 ? NAMED_TIMINGS.again : this.#timings.again;
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
    if (verdict.cause !== undefined) this.shows(verdict.cause);
    if (verdict.level === 'page' && incident.severity === 'warn') {
      incident.severity = 'page';
      incident.pagedAt = now;
      incident.codes = [...verdict.codes, ...incident.codes.filter((code) => !verdict.codes.includes(code))];
      incident.rule = verdict.rule;
    }
    incident.verdict = verdict;
  }

  /** Where it fails is known. */
  place(where: Where[]): void {
    this.where = where;
    this.#timings = NAMED_TIMINGS;
    if (this.incident) this.incident.where = where;
  }

  /** It shows this cause; true when that is new. */
  shows(cause: string): boolean {
    const causes = this.incident?.causes;
    if (!causes || causes.at(-1) === cause) return false;
    const known = causes.indexOf(cause);
    if (known >= 0) causes.splice(known, 1);
    causes.push(cause);
    if (causes.length > CAUSES_MAX) causes.shift();
    return known < 0;
  }

  /** How long ago it last showed, s; Infinity when it is not known to have. */
  quiet(now: number): number {
    return this.incident ? now - this.incident.endedAt : Infinity;
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

/** Is a finding after the end the failure that had ended? The same cause, or where none is known one of its codes. */
function isSame(incident: Incident, { cause, codes }: Verdict): boolean {
  if (cause !== undefined && incident.causes.length > 0) return incident.causes.includes(cause);
  // what failed with a cause is not that nothing comes
  if (codes.length === 0 && incident.causes.length > 0) return false;
  return codes.length === 0 || incident.codes.length === 0 || codes.some((code) => incident.codes.includes(code));
}

function open(of: IncidentTracker, verdict: Verdict, now: number, state: IncidentState): Incident {
  return {
    source: of.source,
    group: of.group,
    rule: verdict.rule,
    state,
    severity: verdict.level,
    codes: verdict.codes,
    causes: verdict.cause === undefined ? [] : [verdict.cause],
    where: of.where,
    startedAt: Math.min(now, verdict.since ?? now - verdict.window),
    endedAt: Math.min(now, verdict.since ?? now - verdict.window),
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
  const { bad, total } = verdict.there ?? verdict;
  const share = Math.min(0.95, Math.max(0.01, shareLowerBound(bad, total, 1)));
  return Math.min(PROOF_MAX, Math.ceil(Math.log(0.05) / Math.log(1 - share)));
}
