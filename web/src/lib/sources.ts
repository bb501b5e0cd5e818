// The state of a source, in one mark and a few words.
import { SILENT_MS, type LiveSource } from '#shared/live.ts';
import { isUnread } from '#shared/sources.ts';
import { texts } from '../texts/index.ts';

const t = texts.sourceState;

/** What arrives now is at least this old: old data, or a clock that is not known yet to be behind. */
const OLD_MS = 15 * 60_000;

interface SourceState {
  kind: 'ok' | 'page' | 'warn' | 'silent';
  glyph: string;
  text: string;
}

/** Lines arrive, but none of them is current. */
export const sendsOld = (s: LiveSource): boolean =>
  s.clockBehindMs === null && s.lastEvent !== null && s.lastSeen - s.lastEvent > OLD_MS;

export function sourceState(s: LiveSource, now: number): SourceState {
  if (s.alarm === 'page') return { kind: 'page', glyph: '▲', text: t.firing };
  if (s.alarm === 'warn') return { kind: 'warn', glyph: '▲', text: t.warning };
  if (now - s.lastSeen > SILENT_MS) return { kind: 'silent', glyph: '◌', text: t.silent };
  if (isUnread(s)) return { kind: 'warn', glyph: '!', text: t.unread };
  if (s.clockBehindMs !== null) return { kind: 'warn', glyph: '◷', text: t.clockBehind(s.clockBehindMs) };
  if (sendsOld(s)) return { kind: 'silent', glyph: '◷', text: t.old(now - s.lastEvent!) };
  return { kind: 'ok', glyph: '✓', text: t.normal };
}

/** A flag without a text, of a newer server, is shown by its name. */
export const flagText = (flag: string): string =>
  (texts.sourceFlags as Record<string, string | undefined>)[flag] ?? flag.replaceAll('-', ' ');
