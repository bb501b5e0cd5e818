// The pairs of a logfmt line, `method=GET path="/x y"`, as values: read by the format itself, and by what looks for a line in one of them.
import { keys, values } from './line-values.ts';
import type { Chunk } from '../format.ts';
import { closingQuote, Needle } from '../bytes/scanner.ts';
import { KeyOrder } from './keys.ts';
import { BARE, ESCAPED, PLAIN } from './values.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BACKSLASH, BRACE, BRACE_END, COMMA, EQUALS, PAREN, QUOTE, SPACE } = ASCII;

/** Of the line scanned last it says whether all keys were looked at. */
export const pairOrder = new KeyOrder(keys);
const quote = new Needle('"');
const equals = new Needle('=');

/** Finds the pairs; false when the first begins after `front` bytes, or there are fewer than `least`. */
export function scanPairs(chunk: Chunk, start: number, end: number, front: number, least = 2): boolean {
  values.begin();
  const isRecord = readPairs(chunk, start, end, front, least);
  values.done();
  return isRecord;
}

function readPairs(chunk: Chunk, start: number, end: number, front: number, least: number): boolean {
  const first = equals.find(chunk, start, end);
  if (first === -1 || (least > 1 && equals.find(chunk, first + 1, end) === -1)) return false;
  const b = chunk.bytes;
  let pairs = 0;
  let at = start;
  while (at < end) {
    while (at < end && (b[at] <= SPACE || b[at] === COMMA || b[at] === BRACE || b[at] === PAREN)) at++;
    const key = at;
    while (at < end && isKeyByte(b[at])) at++;
    if (at === key || at >= end || b[at] !== EQUALS) {
      if (pairs === 0 && at >= start + front) return false;
      if (at > key && at < end && opensArguments(b, at, end)) return false;
      while (at < end && b[at] > SPACE && b[at] !== BRACE) at++; // a word between the pairs
      continue;
    }
    const found = pairOrder.find(pairs++, b, key, at);
    at++;
    if (at < end && b[at] === QUOTE) {
      const close = closingQuote(quote, chunk, at + 1, end);
      if (close === -1) return pairs > 1;
      if (found.id >= 0) values.add(b, found.id, at + 1, close, hasBackslash(b, at + 1, close) ? ESCAPED : PLAIN);
      at = close + 1;
    } else {
      const value = at;
      while (at < end && b[at] > SPACE) at++;
      let last = at;
      if (last > value && b[last - 1] === COMMA) last--;
      if (found.id >= 0) values.add(b, found.id, value, last, isNumber(b, value, last) ? BARE : PLAIN);
    }
  }
  return pairs >= least;
}

const isKeyByte = (c: number): boolean =>
  c > SPACE && c !== EQUALS && c !== QUOTE && c !== COMMA && c !== BRACE && c !== PAREN && c !== BRACE_END;
const isNumber = (b: Buffer, start: number, end: number): boolean => end > start && b[start] >= 48 && b[start] <= 57;

/** Pairs in brackets right behind a name: a metric's labels, a call in source code. `requests{method="GET",status="502"} 3` */
function opensArguments(b: Buffer, at: number, end: number): boolean {
  if (b[at] !== BRACE && b[at] !== PAREN) return false;
  let stop = at + 1;
  while (stop < end && isKeyByte(b[stop])) stop++;
  return stop > at + 1 && b[stop] === EQUALS && (b[at] === PAREN || b[stop + 1] === QUOTE); // a span's fields are bare: `request{method=GET`
}

function hasBackslash(b: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (b[i] === BACKSLASH) return true;
  return false;
}
