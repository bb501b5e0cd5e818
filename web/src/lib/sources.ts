// How a source is doing, in one mark and a word.
import type { LiveSource } from '#shared/live.ts';
import { duration } from './format.ts';

/** No line for this long, and the source is called silent. */
export const SILENT_MS = 5 * 60_000;

/** A log may begin with lines that are no requests; so many are another kind of log. */
const SKIPPED_ALL = 10;

/** What comes now is of this long ago, or more: history, or a clock that is not known yet to be behind. */
const OLD_MS = 15 * 60_000;

interface SourceState {
  kind: 'ok' | 'page' | 'warn' | 'silent';
  glyph: string;
  text: string;
}

/** Lines came, and nothing is read of them: not one, or of many but comments. */
export const unread = (s: LiveSource): boolean =>
  s.accepted + s.duplicate === 0 && (s.rejected > 0 || s.skipped >= SKIPPED_ALL);

/** Lines arrive, and none is of now. */
export const sendsOld = (s: LiveSource): boolean =>
  s.clockBehindMs === null && s.lastEvent !== null && s.lastSeen - s.lastEvent > OLD_MS;

export function sourceState(s: LiveSource, now: number): SourceState {
  if (s.alarm === 'page') return { kind: 'page', glyph: '▲', text: 'firing' };
  if (s.alarm === 'warn') return { kind: 'warn', glyph: '▲', text: 'warning' };
  if (now - s.lastSeen > SILENT_MS) return { kind: 'silent', glyph: '◌', text: 'silent' };
  if (unread(s)) return { kind: 'warn', glyph: '!', text: 'no line could be read' };
  if (s.clockBehindMs !== null)
    return { kind: 'warn', glyph: '◷', text: `its clock is ${duration(s.clockBehindMs)} behind` };
  if (sendsOld(s))
    return {
      kind: 'silent',
      glyph: '◷',
      text: `sends lines of ${duration(now - s.lastEvent!)} ago: history, or its clock is behind`,
    };
  return { kind: 'ok', glyph: '✓', text: 'normal' };
}

export const SAMPLED_TEXT =
  'the traces do not say how they were sampled: if they were, counts are of the sample, and shares hold only where failures are kept no more often than the rest';
const FLAGS: Record<string, string> = {
  sampled: `in the last day, ${SAMPLED_TEXT}`,
  'errors-only': 'ships errors only: judged by rate, shares mean nothing',
  'clock-ahead': 'its clock is ahead: counted at arrival',
  'clock-behind': 'its clock is behind by a steady amount: judged at arrival, counted at its own time',
};
export const flagText = (flag: string): string => FLAGS[flag] ?? flag.replaceAll('-', ' ');
