// Which incident comes first, on the page and in what is sent to it.
import type { Incident, IncidentState } from './api.ts';

const RANK: Record<IncidentState, number> = { firing: 0, blind: 1, recovering: 2, pending: 3, resolved: 4 };

/** What fires before the rest, pages before warnings, nobody's before somebody's, then the newer. */
export const byUrgency = (a: Incident, b: Incident): number =>
  RANK[a.state] - RANK[b.state] ||
  Number(b.severity === 'page') - Number(a.severity === 'page') ||
  Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
  b.openedAt - a.openedAt;

export const isOpen = (i: Incident): boolean => i.state !== 'resolved';
export const isFiring = (i: Incident): boolean => i.state === 'firing' || i.state === 'blind';
