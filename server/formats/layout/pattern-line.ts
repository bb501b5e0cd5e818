// The line that a pattern is tried on, and what a part of a pattern is.
import type { Hit } from '../../core/hit.ts';
import type { Chunk } from '../format.ts';
import { METHODS } from '../bytes/http-words.ts';
import { isDigit, NOWHERE, oneOf } from '../bytes/scanner.ts';
import { ASCII } from '../bytes/ascii.ts';

const { UNDERSCORE } = ASCII;

const isUpper = (c: number): boolean => c >= 0x41 && c <= 0x5a;
export const isWordByte = (c: number): boolean =>
  isDigit(c) || isUpper(c) || (c >= 0x61 && c <= 0x7a) || c === UNDERSCORE;

/** Words that are methods, further than this into a line of many, begin no request. */
const METHODS_MAX = 16;

/** The line being read, and what its pattern has said so far. */
export class Line {
  chunk!: Chunk;
  bytes!: Uint8Array;
  hit!: Hit;
  start = 0;
  end = 0;
  readonly #methods = new Int32Array(METHODS_MAX);
  #found = 0;
  /** Where the time is, and the client of a pattern without one: what a logger put in front, unless the pattern names the place (`front`). */
  frontStart = 0;
  frontEnd = 0;

  open(chunk: Chunk, start: number, end: number, hit: Hit): void {
    // Line after line they are the same: a store of what is young costs more than the comparison.
    if (chunk !== this.chunk) {
      this.chunk = chunk;
      this.bytes = chunk.bytes;
    }
    if (hit !== this.hit) this.hit = hit;
    this.start = start;
    this.end = end;
    this.#found = 0;
  }

  /** Where its i-th method stands, or -1. */
  method(i: number): number {
    const methods = this.#methods;
    for (; this.#found <= i; this.#found++) {
      const last = this.#found === 0 ? this.start - 1 : methods[this.#found - 1];
      if (i >= METHODS_MAX || last === NOWHERE) return -1;
      const next = nextMethod(this.bytes, last + 1, this.start, this.end);
      methods[this.#found] = next === -1 ? NOWHERE : next;
    }
    return methods[i] === NOWHERE ? -1 : methods[i];
  }
}

/** Reads what it stands for at `at` into the hit, and says where that ends; -1 when something else is there. */
export type Part = (line: Line, at: number) => number;

/** Where the next method stands at or after `from` in a line that begins at `start`, or -1. */
function nextMethod(b: Uint8Array, from: number, start: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (!isUpper(b[at])) continue;
    if ((at === start || !isWordByte(b[at - 1])) && oneOf(b, at, end, METHODS) !== -1) return at;
    while (at + 1 < end && isUpper(b[at + 1])) at++;
  }
  return -1;
}
