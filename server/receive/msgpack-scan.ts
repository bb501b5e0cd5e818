// Where values of MessagePack begin and end, told without making them (https://github.com/msgpack/msgpack/blob/master/spec.md).
import { errors } from '../errors.ts';

/** Values between two places where a scan can be interrupted. */
const STEP = 8192;

/** By the first byte from 0xc4 on: bytes of the length that follows; bytes that come beside what it counts; bytes that are there without a length. */
const LENGTHS: Readonly<Record<number, number>> = {
  0xc4: 1,
  0xc5: 2,
  0xc6: 4,
  0xc7: 1,
  0xc8: 2,
  0xc9: 4,
  0xd9: 1,
  0xda: 2,
  0xdb: 4,
  0xdc: 2,
  0xdd: 4,
  0xde: 2,
  0xdf: 4,
};
const FIXED: Readonly<Record<number, number>> = {
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
  0xd4: 2,
  0xd5: 3,
  0xd6: 5,
  0xd7: 9,
  0xd8: 17,
};
const isExtension = (c: number): boolean => c >= 0xc7 && c <= 0xc9;

/** What comes first of a value. */
interface Head {
  readonly kind: 'array' | 'map' | 'other';
  /** Items of an array, pairs of a map. */
  readonly count: number;
}

export class MsgpackScan {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** Moves past the head of an array or a map, and past all of anything else. Throws errors.undecodable. */
  head(): Head {
    const bytes = this.#bytes;
    const c = bytes[this.at++];
    if (c === undefined || c === 0xc1) throw undecodable('a value is missing');
    if (c < 0x80 || c >= 0xe0) return OTHER;
    if (c < 0x90) return { kind: 'map', count: c & 0x0f };
    if (c < 0xa0) return { kind: 'array', count: c & 0x0f };
    if (c < 0xc0) return this.#past(c & 0x1f);
    if (c < 0xc4) return OTHER;
    const width = LENGTHS[c];
    if (width === undefined) return this.#past(FIXED[c]);
    if (this.at + width > bytes.length) throw undecodable('it is cut off');
    const length = bytes.readUIntBE(this.at, width);
    this.at += width;
    if (c >= 0xdc) return { kind: c < 0xde ? 'array' : 'map', count: length };
    return this.#past(length + (isExtension(c) ? 1 : 0));
  }

  /** Moves past whole values; yields where it can be interrupted. Throws errors.undecodable. */
  *skip(values = 1): Generator<undefined, void> {
    for (let left = values, n = 1; left > 0; left--, n++) {
      if (n % STEP === 0) yield;
      const { kind, count } = this.head();
      if (kind !== 'other') left += kind === 'map' ? count * 2 : count;
    }
  }

  #past(bytes: number): Head {
    this.at += bytes;
    if (this.at > this.#bytes.length) throw undecodable('it is cut off');
    return OTHER;
  }
}

const OTHER: Head = { kind: 'other', count: 0 };
const undecodable = (why: string): Error => errors.undecodable(`The body is not MessagePack: ${why}.`);
