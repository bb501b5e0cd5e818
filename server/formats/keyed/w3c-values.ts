// Single columns of a W3C extended log, read from bytes.
import { HOST, PATH, type Hit } from '../../core/hit.ts';
import type { Chunk } from '../format.ts';
import { ASCII } from '../bytes/ascii.ts';
import { readUrl } from '../bytes/request.ts';
import { isDigit } from '../bytes/scanner.ts';

const { COLON, QUOTE, SLASH, SPACE, TAB } = ASCII;

/** The quote that closes the column whose opening quote is at `at`; -1 when none does. */
export function quotedEnd(b: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++)
    if (b[i] === QUOTE && (i + 1 === end || b[i + 1] === SPACE || b[i + 1] === TAB)) return i;
  return -1;
}

/** A URL, or `www.example.com/x` as Incapsula writes it. */
export function readUri(chunk: Chunk, start: number, end: number, hit: Hit): void {
  const b = chunk.bytes;
  let slash = start;
  while (slash < end && b[slash] !== SLASH) slash++;
  if (slash === start || slash === end || b[slash - 1] === COLON) return readUrl(chunk, start, end, hit);
  hit.set(HOST, start, slash);
  hit.set(PATH, slash, end);
}

/** UTF-8 as a string; of ASCII a slice will do. */
export function textOf(chunk: Chunk, start: number, end: number): string {
  for (let i = start; i < end; i++) if (chunk.bytes[i] > 0x7f) return chunk.bytes.toString('utf8', start, end);
  return chunk.text.slice(start, end);
}

/** The date and time at [start, …) when one byte stands between them: copied, with the byte made a blank (it may be a tab). */
export function withT(b: Buffer, gap: number, stamp: Buffer, start: number, end: number): Buffer {
  b.copy(stamp, 0, start, Math.min(end, start + 19));
  stamp[gap - start] = SPACE;
  return stamp;
}

/** Edge caches write `TCP_HIT/200`. */
export function statusStart(b: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isDigit(b[at - 1])) at--;
  return at > start && b[at - 1] === SLASH ? at : start;
}
