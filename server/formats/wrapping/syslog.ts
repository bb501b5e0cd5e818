// Syslog round a line: RFC 3164 and 5424 as sent, and as rsyslog, syslog-ng and journalctl write it to files.
import type { Envelope } from './envelope.ts';
import type { Chunk } from '../format.ts';
import { startsWith } from '../bytes/scanner.ts';
import { monthOf, msOf } from '../bytes/calendar.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const {
  BACKSLASH,
  BRACE,
  BRACKET,
  BRACKET_END,
  COLON,
  DASH,
  DOT,
  EQUALS,
  GREATER,
  HASH,
  LESS,
  QUOTE,
  SLASH,
  SPACE,
  UNDERSCORE,
} = ASCII;

/** `<191>` */
const PRI_BYTES_MAX = 5;
/** A tag is at most 48 characters (APP-NAME of RFC 5424) and a process id; what is longer is text. */
const TAG_BYTES_MAX = 80;
const HOST_BYTES_MAX = 255;

const times = new TimeReader();
const isDigit = (c: number): boolean => c >= 48 && c <= 57;

export function unwrapSyslog(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const b = chunk.bytes;
  let at = start;
  const counted = afterCount(b, start, end);
  if (counted !== -1) at = counted;
  if (b[at] === LESS) {
    at = afterPri(b, at, end);
    if (at === -1) return false;
    const version = afterVersion(b, at, end);
    return version === -1 ? rfc3164(chunk, at, end, out, true) : rfc5424(chunk, version, end, out);
  }
  return rfc3164(chunk, at, end, out, false);
}

// 161 <29>1 …   (RFC 6587, kept in the line by whoever cut the stream at newlines)
function afterCount(b: Buffer, start: number, end: number): number {
  let i = start;
  while (i < end && i < start + 6 && isDigit(b[i])) i++;
  return i > start && i + 2 < end && b[i] === SPACE && b[i + 1] === LESS && isDigit(b[i + 2]) ? i + 1 : -1;
}

function afterPri(b: Buffer, start: number, end: number): number {
  let i = start + 1;
  while (i < end && i < start + PRI_BYTES_MAX - 1 && isDigit(b[i])) i++;
  if (i === start + 1 || i >= end || b[i] !== GREATER) return -1;
  i++;
  return i < end && b[i] === SPACE ? i + 1 : i;
}

function afterVersion(b: Buffer, start: number, end: number): number {
  let i = start;
  while (i < end && i < start + 3 && isDigit(b[i])) i++;
  return i > start && i < end && b[i] === SPACE && (i + 1 === end || b[i + 1] === DASH || isDigit(b[i + 1]))
    ? i + 1
    : -1;
}

// 2016-02-21T04:32:57+00:00 web1 someservice 2341 2 [origin][meta sequence="14125553"] "GET /v1/ok HTTP/1.1" 200 …
// time                      host app         pid  id structured data                   message
function rfc5424(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const b = chunk.bytes;
  let at = wordEnd(b, start, end);
  const ts = times.iso(b, start, at);
  if (ts === ts) out.ts = Math.floor(ts);
  else if (!(at - start === 1 && b[start] === DASH)) return false;
  const host = at + 1;
  at = wordEnd(b, host, end);
  const isHeroku = at - host === 4 && startsWith(b, host, at, 'host'); // its word for every host
  if (!isNil(b, host, at)) out.setHost(host, at);
  const app = at + 1;
  at = wordEnd(b, app, end);
  if (!isNil(b, app, at)) out.setProgram(app, at);
  at = wordEnd(b, at + 1, end); // process id
  at = wordEnd(b, at + 1, end) + 1; // message id
  if (at >= end) return out.inside(end, end);
  if (b[at] === DASH && (at + 1 === end || b[at + 1] === SPACE)) at += 2;
  else if (b[at] === BRACKET && !isHeroku) {
    // Heroku leaves the structured data out
    const after = afterData(b, at, end);
    if (after !== -1) at = after;
  }
  if (end - at >= 3 && b[at] === 0xef && b[at + 1] === 0xbb && b[at + 2] === 0xbf) at += 3;
  return out.inside(Math.min(at, end), end);
}

