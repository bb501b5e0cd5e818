// An incident of the engine as people are told of it, and as it is kept.
import type { Incident as IncidentView, IncidentDetail, Pending } from '#shared/api.ts';
import type { Verdict } from '../core/detect/detectors/detector.ts';
import type { TrackerState, Incident, Transition } from '../core/detect/incident.ts';

type Fresh = Omit<IncidentView, 'id'> & { id?: number };

const ms = (s: number): number | null => (Number.isFinite(s) ? Math.round(s * 1000) : null);

export function incidentView(i: Incident): Fresh {
  return {
    source: i.source,
    sources: [i.source],
    foldedInto: null,
    codes: i.codes,
    rule: i.rule,
    cause: null,
    culprit: null,
    severity: i.severity,
    state: i.state,
    where: i.where,
    startedAt: ms(i.startedAt)!,
    openedAt: ms(i.openedAt)!,
    endedAt: i.state === 'firing' || i.state === 'blind' ? null : ms(i.endedAt),
    resolvedAt: ms(i.resolvedAt),
    lastBadAt: ms(i.lastBadAt)!,
    share: i.share,
    peakShare: i.peakShare,
    baselineShare: i.baselineShare,
    failed: Math.round(i.failed),
    total: Math.round(i.total),
    summary: i.verdict.says,
    headline: i.verdict.says,
    acknowledged: null,
    silencedUntil: null,
  };
}

export const pendingOf = ({ incident: i, firesAt }: { incident: Incident; firesAt: number }): Pending => ({
  source: i.source,
  codes: i.codes,
  rule: i.rule,
  severity: i.severity,
  since: ms(i.openedAt)!,
  lastBadAt: ms(i.lastBadAt)!,
  firesAt: ms(firesAt)!,
  share: i.share,
  baselineShare: i.baselineShare,
  summary: i.verdict.says,
});

/** Worst first. */
const STATES = ['firing', 'blind', 'recovering', 'resolved'] as const;

/** With what is told as one with it: the worst state of all, everything that failed, and the end when the last one has ended. */
export function groupView(before: Fresh, own: Incident, members: readonly Incident[]): Fresh {
  const told = { ...incidentView(own), ...personal(before) };
  if (members.length === 0) return told;
  const all = [own, ...members];
  const state = STATES.find((each) => all.some((i) => i.state === each))!;
  return {
    ...told,
    state,
    sources: [...new Set(all.map((i) => i.source))],
    codes: [...new Set(all.flatMap((i) => i.codes))],
    severity: all.some((i) => i.severity === 'page') ? 'page' : 'warn',
    startedAt: ms(Math.min(...all.map((i) => i.startedAt)))!,
    endedAt: all.some((i) => i.state === 'firing' || i.state === 'blind')
      ? null
      : ms(Math.max(...all.map((i) => i.endedAt))),
    lastBadAt: ms(Math.max(...all.map((i) => i.lastBadAt)))!,
    resolvedAt: state === 'resolved' ? ms(Math.max(...all.map((i) => i.resolvedAt))) : null,
    failed: Math.round(all.reduce((n, i) => n + i.failed, 0)),
    total: Math.round(all.reduce((n, i) => n + i.total, 0)),
  };
}

/** What people and the diagnosis have added stays when the numbers change. */
function personal({
  id,
  foldedInto,
  cause,
  culprit,
  headline,
  summary,
  acknowledged,
  silencedUntil,
}: Fresh): Partial<Fresh> {
  return {
    id,
    foldedInto,
    cause,
    culprit,
    acknowledged,
    silencedUntil,
    ...(cause === null && headline === summary ? {} : { headline }),
  };
}

export const whyOf = ({ why, verdict }: Transition): string =>
  verdict?.numbers === undefined ? why : `${why}: ${verdict.numbers}`;

export function evaluationOf(
  at: number,
  { window, codes, bad, total, share, baseline, score, threshold, says, numbers }: Verdict,
): IncidentDetail['evaluations'][number] {
  return {
    at: Math.round(at * 1000),
    window: Math.round(window),
    code: codes[0] ?? null,
    bad: Math.round(bad),
    total: Math.round(total),
    share,
    baseline,
    score: Math.round(score * 10) / 10,
    threshold,
    says: numbers === undefined ? says : `${says}: ${numbers}`,
  };
}

/** NaN and −∞ have gone through JSON as null. */
export function revived({ incident, ...rest }: TrackerState): TrackerState {
  const number = (value: number | null): number => value ?? NaN;
  return {
    incident: {
      ...incident,
      // not kept by earlier versions
      sinceFirst: incident.sinceFirst ?? false,
      causes: incident.causes ?? [],
      where: incident.where ?? [],
      startedAt: incident.startedAt ?? incident.openedAt,
      endedAt: incident.endedAt ?? incident.lastBadAt,
      pagedAt: number(incident.pagedAt),
      resolvedAt: number(incident.resolvedAt),
    },
    pendingSince: number(rest.pendingSince),
    recoveringSince: number(rest.recoveringSince),
    proof: rest.proof,
    endedAt: rest.endedAt ?? -Infinity,
  };
}
