// What the patterns of request lines are made of (line-pattern.ts): a method, a path, a code and their like, as web frameworks write them.
import { METHOD as METHOD_FIELD } from '../../core/hit.ts';
import { readUrl, setClient } from '../bytes/request.ts';
import { decimal, digits, isDigit, oneOf, skipBlank, startsWith, wordsOf } from '../bytes/scanner.ts';
import { METHODS } from '../bytes/http-words.ts';
import { isWordByte, type Part } from './pattern-line.ts';
import { ASCII } from '../bytes/ascii.ts';

const { APOSTROPHE, BRACKET, BRACKET_END, COLON, COMMA, DASH, DOT, QUOTE, SLASH, SPACE } = ASCII;

const SMALL_METHODS = wordsOf('get head post put delete patch options');
const isHex = (c: number): boolean => isDigit(c) || ((c | 32) >= 0x61 && (c | 32) <= 0x66);

export const METHOD: Part = ({ bytes, end, hit }, at) => {
  const stop = oneOf(bytes, at, end, METHODS);
  if (stop !== -1) hit.set(METHOD_FIELD, at, stop);
  return stop;
};

export const SMALL_METHOD: Part = ({ bytes, end, hit }, at) => {
  const stop = oneOf(bytes, at, end, SMALL_METHODS);
  if (stop !== -1) hit.set(METHOD_FIELD, at, stop);
  return stop;
};

export const CODE_BYTES = 3;

export const CODE: Part = ({ bytes: b, end, hit }, at) => {
  const stop = at + CODE_BYTES;
  if (
    stop > end ||
    b[at] < 0x31 ||
    b[at] > 0x35 ||
    !isDigit(b[at + 1]) ||
    !isDigit(b[at + 2]) ||
    (stop < end && isWordByte(b[stop]))
  )
    return -1;
  hit.code = (b[at] - 48) * 100 + (b[at + 1] - 48) * 10 + b[at + 2] - 48;
  return stop;
};

/** A path, `*` or, unless it must be the server's own, a URL: up to a blank or one of these bytes. */
const pathBefore =
  (until: number, orUntil: number, isOwn: boolean): Part =>
  ({ chunk, bytes: b, end, hit }, at) => {
    if (
      at >= end ||
      (b[at] !== SLASH &&
        (isOwn || (b[at] !== 0x2a && !startsWith(b, at, end, 'http://') && !startsWith(b, at, end, 'https://'))))
    )
      return -1;
    let stop = at;
    while (stop < end && b[stop] > SPACE && b[stop] !== until && b[stop] !== orUntil) stop++;
    readUrl(chunk, at, stop, hit);
    return stop;
  };

export const PATH = pathBefore(SPACE, SPACE, false);
/** Behind no more than a method, a URL with its host is one that the application asked for itself. */
export const OWN_PATH = pathBefore(SPACE, SPACE, true);
export const PATH_IN_QUOTES = pathBefore(QUOTE, QUOTE, false);
export const PATH_IN_BARS = pathBefore(QUOTE, 0x7c, false);

export const PATH_AND_COLON: Part = (line, at) => {
  const stop = OWN_PATH(line, at);
  if (stop === -1 || line.bytes[stop - 1] !== COLON) return -1;
  readUrl(line.chunk, at, stop - 1, line.hit);
  return stop;
};

/** What a time of day, with or without its date, is written with; a blank only in front of the clock. */
const isTimeByte = (c: number): boolean =>
  isDigit(c) || c === COLON || c === DASH || c === DOT || c === SLASH || c === COMMA || c === 0x54 || c === 0x5a; // T, Z

/** A time and nothing else: `15:04:05`, `2026/01/02 15:04:05.123`, `2026-01-02T15:04:05Z`. */
export const CLOCK: Part = ({ bytes: b, end }, at) => {
  let stop = at,
    colons = 0;
  for (; stop < end && (isTimeByte(b[stop]) || (b[stop] === SPACE && colons === 0)); stop++)
    if (b[stop] === COLON) colons++;
  return colons >= 2 && isDigit(b[at]) ? stop : -1;
};

/** Bytes of one kind, one at least. */
const run =
  (isOne: (c: number) => boolean): Part =>
  ({ bytes, end }, at) => {
    let stop = at;
    while (stop < end && isOne(bytes[stop])) stop++;
    return stop === at ? -1 : stop;
  };

export const WORD = run((c) => c > SPACE);
export const DIGITS = run(isDigit);
export const VERSION = run((c) => isDigit(c) || c === DOT);

/** Where an IPv4 or IPv6 address, perhaps in brackets, ends; -1 when there is none. */
export function addressEnd(b: Uint8Array, at: number, end: number): number {
  let stop = at;
  while (stop < end && stop < at + 15 && (isDigit(b[stop]) || b[stop] === DOT)) stop++;
  if (stop - at >= 7) return stop;
  // an IPv6 address has seven colons, or two side by side: `15:04:05` is none
  const inside = b[at] === BRACKET ? at + 1 : at;
  let colons = 0;
  for (stop = inside; stop < end && (isHex(b[stop]) || b[stop] === COLON || b[stop] === DOT); stop++) {
    if (b[stop] === COLON) colons += b[stop - 1] === COLON && stop > inside ? 7 : 1;
  }
  if (colons < 7) return -1;
  return inside > at && stop < end && b[stop] === BRACKET_END ? stop + 1 : stop;
}

export const ADDRESS: Part = ({ bytes, end, hit }, at) => {
  const stop = addressEnd(bytes, at, end);
  if (stop !== -1) setClient(bytes, at, stop, hit);
  return stop;
};

