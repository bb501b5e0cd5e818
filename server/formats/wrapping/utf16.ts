// Windows' shells redirect in UTF-16. Lines are cut at the byte of a newline, so that its other half begins the next line (low byte first)
// or ends its own (high byte first).
import type { Chunk } from '../format.ts';

const NUL = 0;
/** Enough characters to tell by. */
const LOOK_BYTES = 32;

/** Does the line begin with a byte-order mark, and which? */
export function byteOrder(b: Uint8Array, start: number): 'little' | 'big' | undefined {
  if (b[start] === 0xff && b[start + 1] === 0xfe) return 'little';
  return b[start] === 0xfe && b[start + 1] === 0xff ? 'big' : undefined;
}

/** Is every other byte of the line a NUL, but for letters beyond Latin? */
export function isUtf16(b: Uint8Array, start: number, end: number): boolean {
  const at = byteOrder(b, start) === undefined ? start : start + 2;
  const limit = Math.min(end, at + LOOK_BYTES);
  let even = 0,
    odd = 0,
    pairs = 0;
  for (let i = at; i + 1 < limit; i += 2, pairs++) {
    if (b[i] === NUL) even++;
    if (b[i + 1] === NUL) odd++;
  }
  return pairs > 1 && (even === 0 || odd === 0) && (even + odd) * 4 >= pairs * 3;
}

/** The line [start, end), which is UTF-16; plain ASCII reads alike in either order. */
export function utf8Chunk(b: Buffer, start: number, end: number, order: 'little' | 'big' | undefined): Chunk {
  let at = byteOrder(b, start) === undefined ? start : start + 2;
  if (order === 'little' && b[at] === NUL) at++;
  const isBig = b[at] === NUL;
  const units = Buffer.from(b.subarray(at, end - ((end - at) % 2)));
  if (isBig) units.swap16();
  const bytes = Buffer.from(units.toString('utf16le'));
  return { bytes, text: bytes.toString('latin1') };
}
