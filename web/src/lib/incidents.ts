// How alert states are said and sorted. They have words and marks of their own: they are not class colours.
import type { Incident, IncidentState, Pending } from '#shared/api.ts';
import { codeText } from '#shared/status.ts';
import { duration, share, tight } from './format.ts';

export const STATE_GLYPH: Record<IncidentState, string> = {
  firing: '▲',
  pending: '◔',
  blind: '◌',
  recovering: '◑',
  resolved: '●',
};
const RANK: Record<IncidentState, number> = { firing: 0, blind: 1, recovering: 2, pending: 3, resolved: 4 };

export const isOpen = (i: Incident): boolean => i.state !== 'resolved';
export const isFiring = (i: Incident): boolean => i.state === 'firing' || i.state === 'blind';
/** What it shows now is no longer what it was about. */
export const hasEnded = (i: Incident): boolean => i.state === 'recovering' || i.state === 'resolved';
export const isSilenced = (i: Incident, now: number): boolean => i.silencedUntil !== null && i.silencedUntil > now;

/** Pages before warnings, firing before the rest, nobody's before somebody's, then the older. */
export const byUrgency = (a: Incident, b: Incident): number =>
  RANK[a.state] - RANK[b.state] ||
  Number(b.severity === 'page') - Number(a.severity === 'page') ||
  Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
  b.openedAt - a.openedAt;

/** From one second up: what has just begun has no milliseconds. */
const age = (ms: number): string => duration(Math.max(1000, ms));

export function stateText(i: Incident, now: number): string {
  switch (i.state) {
    case 'pending':
      return `pending ${age(now - i.openedAt)}`;
    case 'firing':
      return `firing ${age(now - i.openedAt)}`;
    case 'blind':
      return `blind: no data for ${age(now - i.lastBadAt)}`;
    case 'recovering':
      return `recovering for ${age(now - i.lastBadAt)}`;
    case 'resolved':
      return `resolved after ${age((i.resolvedAt ?? now) - i.openedAt)}`;
  }
}
/** The countdown of what has not lasted long enough yet. */
export function pendingText(p: Pending, now: number): string {
  const left = Math.max(1, Math.ceil((p.firesAt - now) / 1000)),
    minutes = Math.floor(left / 60);
  const countdown =
    left < 60 || minutes >= 10
      ? duration(left * 1000)
      : `${duration(minutes * 60_000)} ${duration((left % 60) * 1000)}`;
  return `${p.severity === 'page' ? 'pages' : 'warns'} in ${countdown} if it goes on`;
}
/** What a passer-by should read: what fails, how much, and how much is usual, as it was judged; of what is over, how bad it was. */
export const shortText = (i: Incident): string =>
  !hasEnded(i) || i.codes.length === 0 || i.rule === 'error-rate'
    ? tight(i.summary)
    : `${i.codes.map((c) => `${codeText(c)}s`).join(', ')} reached ${share(i.peakShare)} of requests${i.baselineShare > 0 ? ` (usually ${share(i.baselineShare)})` : ''}`;
/** "shop", "shop and blog", "shop and 3 more": where it is seen. */
export const sourcesText = ({ sources: [first, ...rest] }: Incident): string =>
  rest.length === 0 ? first : `${first} and ${rest.length === 1 ? rest[0] : `${rest.length} more`}`;
export const ownerText = (i: Incident): string =>
  i.acknowledged ? `${i.acknowledged.by || 'someone'} has it` : i.state === 'resolved' ? '' : 'nobody has it';
/** `upstream_connection_refused` → `upstream connection refused`. */
export const causeText = (id: string): string => id.replaceAll('_', ' ');
