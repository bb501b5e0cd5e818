// The texts and the order of incidents. States have their own words and marks; they do not share the classes' colours.
import type { Incident, IncidentState, Pending } from '#shared/api.ts';
import { codeText } from '#shared/status.ts';
import { texts } from '../texts/index.ts';
import { duration, tight } from './format.ts';

const t = texts.incident;

export { byUrgency, isFiring, isOpen } from '#shared/urgency.ts';
export const STATE_GLYPH: Record<IncidentState, string> = {
  firing: '▲',
  pending: '◔',
  blind: '◌',
  recovering: '◑',
  resolved: '●',
};
/** Its current numbers are no longer those that it fired on. */
export const hasEnded = (i: Incident): boolean => i.state === 'recovering' || i.state === 'resolved';
export const isSilenced = (i: Incident, now: number): boolean => i.silencedUntil !== null && i.silencedUntil > now;

/** From one second up: what has just begun has no milliseconds. */
const age = (ms: number): number => Math.max(1000, ms);

export function stateText(i: Incident, now: number): string {
  const [from, to] =
    i.state === 'resolved'
      ? [i.openedAt, i.resolvedAt ?? now]
      : [i.state === 'blind' || i.state === 'recovering' ? i.lastBadAt : i.openedAt, now];
  return t.for[i.state](age(to - from));
}
/** The countdown of what has not lasted long enough yet. */
export function pendingText(p: Pending, now: number): string {
  const left = Math.max(1, Math.ceil((p.firesAt - now) / 1000)),
    minutes = Math.floor(left / 60);
  const countdown =
    left < 60 || minutes >= 10
      ? duration(left * 1000)
      : `${duration(minutes * 60_000)} ${duration((left % 60) * 1000)}`;
  return t.firesIn(p.severity, countdown);
}
/** For a reader who passes by: what fails, how much, and how much is usual, as it was judged. Of an ended one, how bad it was. */
export const shortText = (i: Incident): string =>
  !hasEnded(i) || i.codes.length === 0 || i.rule === 'error-rate'
    ? tight(i.summary)
    : t.reached(i.codes.map((c) => texts.common.responses(codeText(c))).join(', '), i.peakShare, i.baselineShare);
/** "shop", "shop and blog", "shop and 3 more": where it is seen. */
export const sourcesText = ({ sources: [first, ...rest] }: Incident): string =>
  rest.length === 0
    ? first
    : rest.length === 1
      ? texts.common.and(first, rest[0])
      : texts.common.andMore(first, rest.length);
export const ownerText = (i: Incident): string =>
  i.acknowledged ? t.acknowledgedBy(i.acknowledged.by) : i.state === 'resolved' ? '' : t.notAcknowledged;
/** `upstream_connection_refused` → `upstream connection refused`. */
export const causeText = (id: string): string => id.replaceAll('_', ' ');