/** Past `[id name="va\]lue"][…]` and the space after it; -1 when it is not closed, has no id, or runs into a text. */
function afterData(b: Buffer, start: number, end: number): number {
  let i = start;
  while (i < end && b[i] === BRACKET) {
    if (b[i + 1] === BRACKET_END || b[i + 1] === SPACE || b[i + 1] === QUOTE) return -1;
    let isQuoted = false;
    for (i++; i < end && (isQuoted || b[i] !== BRACKET_END); i++) {
      if (b[i] === BACKSLASH && isQuoted) i++;
      else if (b[i] === QUOTE) isQuoted = !isQuoted;
    }
    if (i >= end) return -1;
    i++;
  }
  return i === end ? i : b[i] === SPACE ? i + 1 : -1;
}

// Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] …
// time            host      tag             message
function rfc3164(chunk: Chunk, start: number, end: number, out: Envelope, hasPri: boolean): boolean {
  const b = chunk.bytes;
  let at = afterTime(b, start, end, out);
  if (at === -1) {
    if (!hasPri) return false;
    at = start; // busybox and some routers leave the time out
  } else {
    while (at < end && b[at] === SPACE) at++;
  }
  // A word that is no tag is the host; without a tag the message begins after it.
  const first = wordEnd(b, at, end);
  if (tagEnd(b, at, first) === -1 && first < end) {
    if (first - at > HOST_BYTES_MAX) return hasPri && out.inside(at, end);
    const next = skipSpaces(b, first, end);
    const second = wordEnd(b, next, end);
    const isTagged = tagEnd(b, next, second) !== -1;
    if (!isTagged && !hasPri && !isHost(b, at, first)) return false;
    if (isTagged || isHost(b, at, first)) {
      out.setHost(at, first);
      at = next;
    }
  }
  return out.inside(afterTag(b, at, end, out), end);
}

/** Past `Feb  6 12:14:14`, `2026 Feb  6 12:14:14.123`, `Feb  6 2026 12:14:14` or an ISO time that a host and a tag follow; -1 for anything else. */
function afterTime(b: Buffer, start: number, end: number, out: Envelope): number {
  if (end - start < 15) return -1;
  if (isDigit(b[start]) && b[start + 4] === DASH) {
    const ts = times.iso(b, start, end);
    if (
      ts !== ts ||
      times.end >= end ||
      b[times.end] !== SPACE ||
      b[start + 10] !== 0x54 ||
      isNanoseconds(b, start + 19)
    )
      return -1;
    const after = times.end;
    const first = skipSpaces(b, after, end),
      firstEnd = wordEnd(b, first, end);
    const second = skipSpaces(b, firstEnd, end);
    if (tagEnd(b, first, firstEnd) === -1 && tagEnd(b, second, wordEnd(b, second, end)) === -1) return -1;
    out.ts = Math.floor(ts);
    return after;
  }
  let i = start,
    year = -1;
  if (isDigit(b[i]) && b[i + 4] === SPACE) {
    year = number(b, i, i + 4);
    i += 5;
  }
  const month = monthOf(b, i);
  if (month === 0 || b[i + 3] !== SPACE) return -1;
  i = skipSpaces(b, i + 3, end);
  let day = 0;
  for (; i < end && isDigit(b[i]); i++) day = day * 10 + b[i] - 48;
  if (day < 1 || day > 31 || b[i] !== SPACE) return -1;
  i++;
  if (isDigit(b[i]) && b[i + 4] === SPACE && year === -1) {
    year = number(b, i, i + 4);
    i += 5;
  }
  if (i + 8 > end || b[i + 2] !== COLON || b[i + 5] !== COLON) return -1;
  const hour = number(b, i, i + 2),
    minute = number(b, i + 3, i + 5),
    second = number(b, i + 6, i + 8);
  if (hour < 0 || minute < 0 || second < 0) return -1;
  i += 8;
  let fraction = 0;
  if (i + 1 < end && b[i] === DOT && isDigit(b[i + 1]))
    for (let unit = 100, k = ++i; k < end && isDigit(b[k]); i = ++k, unit /= 10) fraction += (b[k] - 48) * unit;
  if (
    i + 4 < end &&
    b[i] === SPACE &&
    isDigit(b[i + 1]) &&
    isDigit(b[i + 4]) &&
    (b[i + 5] === SPACE || b[i + 5] === COLON) &&
    year === -1
  ) {
    year = number(b, i + 1, i + 5);
    if (year !== -1) i += 5;
  }
  // Without a year there is no telling the time: the arrival's is nearer.
  if (year >= 1970) out.ts = msOf(year, month, day, hour, minute, second) + Math.floor(fraction);
  if (i < end && b[i] === COLON) i++;
  return i < end && b[i] === SPACE ? i : -1;
}

