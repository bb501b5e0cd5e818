// The request on a line of no known shape: `GET /x HTTP/1.1`, quoted or not, with or without its protocol, or a method and a path in
// columns of their own.
import { METHODS } from '../bytes/http-words.ts';
import { isDigit, oneOf, startsWith } from '../bytes/scanner.ts';
import { ASCII } from '../bytes/ascii.ts';

const { APOSTROPHE, BAR, BRACKET, BRACKET_END, COLON, COMMA, DOT, PAREN, QUOTE, SEMICOLON, SLASH, SPACE, TAB } = ASCII;

/** Words that are methods, more than so many on a line, begin no request. */
const METHODS_MAX = 8;
/** Of CONNECT. */
const CONNECT_BYTES = 7;

const isGap = (c: number): boolean => c === BAR || c === COMMA || c === SEMICOLON || c === TAB;
const isSign = (c: number): boolean => c === QUOTE || c === APOSTROPHE || c === BRACKET;

export class LineRequest {
  /** From its sign to behind the sign that closes it. */
  start = 0;
  end = 0;
  method = 0;
  methodEnd = 0;
  target = 0;
  targetEnd = 0;
  /** What separates the columns of the line, as far as the request tells; 0: blanks. */
  gap = 0;
  hasProtocol = false;

  /** Finds the first that names its protocol, else the first. */
  find(b: Uint8Array, start: number, end: number): boolean {
    let first = -1;
    for (let at = start, n = 0; at < end && n < METHODS_MAX; at++) {
      if (b[at] < 0x41 || b[at] > 0x5a) continue;
      if ((at === start || opens(b[at - 1])) && oneOf(b, at, end, METHODS) !== -1) {
        n++;
        if (this.#read(b, start, at, end)) {
          if (this.hasProtocol) return true;
          if (first === -1) first = at;
        }
      }
      while (at + 1 < end && b[at + 1] >= 0x41 && b[at + 1] <= 0x5a) at++;
    }
    return first !== -1 && this.#read(b, start, first, end);
  }

  #read(b: Uint8Array, start: number, at: number, end: number): boolean {
    const methodEnd = oneOf(b, at, end, METHODS);
    let target = methodEnd,
      between = 0;
    for (; target < end && (b[target] <= SPACE || b[target] === QUOTE || isGap(b[target])); target++) {
      if (!isGap(b[target])) continue;
      if (between !== 0 && b[target] !== between) return false;
      between = b[target];
    }
    if (target === methodEnd || !isTarget(b, target, end, methodEnd - at)) return false;
    const outside = between === 0 ? gapBefore(b, start, at) : between;
    this.method = at;
    this.methodEnd = methodEnd;
    this.target = target;
    this.#protocol(b, target, end, between, outside);
    // what opened in front closes behind
    this.start = at;
    if (at > start && isSign(b[at - 1])) {
      this.start--;
      const sign = b[at - 1] === BRACKET ? BRACKET_END : b[at - 1];
      if (this.end < end && b[this.end] === sign) this.end++;
    } else if (this.end < end && b[this.end] === QUOTE) this.end++; // GET "/x"
    this.gap = outside === 0 ? gapAfter(b, this.end, end) : outside;
    return true;
  }

  /** Finds where the target and, if it has one, the protocol end. */
  #protocol(b: Uint8Array, target: number, end: number, between: number, outside: number): void {
    let stop = target;
    while (stop < end && b[stop] > SPACE && b[stop] !== QUOTE && b[stop] !== between) stop++;
    let at = stop;
    while (at < end && (b[at] === SPACE || b[at] === QUOTE || (between !== 0 && b[at] === between))) at++;
    this.hasProtocol = at > stop && startsWith(b, at, end, 'HTTP/');
    if (this.hasProtocol) {
      for (at += 5; at < end && (isDigit(b[at]) || b[at] === DOT); at++);
      this.end = at;
    } else {
      // `;GET /x;200`
      for (let i = target; i < stop && outside !== 0; i++) if (b[i] === outside) stop = i;
      this.end = stop;
    }
    while (stop > target && (b[stop - 1] === APOSTROPHE || b[stop - 1] === BRACKET_END)) stop--;
    this.targetEnd = stop;
  }
}

const opens = (c: number): boolean => c <= SPACE || isSign(c) || isGap(c) || c === PAREN;

/** A path or a URL; of CONNECT a host with its port. */
function isTarget(b: Uint8Array, at: number, end: number, methodBytes: number): boolean {
  if (at >= end) return false;
  if (b[at] === SLASH) return true;
  if (startsWith(b, at, end, 'http://') || startsWith(b, at, end, 'https://')) return true;
  if (methodBytes !== CONNECT_BYTES) return b[at] === 0x2a && at + 1 < end && b[at + 1] <= SPACE;
  let stop = at;
  while (stop < end && b[stop] > SPACE && b[stop] !== COLON) stop++;
  return stop > at && stop + 1 < end && b[stop] === COLON && isDigit(b[stop + 1]);
}

/** The gap that the request stands behind; a comma is one where no blank follows it. */
function gapBefore(b: Uint8Array, start: number, at: number): number {
  let i = at - 1;
  if (i >= start && isSign(b[i])) i--;
  if (i >= start && (b[i] === COMMA || b[i] === TAB)) return b[i];
  while (i >= start && b[i] <= SPACE) {
    if (b[i] === TAB) return TAB;
    i--;
  }
  return i >= start && (b[i] === BAR || b[i] === SEMICOLON) ? b[i] : 0;
}

function gapAfter(b: Uint8Array, at: number, end: number): number {
  if (at < end && (b[at] === TAB || (b[at] === COMMA && b[at + 1] !== SPACE))) return b[at];
  while (at < end && b[at] === SPACE) at++;
  return at < end && (b[at] === BAR || b[at] === SEMICOLON) ? b[at] : 0;
}
