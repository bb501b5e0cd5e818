// A file or standard input as chunks that end where a line ends; gzip and UTF-16 are told by their first bytes.
import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import type { Chunk } from '../formats/format.ts';

/** A line that never ends is cut here, far past the longest line that is read, so that memory stays bounded. */
const CARRY_BYTES_MAX = 1 << 20;

export const chunkOf = (bytes: Buffer): Chunk => ({ bytes, text: bytes.toString('latin1') });

export async function* chunksOfLines(input: Readable): AsyncGenerator<Chunk> {
  let carry: Buffer = Buffer.alloc(0);
  for await (const piece of inUtf8(gunzipped(input))) {
    const bytes = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
    const last = bytes.lastIndexOf(0x0a);
    const whole = last === -1 && bytes.length > CARRY_BYTES_MAX ? bytes.length : last + 1;
    carry = bytes.subarray(whole);
    if (whole > 0) yield chunkOf(bytes.subarray(0, whole));
  }
  if (carry.length > 0) yield chunkOf(carry);
}

/** Windows' shells redirect in UTF-16 and say so by their first two bytes. */
async function* inUtf8(input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (const piece of input) {
    if (isFirst && piece[0] === 0xff && piece[1] === 0xfe) decoder = new TextDecoder('utf-16le');
    isFirst = false;
    yield decoder === undefined ? piece : Buffer.from(decoder.decode(piece, { stream: true }));
  }
}

async function* gunzipped(input: Readable): AsyncIterable<Buffer> {
  const pieces = input[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
  const first = await pieces.next();
  if (first.done) return;
  const head = Buffer.from(first.value as Buffer);
  const all = (async function* () {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next())
      yield Buffer.from(next.value as Buffer);
  })();
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* all;
  const gunzip = createGunzip();
  const feeding = (async () => {
    for await (const piece of all)
      if (!gunzip.write(piece)) await new Promise((resolve) => gunzip.once('drain', resolve));
    gunzip.end();
  })().catch((error: Error) => gunzip.destroy(error));
  yield* gunzip as AsyncIterable<Buffer>;
  await feeding;
}
