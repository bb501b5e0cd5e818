// What kind of body begins like this: one record a line, or JSON of another cut? Told from the first bytes, and the same
// whatever the pieces they come in.
import { ASCII } from '../core/ascii.ts';
import { opensWrapper, WRAPPER_BYTES_MAX } from '../formats/wrapping/record-list.ts';

const { NUL, TAB, LF, CR, RS, SPACE, QUOTE, COMMA, BRACKET, BACKSLASH, BRACKET_END, BRACE, BRACE_END } = ASCII;

/** Longer lines are skipped: no access-log writer makes them, and every reader may assume an upper bound. */
export const LINE_BYTES_MAX = 64 * 1024;

/** RFC 7464 record separator, and the NUL between GELF frames, count as white space between records. */
export const isSpace = (c: number): boolean =>
  c === SPACE || c === LF || c === CR || c === TAB || c === NUL || c === RS;

export type BodyKind = 'undecided' | 'lines' | 'json';

export const bomLength = (bytes: Buffer): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;

/** Is this, the beginning of a body or all of it, one record a line? */
export const isLines = (beginning: Buffer): boolean => bodyKind(beginning, true) === 'lines';

/** The answer for a longer beginning is the same, unless it was 'undecided'. */
export function bodyKind(bytes: Buffer, last: boolean): BodyKind {
  const undecided: BodyKind = last ? 'lines' : 'undecided';
  if (!last && bytes.length < 3 && bytes[0] === 0xef) return 'undecided';
  let i = bomLength(bytes);
  while (i < bytes.length && isSpace(bytes[i])) i++;
  if (i === bytes.length) return bytes.length > LINE_BYTES_MAX ? 'lines' : undecided;
  if (bytes[i] === BRACKET) {
    for (i++; i < bytes.length && isSpace(bytes[i]); i++);
    if (i === bytes.length) return bytes.length > LINE_BYTES_MAX ? 'lines' : undecided;
    // `[2016-04-15T…]` is a line (Envoy's); `[{`, `["` and `[]` are arrays
    return bytes[i] === BRACE || bytes[i] === QUOTE || bytes[i] === BRACKET_END ? 'json' : 'lines';
  }
  return bytes[i] === BRACE ? kindOfObject(bytes, i, undecided) : 'lines';
}

/** One object a line, or not? Told by where the first object's first line ends. */
function kindOfObject(bytes: Buffer, start: number, undecided: BodyKind): BodyKind {
  const end = Math.min(bytes.length, start + LINE_BYTES_MAX);
  let depth = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i];
    if (c === QUOTE) {
      for (i++; i < end && bytes[i] !== QUOTE; i++) {
        if (bytes[i] === BACKSLASH) i++;
        else if (bytes[i] === LF) return 'lines'; // a line cut off in a string: no JSON goes on like that
      }
    } else if (c === BRACE) depth++;
    else if (c === BRACKET) {
      if (depth === 1 && i - start <= WRAPPER_BYTES_MAX && opensWrapper(bytes.toString('latin1', start, i)))
        return 'json';
      depth++;
    } else if (c === BRACE_END || c === BRACKET_END) {
      if (--depth === 0) return afterObject(bytes, i + 1, undecided);
    } else if (c === LF) {
      // pretty-printed, unless the next line is an object again where only a key may stand
      for (i++; i < end && isSpace(bytes[i]); i++);
      if (i < end) return bytes[i] === BRACE && depth === 1 ? 'lines' : 'json';
    }
  }
  return end - start === LINE_BYTES_MAX ? 'lines' : undecided;
}

function afterObject(bytes: Buffer, from: number, undecided: BodyKind): BodyKind {
  let i = from;
  while (i < bytes.length && (bytes[i] === SPACE || bytes[i] === TAB || bytes[i] === CR)) i++;
  if (i === bytes.length) return i - from > LINE_BYTES_MAX ? 'lines' : undecided;
  return bytes[i] === BRACE || bytes[i] === COMMA || bytes[i] === NUL || bytes[i] === RS ? 'json' : 'lines';
}
