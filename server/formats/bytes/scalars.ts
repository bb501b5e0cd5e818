// Single values of keyed lines, read from bytes: status codes, times, durations with or without a unit, escaped text.
import { NO_CODE } from '../../core/hit.ts';
import { decimal, isDash, isDigit } from './scanner.ts';
import { isOffset, monthOf, msOf } from './calendar.ts';
import { epochMs, TimeReader } from './times.ts';
import { ASCII } from './ascii.ts';

const { BRACKET, BRACKET_END, DASH, DOT, SPACE } = ASCII;

/** Text that is no status code at all ("ok", 1001). */
const BAD_CODE = -2;

/** `502`, `009`, `0`, `-1` (no answer was sent: 0), `200.0`, `200 OK`; NO_CODE for "-", BAD_CODE for the rest. */
export function statusIn(b: Buffer, start: number, end: number): number {
  while (end > start && b[end - 1] <= SPACE) end--;
  if (start === end || isDash(b, start, end)) return NO_CODE;
  if (end - start === 2 && b[start] === DASH && b[start + 1] === 0x31) return 0;
  let i = start,
    n = 0;
  for (; i < end && isDigit(b[i]); i++) n = n * 10 + b[i] - 48;
  const length = i - start;
  if (length === 0 || length > 3 || (length !== 3 && n !== 0)) return BAD_CODE;
  if (i === end) return n;
  if (b[i] === DOT) {
    for (i++; i < end; i++) if (b[i] !== 48) return BAD_CODE;
    return n;
  }
  // "404 Not Found", not "502, 200"
  return b[i] === SPACE && i + 1 < end && (b[i + 1] | 32) >= 0x61 && (b[i + 1] | 32) <= 0x7a ? n : BAD_CODE;
}

const times = new TimeReader();

/** A time in any of the ways that keyed lines have; NaN when it is none. */
export function timeIn(b: Buffer, start: number, end: number): number {
  // [10/Oct/2000:13:55:36 -0700]
  if (end - start > 2 && b[start] === BRACKET && b[end - 1] === BRACKET_END) {
    start++;
    end--;
  }
  const ts = times.any(b, start, end);
  if (ts === ts) return Math.floor(ts);
  return (b[start] | 32) >= 0x61 ? mailDate(b, start, end) : scientific(b, start, end);
}

// Sat, 23 Dec 2023 23:17:54 GMT
function mailDate(b: Buffer, start: number, end: number): number {
  const text = b.toString('latin1', start, Math.min(end, start + 40));
  const m =
    /^\w{3,9},? (\d{1,2})[ -](\w{3})[ -](\d{2,4}) (\d\d):(\d\d):(\d\d)(?: ?(?:GMT|UTC|Z|([-+])(\d\d):?(\d\d)))?/.exec(
      text,
    );
  if (m === null) return NaN;
  const month = monthOf(Buffer.from(m[2]), 0);
  const year = m[3].length === 2 ? 2000 + Number(m[3]) : Number(m[3]);
  if (m[7] !== undefined && !isOffset(Number(m[8]), Number(m[9]))) return NaN;
  const zone = m[7] === undefined ? 0 : (m[7] === '-' ? -1 : 1) * (Number(m[8]) * 60 + Number(m[9]));
  return msOf(year, month, Number(m[1]), Number(m[4]), Number(m[5]), Number(m[6])) - zone * 60_000;
}

// 1.646861401524e+09
function scientific(b: Buffer, start: number, end: number): number {
  const n = decimal(b, start, end);
  return n >= 1e8 ? Math.floor(epochMs(n)) : NaN;
}

/** A number in `unitMs`, or one that brings its unit: `12ms`, `0.5s`, `1m2.5s`, `340µs`. NaN for "-" and below zero. */
export function durationMs(b: Buffer, start: number, end: number, unitMs: number): number {
  const n = decimal(b, start, end);
  if (n === n) return n * unitMs;
  const last = end > start ? b[end - 1] | 32 : 0;
  if (last === 0x73) {
    // 12.5ms, 0.5s
    const before = b[end - 2] | 32;
    const plain =
      before === 0x6d ? decimal(b, start, end - 2) : isDigit(b[end - 2]) ? decimal(b, start, end - 1) * 1000 : NaN;
    if (plain === plain) return plain;
  }
  if (!isDigit(b[start]) || (last !== 0x73 && last !== 0x6d && last !== 0x68) || end - start > 40) return NaN;
  const text = b.toString('utf8', start, end);
  if (!/^(\d+(\.\d+)? ?(ns|us|µs|μs|ms|s|sec|m|h))+$/i.test(text)) return NaN;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?) ?(ns|us|µs|μs|ms|sec|s|m|h)/gi))
    ms += Number(amount) * WORDS[unit.toLowerCase()];
  return ms;
}

const WORDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  h: 3_600_000,
};

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The text of a JSON string, given without its quotes. Broken escapes stay as they are; `\x22`, which nginx writes by default, is read too. */
export function unescaped(b: Buffer, start: number, end: number): string {
  const text = b.toString('utf8', start, end);
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g,
    (whole, wide?: string, byte?: string, char?: string) => {
      const hex = wide ?? byte;
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      return ESCAPES[char!] ?? (char === 'u' || char === 'x' ? whole : char!);
    },
  );
}
