// What every text reader scans with. Digits come from the chunk's bytes, searches go through `text.indexOf` (vectorised), and a
// search that runs past the line is remembered, so that lines without a byte do not scan the whole chunk again and again.
import type { Chunk } from '../format.ts';
import { ASCII } from './ascii.ts';

const { BACKSLASH, COLON, COMMA, DASH, DOT, QUOTE, SPACE, TAB } = ASCII;

/** Past any chunk, and a small integer, so that positions stay integers in compiled code. */
export const NOWHERE = 2 ** 30;

/**
 * Finds one literal, line after line. Amortised linear in the chunk as long as the searches of one Needle move forward:
 * what was found beyond a line's end answers the next lines without scanning.
 */
export class Needle {
  readonly literal: string;
  #chunk: Chunk | undefined;
  #from = 0;
  #at = 0;

  constructor(literal: string) {
    this.literal = literal;
  }

  /** Index of the first whole occurrence in [from, end), or -1. */
  find(chunk: Chunk, from: number, end: number): number {
    if (chunk === this.#chunk && from >= this.#from && from <= this.#at)
      return this.#at + this.literal.length <= end ? this.#at : -1;
    const found = chunk.text.indexOf(this.literal, from);
    const at = found === -1 ? NOWHERE : found;
    if (at + this.literal.length <= end) return at;
    this.#chunk = chunk;
    this.#from = from;
    this.#at = at;
    return -1;
  }

  /** Index of the first occurrence at or after `from`, in whatever line; NOWHERE when there is none. */
  next(chunk: Chunk, from: number): number {
    if (chunk === this.#chunk && from >= this.#from && from <= this.#at) return this.#at;
    const found = chunk.text.indexOf(this.literal, from);
    this.#chunk = chunk;
    this.#from = from;
    return (this.#at = found === -1 ? NOWHERE : found);
  }
}

/** The closing quote of a quoted text that begins at `from`, backslash escapes honoured; -1 when there is none before `end`. */
export function closingQuote(needle: Needle, chunk: Chunk, from: number, end: number): number {
  const bytes = chunk.bytes;
  for (let at = needle.find(chunk, from, end); at !== -1; at = needle.find(chunk, at + 1, end)) {
    if (bytes[at - 1] !== BACKSLASH || at === from) return at;
    let slash = at - 1;
    while (slash > from && bytes[slash - 1] === BACKSLASH) slash--;
    if ((at - slash) % 2 === 0) return at;
  }
  return -1;
}

/** The number that the digits in [start, end) spell; -1 when it is empty or holds anything but digits. Exact below 2^53. */
export function digits(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let n = 0;
  for (let i = start; i < end; i++) {
    const d = bytes[i] - 48;
    if (d < 0 || d > 9) return -1;
    n = n * 10 + d;
  }
  return n;
}

/** A decimal number such as `0.057`, `12` or `1e-3`; NaN for anything else, "-" included. Makes no string in the usual case. */
export function decimal(bytes: Uint8Array, start: number, end: number): number {
  let i = start,
    n = 0,
    scale = 1;
  for (; i < end; i++) {
    const d = bytes[i] - 48;
    if (d < 0 || d > 9) break;
    n = n * 10 + d;
  }
  if (i === end && i > start) return n;
  if (i === start || bytes[i] !== DOT) return scientific(bytes, start, end);
  for (i++; i < end; i++) {
    const d = bytes[i] - 48;
    if (d < 0 || d > 9) return scientific(bytes, start, end);
    n = n * 10 + d;
    scale *= 10;
  }
  return n / scale;
}

/** `1e-3`, `1.5E+9`; NaN for anything else. */
function scientific(bytes: Uint8Array, start: number, end: number): number {
  if (start === end || !isDigit(bytes[start])) return NaN;
  let e = start;
  while (e < end && (isDigit(bytes[e]) || bytes[e] === DOT)) e++;
  if (e === end || (bytes[e] | 32) !== 0x65) return NaN; // most often a clock or a date, of which no text need be made
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return /^\d+(\.\d*)?[eE][-+]?\d+$/.test(text) ? Number(text) : NaN;
}

/** The number after the last of whatever is no digit: the total of HAProxy's timers `0/0/1/69/+109`; NaN when it is negative. */
export function lastNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isDigit(bytes[at - 1])) at--;
  return at === end || bytes[at - 1] === DASH ? NaN : digits(bytes, at, end);
}

/** What `status` says when the text is "-": a line of this format with no status code. */
export const DASHED = -2;

/** A status code as proxies write it: three digits (000 and 009 included), `0`, or HAProxy's and Envoy's `-1`; -1 for anything else. */
export function status(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 3) return digits(bytes, start, end);
  if (length === 1) return bytes[start] === 48 ? 0 : bytes[start] === DASH ? DASHED : -1;
  return length === 2 && bytes[start] === DASH && bytes[start + 1] === 49 ? 0 : -1;
}

/** End of the token that begins at `at`: the next space or tab, or `end`. */
export function tokenEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
  return at;
}

/** First byte at or after `at` that is neither space nor tab. */
export function skipBlank(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

export const isDash = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start === 1 && bytes[start] === DASH;

export const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** Do these bytes stand at `at`? For literals of a few bytes, where a call into the engine costs more than the comparison. */
export function bytesAt(bytes: Uint8Array, at: number, end: number, literal: Uint8Array): boolean {
  const { length } = literal;
  if (at + length > end) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== literal[i]) return false;
  return true;
}

/** Words of ASCII, by their first byte. */
type Words = readonly (readonly Uint8Array[])[];

export function wordsOf(text: string): Words {
  const words = text.split(' ').map((word) => Buffer.from(word));
  return Array.from({ length: 256 }, (_, first) => words.filter((word) => word[0] === first));
}

/** Where the one of these words that stands at `at` ends, the first if there are several; -1 when none does. */
export function oneOf(bytes: Uint8Array, at: number, end: number, words: Words): number {
  if (at >= end) return -1;
  const some = words[bytes[at]];
  for (let i = 0; i < some.length; i++) if (bytesAt(bytes, at, end, some[i])) return at + some[i].length;
  return -1;
}

/** As closingQuote, byte by byte: faster for texts of up to some 40 bytes. */
export function nearQuote(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const c = bytes[at];
    if (c === QUOTE) return at;
    if (c === BACKSLASH) at++;
  }
  return -1;
}

/** Does the ASCII text stand at `at`? */
export function startsWith(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The end of a list that goes on after ", " and " : ", when its first element ends at `at`. */
export function listEnd(b: Uint8Array, at: number, end: number): number {
  for (;;) {
    if (b[at - 1] === COMMA && at + 1 < end && b[at] === SPACE) at = tokenEnd(b, at + 1, end);
    else if (at + 3 < end && b[at] === SPACE && b[at + 1] === COLON && b[at + 2] === SPACE)
      at = tokenEnd(b, at + 3, end);
    else return at;
  }
}
