// Whole numbers from 0 to 2^53 as LEB128: most counts are small, and a journal row is written for every group of batches.

/** 2^53 - 1 takes eight groups of seven bits. */
export const VARINT_BYTES_MAX = 8;

/** Returns the offset after it. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  while (value >= 2 ** 31) {
    out[at++] = (value % 128) | 128;
    value = Math.floor(value / 128);
  }
  while (value > 127) {
    out[at++] = (value & 127) | 128;
    value >>>= 7;
  }
  out[at++] = value;
  return at;
}

/** Reads at `cursor.at` and moves it on. */
export function readVarint(cursor: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0,
    scale = 1;
  for (;;) {
    if (cursor.at >= cursor.bytes.length) throw new Error('a number is cut off');
    const byte = cursor.bytes[cursor.at++];
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}
