// What one request may cost, over all its parts: the body itself and whatever is compressed once more inside it. The same for
// every receiver. Bytes and records are limited for each request; what is held in memory, for all of them together.
import type { ServerResponse } from 'node:http';
import { count } from '#shared/numbers.ts';
import { errors } from '../errors.ts';
import { dropped } from './garbage.ts';

export interface DecodeLimits {
  /** Decoded bytes. */
  maxBytes: number;
}

/** Past this many decoded bytes, more than RATIO_MAX of them for each encoded one is an attack, not a log. */
const RATIO_FROM_BYTES = 8 * 1024 * 1024;
const RATIO_MAX = 10_000;
/** Records in an envelope, members of an array, keys and values of a tree. Lines that stream past have no such limit. */
export const RECORDS_MAX = 1_000_000;
/** Held by all requests together; a single one is bounded by its own limit. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
let heldBytes = 0;

export class Allowance {
  readonly #maxBytes: number;
  #bytes = 0;
  #records = 0;
  #held = 0;
  #isGone = false;

  /** What is held is released when `response` is gone. */
  constructor({ maxBytes }: DecodeLimits, response: Pick<ServerResponse, 'once'>) {
    this.#maxBytes = maxBytes;
    response.once('close', () => {
      this.#isGone = true;
      dropped(this.#held);
      this.release(this.#held);
    });
  }

  /** A part that is encoded on its own. */
  part(): AllowancePart {
    return new AllowancePart(this);
  }

  /** May so many decoded bytes still come? Throws errors.tooLarge. */
  fits(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes)
      throw errors.tooLarge(
        `The body is larger than ${this.#maxBytes / 1024 / 1024} MiB decoded, all its parts together.`,
      );
  }

  /** Throws errors.tooLarge. */
  decoded(bytes: number): void {
    this.fits(bytes);
    this.#bytes += bytes;
  }

  /** Throws errors.tooManyRecords. */
  record(n = 1): void {
    this.#records += n;
    if (this.#records > RECORDS_MAX) throw tooManyRecords();
  }

  /** So many bytes stay in memory until they are released. Throws errors.overloaded when others hold too much. */
  hold(bytes: number): void {
    if (this.#isGone) throw errors.brokenOff();
    if (heldBytes > this.#held && heldBytes + bytes > HELD_BYTES_MAX)
      throw errors.overloaded('More bodies are being read at once than there is memory for.');
    this.#held += bytes;
    heldBytes += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
    heldBytes -= bytes;
  }
}

export const tooManyRecords = (): Error =>
  errors.tooManyRecords(`The request holds more than ${count(RECORDS_MAX)} records, keys or values.`);

/** A part's own growth, on top of what the whole request may have. */
export class AllowancePart {
  readonly #whole: Allowance;
  #encoded = 0;
  #decoded = 0;

  constructor(whole: Allowance) {
    this.#whole = whole;
  }

  get decodedBytes(): number {
    return this.#decoded;
  }

  encoded(bytes: number): void {
    this.#encoded += bytes;
  }

  /** Throws errors.tooLarge and errors.growsTooMuch. */
  decoded(bytes: number): void {
    this.#decoded += bytes;
    this.#whole.decoded(bytes);
    if (this.#decoded > RATIO_FROM_BYTES && this.#decoded > this.#encoded * RATIO_MAX) throw errors.growsTooMuch();
  }
}
