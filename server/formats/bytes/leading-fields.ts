// What stands before a request in lines of no fixed shape: a time somewhere, a client somewhere.
import { CLIENT, type Hit } from '../../core/hit.ts';
import { setClient } from './request.ts';
import { isDigit } from './scanner.ts';
import { isOffset, monthOf, msOf, two } from './calendar.ts';
import type { TimeReader } from './times.ts';
import { ASCII } from './ascii.ts';

const { BRACKET, COLON, COMMA, DASH, DOT, PLUS, QUOTE, SLASH, SPACE, TAB } = ASCII;

/** 20260102150405: whether it is a date or none, in ms since 1970 it would be the 26th century. */
const isCompact = (b: Uint8Array, at: number, stop: number): boolean =>
  stop - at === 14 && two(b, at) >= 19 && two(b, at) <= 21;

/** The first time in [start, end), ms; NaN when there is none. */
export function timeBefore(time: TimeReader, b: Uint8Array, start: number, end: number): number {
  const first = b[start] === BRACKET ? start + 1 : start;
  const ctime = isDigit(b[first]) ? NaN : time.ctime(b, first, end);
  if (ctime === ctime) return ctime;
  for (let at = start; at < end;) {
    while (at < end && !isDigit(b[at])) at++;
    let stop = at;
    while (stop < end && isDigit(b[stop])) stop++;
    if (stop > at && (at === start || !isWord(b[at - 1]))) {
      const compact = compactTime(b, at, stop, end);
      const mail = compact === compact ? compact : mailTime(b, at, stop, end);
      const ts = mail === mail ? mail : isCompact(b, at, stop) ? NaN : time.any(b, at, end);
      if (ts === ts) return ts;
    }
    at = stop;
  }
  return NaN;
}

// 02 Jan 2026 15:04:05 +0000, as mail and HTTP have it (GMT)
function mailTime(b: Uint8Array, at: number, stop: number, end: number): number {
  const month =
    stop - at < 3 && b[stop] === SPACE && b[stop + 4] === SPACE && stop + 18 <= end ? monthOf(b, stop + 1) : 0;
  if (month === 0) return NaN;
  const year = two(b, stop + 5) * 100 + two(b, stop + 7),
    zone = stop + 19;
  const sign = zone + 5 > end || !isDigit(b[zone + 1]) ? 0 : b[zone] === DASH ? -1 : b[zone] === PLUS ? 1 : 0;
  const hours = sign === 0 ? 0 : two(b, zone + 1),
    minutes = sign === 0 ? 0 : two(b, zone + 3);
  if (!isOffset(hours, minutes)) return NaN;
  return (
    msOf(
      year,
      month,
      stop - at === 2 ? two(b, at) : b[at] - 48,
      two(b, stop + 10),
      two(b, stop + 13),
      two(b, stop + 16),
    ) -
    sign * (hours * 60 + minutes) * 60_000
  );
}

// 20260102150405, 20260102 150405 with any sign between, 260102 15:04:05 (Tornado), 260102/150405.123 (hapi), 2026/01/02 - 15:04:05 (Gin)
function compactTime(b: Uint8Array, at: number, stop: number, end: number): number {
  if (isCompact(b, at, stop)) return dated(b, two(b, at) * 100, at + 2, 2, at + 8, 2);
  if (stop - at === 8 && stop + 7 <= end && two(b, at) >= 19 && two(b, at) <= 21 && !isDigit(b[stop + 7]))
    return dated(b, two(b, at) * 100, at + 2, 2, stop + 1, 2);
  if (stop - at === 4 && b[stop] === SLASH && b[stop + 6] === SPACE && b[stop + 7] === DASH && at + 21 <= end)
    return dated(b, two(b, at) * 100, at + 2, 3, at + 13, 3);
  if (stop - at !== 6 || (b[stop] !== SPACE && b[stop] !== SLASH) || stop + 7 > end) return NaN;
  return dated(b, 2000, at, 2, stop + 1, b[stop + 3] === COLON ? 3 : 2);
}

/** A date (its century given) and a time of day, each of three pairs of digits so many bytes apart. */
function dated(
  b: Uint8Array,
  century: number,
  date: number,
  dateStep: number,
  clock: number,
  clockStep: number,
): number {
  return msOf(
    century + two(b, date),
    two(b, date + dateStep),
    two(b, date + 2 * dateStep),
    two(b, clock),
    two(b, clock + clockStep),
    two(b, clock + 2 * clockStep),
  );
}

const isWord = (c: number): boolean => isDigit(c) || ((c | 32) >= 0x61 && (c | 32) <= 0x7a) || c === DOT;

/** What a byte adds to the count of its word: dots in the low bits, then colons, then what is neither digit nor comma; a word ends at -1. */
const COLONS = 1 << 10,
  OTHERS = 1 << 20;
const WEIGHTS = Int32Array.from({ length: 256 }, (_, c) => {
  if (c === SPACE || c === TAB || c === QUOTE) return -1;
  return isDigit(c) || c === COMMA ? 0 : c === DOT ? 1 : c === COLON ? COLONS : OTHERS;
});
/** Longer words are no addresses; and the counts of shorter ones do not run into each other. */
const ADDRESS_BYTES_MAX = 255;

/** The first word in [start, end) that is an IP address, with or without a port. */
export function clientBefore(b: Uint8Array, start: number, end: number, hit: Hit): void {
  for (let at = start; at < end;) {
    while (at < end && (WEIGHTS[b[at]] === -1 || (b[at] === BRACKET && isDigit(b[at + 1])))) at++;
    let stop = at,
      count = 0;
    for (let weight = 0; stop < end && (weight = WEIGHTS[b[stop]]) !== -1; stop++) count = (count + weight) | 0;
    const dots = count & (COLONS - 1);
    if (stop - at <= ADDRESS_BYTES_MAX) {
      if (dots === 3 && count < OTHERS) return setClient(b, at, stop, hit);
      if (dots === 0 && count >= OTHERS && (count & (OTHERS - 1)) >= 2 * COLONS && isHex(b, at, stop))
        return setClient(b, at, stop, hit);
    }
    at = stop + 1;
  }
}

/** The same where `gap` separates the words. */
export function clientBetween(b: Uint8Array, start: number, end: number, gap: number, hit: Hit): void {
  for (let at = start; at < end && !hit.has(CLIENT); at++) {
    let stop = at;
    while (stop < end && b[stop] !== gap) stop++;
    clientBefore(b, at, stop, hit);
    at = stop;
  }
}

function isHex(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++)
    if (!(isDigit(b[i]) || b[i] === COLON || ((b[i] | 32) >= 0x61 && (b[i] | 32) <= 0x66))) return false;
  return true;
}