/** `203.0.113.7:54321`, `[::1]:54321`, and `::1:54321` as PHP writes it. */
export const ADDRESS_AND_PORT: Part = (line, at) => {
  const { bytes: b, end, hit } = line;
  let colon = addressEnd(b, at, end);
  if (colon !== -1 && b[colon] !== COLON) {
    // the port looks like a part of the address
    while (colon > at && isDigit(b[colon - 1])) colon--;
    colon--;
  }
  const stop = colon > at && b[colon] === COLON ? DIGITS(line, colon + 1) : -1;
  if (stop !== -1) setClient(b, at, colon, hit);
  return stop;
};

/** The client, or what a reverse lookup made of it, up to a bar. */
export const CLIENT_OR_NAME: Part = ({ bytes: b, end, hit }, at) => {
  let stop = at;
  while (stop < end && b[stop] > SPACE && b[stop] !== 0x7c) stop++;
  if (stop > at && addressEnd(b, at, end) === stop) setClient(b, at, stop, hit);
  return stop === at ? -1 : stop;
};

/** As Go, Node and .NET write them: `12.5ms`, `5.123 ms`, `1m2.5s`. */
export const DURATION: Part = ({ bytes: b, end, hit }, at) => {
  let stop = numberEnd(b, at, end),
    minutes = 0;
  if (b[stop] === 0x6d && isDigit(b[stop + 1])) {
    // m
    minutes = digits(b, at, stop);
    at = stop + 1;
    stop = numberEnd(b, at, end);
  }
  const n = decimal(b, at, stop);
  if (n !== n || minutes === -1) return -1;
  if (b[stop] === SPACE) stop++;
  const last = b[stop] === 0x73 ? stop : b[stop + 1] === 0x73 ? stop + 1 : stop + 2; // s
  const unitMs = last < end && b[last] === 0x73 ? unitOf(b, stop, last) : NaN;
  if (unitMs !== unitMs) return -1;
  hit.durationMs = minutes * 60_000 + n * unitMs;
  return last + 1;
};

/** ms of the unit whose s stands at `last`; NaN when it is none. */
function unitOf(b: Uint8Array, at: number, last: number): number {
  if (last === at) return 1000;
  if (last === at + 2)
    return (b[at] === 0xc2 && b[at + 1] === 0xb5) || (b[at] === 0xce && b[at + 1] === 0xbc) ? 1e-3 : NaN; // the micro sign, the Greek letter
  return b[at] === 0x6d ? 1 : b[at] === 0x75 || b[at] === 0xb5 ? 1e-3 : b[at] === 0x6e ? 1e-6 : NaN; // m, u, n
}

function numberEnd(b: Uint8Array, at: number, end: number): number {
  while (at < end && (isDigit(b[at]) || b[at] === DOT)) at++;
  return at;
}

export const MS: Part = (line, at) => {
  const stop = DIGITS(line, at);
  if (stop !== -1) line.hit.durationMs = digits(line.bytes, at, stop);
  return stop;
};

/** A number of seconds, without their unit. */
export const SECONDS: Part = ({ bytes: b, end, hit }, at) => {
  const stop = numberEnd(b, at, end),
    n = decimal(b, at, stop);
  if (n !== n) return -1;
  hit.durationMs = n * 1000;
  return stop;
};

/** Bytes sent; `-` and `-1` say that nobody counted them. */
export const SIZE: Part = ({ bytes: b, end, hit }, at) => {
  if (at < end && b[at] === DASH) return at + 1 < end && b[at + 1] === 0x31 ? at + 2 : at + 1;
  const stop = numberEnd(b, at, end),
    size = digits(b, at, stop);
  if (size === -1) return -1;
  hit.size = size;
  return stop;
};

/** Or a number for people, `12.5 kB`. */
export const VOLUME: Part = (line, at) => {
  const { bytes: b, end } = line;
  let stop = numberEnd(b, at, end);
  if (stop > at && b[stop] === SPACE) stop++;
  if (stop < end && (b[stop] === 0x6b || b[stop] === 0x4b || b[stop] === 0x4d)) stop++; // k, K, M
  return stop > at && stop < end && b[stop] === 0x42 ? stop + 1 : SIZE(line, at); // B
};

/** The same as a word of its own. */
export const SIZE_WORD: Part = (line, at) => {
  const stop = DIGITS(line, at);
  return stop !== -1 && WORD_END(line, stop) !== -1 ? SIZE(line, at) : -1;
};

/** A number that is no code: `-1`, or not three digits. */
export const COUNT: Part = ({ bytes: b, end }, at) => {
  const first = at < end && b[at] === DASH ? at + 1 : at;
  let stop = first;
  while (stop < end && isDigit(b[stop])) stop++;
  return stop === first || stop - at === CODE_BYTES ? -1 : stop;
};

/** CLF's dash before the user, and the user unless the time or the request stands there. */
export const IDENT: Part = (line, at) => {
  const { bytes: b, end } = line;
  if (at + 2 >= end || b[at] !== SPACE || b[at + 1] !== DASH || b[at + 2] !== SPACE) return -1;
  const word = at + 3,
    inside = b[word] === BRACKET || b[word] === APOSTROPHE ? word + 1 : word;
  const method = oneOf(b, inside, end, METHODS);
  const isNext = (method !== -1 && method < end && b[method] === SPACE) || (inside > word && isDigit(b[inside]));
  return isNext ? at + 2 : WORD(line, word);
};

export const END: Part = ({ end }, at) => (at === end ? at : -1);
export const REST: Part = ({ end }) => end;
export const WORD_END: Part = ({ bytes, end }, at) => (at === end || bytes[at] <= SPACE ? at : -1);
export const BAR: Part = ({ bytes: b, end }, at) => {
  const bar = skipBlank(b, at, end);
  return bar < end && b[bar] === 0x7c ? skipBlank(b, bar + 1, end) : -1;
};
