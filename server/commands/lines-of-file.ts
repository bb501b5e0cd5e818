// A file or standard input as chunks that end where a line ends; what is compressed is told by its first bytes.
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ASCII } from '../core/ascii.ts';
import type { Chunk } from '../formats/format.ts';
import { cannotUnpack, isUnpackable, packingOf } from '../receive/packing.ts';

const { NUL, LF } = ASCII;

/** A line that never ends is cut here, far past the longest line that is read, so that memory stays bounded. */
const CARRY_BYTES_MAX = 1 << 20;

export const chunkOf = (bytes: Buffer): Chunk => ({ bytes, text: bytes.toString('latin1') });

export async function* chunksOfLines(input: Readable): AsyncGenerator<Chunk> {
  let carry: Buffer = Buffer.alloc(0);
  for await (const piece of unpacked(input)) {
    const bytes = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
    // What copying and truncating a log leaves in front of the next line may be long.
    let from = 0;
    while (from < bytes.length && bytes[from] === NUL) from++;
    const last = bytes.lastIndexOf(LF);
    const whole = last === -1 && bytes.length > CARRY_BYTES_MAX ? bytes.length : last + 1;
    carry = bytes.subarray(Math.max(whole, from));
    if (whole > from) yield chunkOf(bytes.subarray(from, whole));
  }
  if (carry.some((byte) => byte !== NUL)) yield chunkOf(carry);
}

async function* unpacked(input: Readable): AsyncIterable<Buffer> {
  const pieces = input[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
  const first = await pieces.next();
  if (first.done) return;
  const head = Buffer.from(first.value as Buffer);
  const all = (async function* () {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next())
      yield Buffer.from(next.value as Buffer);
  })();
  const packing = packingOf(head);
  if (packing === 'none') return yield* all;
  if (!isUnpackable(packing)) throw new Error(cannotUnpack(packing));
  const unpacker = packing === 'gzip' ? createGunzip() : createZstdDecompress();
  const feeding = (async () => {
    for await (const piece of all)
      if (!unpacker.write(piece)) await new Promise((resolve) => unpacker.once('drain', resolve));
    unpacker.end();
  })().catch((error: Error) => unpacker.destroy(error));
  yield* unpacker as AsyncIterable<Buffer>;
  await feeding;
}
