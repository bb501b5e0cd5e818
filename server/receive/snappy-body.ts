// A body in Snappy, in either of its formats: one block, which is needed whole, or frames, which are taken one by one.
import { errors } from '../errors.ts';
import type { Allowance } from './allowance.ts';
import type { Decoder, Take } from './decoder.ts';
import { snappyLength, unsnapped } from './snappy.ts';
import { turns } from './turns.ts';

/** How the framing format begins: an identifier of its own kind and length. */
const FRAMED = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]);
const FRAME_HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;
/** Kinds of frames; others from SKIPPABLE_FROM on are padding and the like, and are not held. */
const COMPRESSED = 0,
  PLAIN = 1,
  SKIPPABLE_FROM = 0x80;

export class Snappy implements Decoder {
  readonly #take: Take;
  readonly #allowance: Allowance;
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes that must be here before the next look. */
  #wanted = FRAMED.length;
  #isFramed: boolean | undefined;
  /** Of a frame that is skipped, still to come. */
  #skip = 0;

  constructor(take: Take, allowance: Allowance) {
    this.#take = take;
    this.#allowance = allowance;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    if (skipped === bytes.length) return undefined;
    const fresh = Buffer.from(bytes.subarray(skipped)); // the chunk may be reused
    this.#allowance.fits(this.#length + fresh.length);
    this.#allowance.hold(fresh.length);
    this.#pieces.push(fresh);
    this.#length += fresh.length;
    if (this.#isFramed === false || this.#length < this.#wanted) return undefined;
    const here = this.#join();
    this.#isFramed ??= here.subarray(0, FRAMED.length).equals(FRAMED);
    return this.#isFramed ? this.#frames(here) : undefined;
  }

  async end(): Promise<void> {
    if (this.#isFramed && (this.#length > 0 || this.#skip > 0))
      throw errors.brokenEncoding('A snappy frame is cut off.');
    if (this.#length > 0) await this.#block(this.#join());
  }

  #join(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0];
  }

  // type, 3-byte length, and for data a 4-byte checksum (not looked at: TCP has its own)
  async #frames(bytes: Buffer): Promise<void> {
    let at = 0;
    this.#wanted = FRAME_HEADER_BYTES;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const kind = bytes[at],
        end = at + FRAME_HEADER_BYTES + bytes.readUIntLE(at + 1, 3);
      const isData = kind === COMPRESSED || kind === PLAIN;
      if (!isData && kind < SKIPPABLE_FROM) throw errors.brokenEncoding('Unknown snappy frame.');
      if (end > bytes.length && isData) {
        this.#wanted = end - at;
        break;
      }
      const data = at + FRAME_HEADER_BYTES + CHECKSUM_BYTES;
      if (isData && data > end) throw errors.brokenEncoding('A snappy frame is cut off.');
      if (kind === COMPRESSED) await this.#block(bytes.subarray(data, end));
      else if (kind === PLAIN) await this.#take(bytes.subarray(data, end));
      this.#skip = Math.max(0, end - bytes.length);
      at = Math.min(end, bytes.length);
    }
    this.#allowance.release(at);
    this.#pieces = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#length = bytes.length - at;
  }

  async #block(block: Buffer): Promise<void> {
    const decoded = await decodeSnappyBlock(block, this.#allowance);
    this.#allowance.release(decoded.length); // whoever takes it counts it, if it is kept
    await this.#take(decoded, true);
  }
}

/** One snappy block. Its length is in front: it is checked, and room is found, before it is unpacked. */
export async function decodeSnappyBlock(block: Buffer, allowance: Allowance): Promise<Buffer> {
  const length = snappyLength(block);
  allowance.fits(length);
  allowance.hold(length);
  const decoding = unsnapped(block);
  let decoded: Buffer | undefined;
  await turns.run(() => {
    const { done, value } = decoding.next();
    if (done) decoded = value;
    return done === true;
  });
  return decoded!;
}