/** A fraction of more than six digits: syslog has none (RFC 5424), the clocks of container runtimes do. */
function isNanoseconds(b: Buffer, at: number): boolean {
  for (let i = 1; i <= 7; i++) if (!isDigit(b[at + i])) return false;
  return true;
}

/** Past `nginx: ` or `haproxy[14389]: `, and past a `@cee:` cookie. */
function afterTag(b: Buffer, at: number, end: number, out: Envelope): number {
  const name = tagEnd(b, at, wordEnd(b, at, end));
  if (name !== -1) {
    out.setProgram(at, name);
    at = skipSpaces(b, wordEnd(b, at, end), end);
  }
  if (
    end - at > 5 &&
    b[at] === 0x40 &&
    b[at + 1] === 0x63 &&
    b[at + 2] === 0x65 &&
    b[at + 3] === 0x65 &&
    b[at + 4] === COLON
  )
    at = skipSpaces(b, at + 5, end);
  return at;
}

/** Where the program's name ends in a word that is a tag (`name:`, `name[pid]:`), or -1. */
function tagEnd(b: Buffer, start: number, end: number): number {
  if (end - start < 2 || end - start > TAG_BYTES_MAX || b[end - 1] !== COLON || b[start] === HASH) return -1; // `#Fields:` is W3C's
  let name = start;
  while (name < end - 1 && b[name] !== BRACKET) {
    const c = b[name];
    if (c === QUOTE || c === BRACE || c === EQUALS || c === COLON) return -1;
    name++;
  }
  if (name === start) return -1;
  return name === end - 1 || b[end - 2] === BRACKET_END ? name : -1;
}

/** A name or an address, without a port: that would be a client. */
function isHost(b: Buffer, start: number, end: number): boolean {
  let colons = 0;
  for (let i = start; i < end; i++) {
    const c = b[i];
    const isWord =
      isDigit(c) ||
      ((c | 32) >= 0x61 && (c | 32) <= 0x7a) ||
      c === DASH ||
      c === DOT ||
      c === UNDERSCORE ||
      c === COLON ||
      c === SLASH;
    if (!isWord) return false;
    if (c === COLON) colons++;
  }
  return end > start && colons !== 1;
}

function wordEnd(b: Buffer, at: number, end: number): number {
  while (at < end && b[at] !== SPACE) at++;
  return Math.min(at, end);
}

function skipSpaces(b: Buffer, at: number, end: number): number {
  while (at < end && b[at] === SPACE) at++;
  return at;
}

const isNil = (b: Buffer, start: number, end: number): boolean => end - start === 1 && b[start] === DASH;

function number(b: Buffer, start: number, end: number): number {
  let n = 0;
  for (let i = start; i < end; i++) {
    if (!isDigit(b[i])) return -1;
    n = n * 10 + b[i] - 48;
  }
  return n;
}
