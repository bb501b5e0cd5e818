// How a source stands, told from its status: the same on the page and in what is sent to it.
import type { LiveSource } from './live.ts';

/** A log may begin with lines that are no requests; so many are another kind of log. */
const SKIPPED_ALL = 10;

/** Lines came, and nothing is read of them: not one, or of many but comments. */
export const isUnread = (s: Pick<LiveSource, 'accepted' | 'duplicate' | 'rejected' | 'skipped'>): boolean =>
  s.accepted + s.duplicate === 0 && (s.rejected > 0 || s.skipped >= SKIPPED_ALL);

const ALARMS = { page: 2, warn: 1 } as const;
/** By orders of magnitude: rows that change places each second cannot be read. */
const size = (rate: number): number => Math.round(Math.log10(rate + 0.01));

/** On fire first, then those that want a look, then the busiest. */
export const bySize = (a: LiveSource, b: LiveSource): number =>
  (b.alarm === null ? 0 : ALARMS[b.alarm]) - (a.alarm === null ? 0 : ALARMS[a.alarm]) ||
  Number(isUnread(b)) - Number(isUnread(a)) ||
  Number(b.clockBehindMs !== null) - Number(a.clockBehindMs !== null) ||
  size(b.rate) - size(a.rate) ||
  (a.name < b.name ? -1 : 1);
