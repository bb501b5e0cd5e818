// Brackets, blanks and bare values of JSON, by bytes.
import { ASCII } from '../bytes/ascii.ts';

const { BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END, COMMA, QUOTE, SPACE } = ASCII;

/** Where the object that [start, end) holds begins, a BOM and blanks before it left out; -1 when it holds none. */
export function openOf(bytes: Buffer, start: number, end: number): number {
  let p = start;
  if (end - p >= 3 && bytes[p] === 0xef && bytes[p + 1] === 0xbb && bytes[p + 2] === 0xbf) p += 3;
  while (p < end && bytes[p] <= SPACE) p++;
  return p < end && bytes[p] === BRACE ? p : -1;
}

export function skipBlank(bytes: Buffer, p: number, end: number): number {
  while (p < end && bytes[p] <= SPACE) p++;
  return p;
}

/** Past the bracket that closes the one at `p`, or -1 when the line ends first. */
export function skipContainer(bytes: Buffer, p: number, end: number): number {
  let depth = 0;
  for (; p < end; p++) {
    const c = bytes[p];
    if (c === QUOTE) {
      for (p++; p < end && bytes[p] !== QUOTE; p++) if (bytes[p] === BACKSLASH) p++;
    } else if (c === BRACE || c === BRACKET) depth++;
    else if ((c === BRACE_END || c === BRACKET_END) && --depth === 0) return p + 1;
  }
  return -1;
}

/**
 * The end of a value without quotes, blanks before it dropped; `end` when the line stops inside it. A list that nobody
 * quoted (`0.001, 0.002`) goes on after its commas: a key never begins without a quote.
 */
export function bareEnd(bytes: Buffer, p: number, end: number): number {
  for (; p < end; p++) {
    const c = bytes[p];
    if (c === BRACE_END || c === BRACKET_END) return p;
    if (c === COMMA) {
      let q = p + 1;
      while (q < end && bytes[q] <= SPACE) q++;
      if (q === end || bytes[q] === QUOTE || bytes[q] === BRACE_END || bytes[q] === COMMA) return p;
    }
  }
  return end;
}
