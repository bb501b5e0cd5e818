// Snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt): its decoded length, then literals
// and copies. Our own, because it has to be interruptible: a block of 64 MiB takes a third of a second.
import { errors } from '../errors.ts';

/** Nothing in a block decodes to more than 64 bytes for three. */
const GROWTH_MAX = 22;
const LENGTH_BYTES_MAX = 5;
/** Literals and copies between two places where it can be interrupted; none is longer than the block, and most have a few bytes. */
const STEP = 8192;
const STEP_BYTES = 256 * 1024;

const broken = (why: string): Error => errors.brokenEncoding(`The body does not decode as snappy: ${why}.`);

/** The decoded length that a block announces. Throws errors.brokenEncoding for one that it cannot have. */
export function snappyLength(block: Buffer): number {
  const { length } = header(block);
  return length;
}

function header(block: Buffer): { length: number; at: number } {
  let length = 0,
    at = 0;
  for (; ; at++) {
    if (at === block.length || at === LENGTH_BYTES_MAX) throw broken('it has no length');
    length += (block[at] & 0x7f) * 2 ** (7 * at);
    if (block[at] < 0x80) return { length, at: at + 1 };
  }
}

/** Decodes a block; yields where it can be interrupted. Throws errors.brokenEncoding. */
export function* unsnapped(block: Buffer): Generator<undefined, Buffer> {
  const { length, at: first } = header(block);
  if (length > block.length * GROWTH_MAX) throw broken('it is too short for its length');
  const out = Buffer.allocUnsafe(length);
  const end = block.length;
  let at = first,
    to = 0;
  for (let elements = 0, since = 0; at < end; elements++) {
    if (elements === STEP || to - since > STEP_BYTES) {
      yield;
      elements = 0;
      since = to;
    }
    const tag = block[at++];
    const kind = tag & 3;
    if (kind === 0) {
      let n = (tag >> 2) + 1;
      if (n > 60) {
        const extra = n - 60;
        if (at + extra > end) throw broken('a literal is cut off');
        n = block.readUIntLE(at, extra) + 1;
        at += extra;
      }
      if (at + n > end || to + n > length) throw broken('a literal is longer than what is left');
      block.copy(out, to, at, at + n);
      at += n;
      to += n;
      continue;
    }
    const extra = kind === 3 ? 4 : kind;
    if (at + extra > end) throw broken('a copy is cut off');
    const n = kind === 1 ? 4 + ((tag >> 2) & 7) : (tag >> 2) + 1;
    const offset = kind === 1 ? ((tag >> 5) << 8) | block[at] : block.readUIntLE(at, extra);
    at += extra;
    if (offset === 0 || offset > to || to + n > length) throw broken('a copy reaches outside');
    for (const stop = to + n; to < stop; to++) out[to] = out[to - offset];
  }
  if (to !== length) throw broken('it is shorter than its length');
  return out;
}
