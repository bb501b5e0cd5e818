// What one line said under the keys that anybody asks for: ids and byte ranges, no strings. The JSON, LTSV and logfmt
// scanners fill it, the keyed formats (keyed-format.ts) read it.
import { ASCII } from '../bytes/ascii.ts';

const { DASH } = ASCII;

export const PLAIN = 1,
  ESCAPED = 2,
  BARE = 3,
  CONTAINER = 4;

/** More known keys than this on one line are a mistake or an attack; the rest is not looked at. */
const VALUES_MAX = 256;

/** Known keys of all keyed formats together; raise it when they no longer fit (keyed-format.ts throws). */
export const KEYS_MAX = 2048;

export class Values {
  count = 0;
  /** Goes up with every line, so that a scanner knows whether these are still its own. */
  line = 0;
  /** Values under keys that nobody asks for. */
  unread = 0;
  readonly ids = new Int32Array(VALUES_MAX);
  readonly starts = new Int32Array(VALUES_MAX);
  readonly ends = new Int32Array(VALUES_MAX);
  /** PLAIN text; ESCAPED text with backslashes in it; BARE (a number, true, null, `-`, nothing); CONTAINER (an object or array, whole). */
  readonly kinds = new Uint8Array(VALUES_MAX);

  /**
   * The same for lines on which the same keys come in the same order, with something said under the same ones of them: a hash
   * of 53 bits, so that a choice made for one shape holds for the next line of it.
   */
  shape = 0;
  /** Keys under which it matters to the shape whether something was said. */
  readonly weighs = new Uint8Array(KEYS_MAX);
  /** Nothing was said: empty, null, or a dash. */
  readonly nothing = new Uint8Array(VALUES_MAX);
  /** What was said at `i` but for its range. It stays from line to line: as long as it is the same, so is the shape, and nothing is stored. */
  readonly #cells = new Int32Array(VALUES_MAX);
  #isSame = true;
  #shaped = 0;

  begin(): void {
    this.count = 0;
    this.line++;
  }

  add(bytes: Buffer, id: number, start: number, end: number, kind: number): void {
    const n = this.count;
    if (n === VALUES_MAX) return;
    const nothing = isNothing(bytes, start, end, kind) ? 1 : 0;
    if (this.#cells[n] !== cellOf(id, kind, nothing)) this.#change(n, id, kind, nothing);
    this.starts[n] = start;
    this.ends[n] = end;
    this.count = n + 1;
  }

  #change(n: number, id: number, kind: number, nothing: number): void {
    this.#cells[n] = cellOf(id, kind, nothing);
    this.ids[n] = id;
    this.kinds[n] = kind;
    this.nothing[n] = nothing;
    this.#isSame = false;
  }

  /** The text at `i` goes on to `end`, a quote in it. */
  extend(i: number, end: number): void {
    this.ends[i] = end;
    this.#change(i, this.ids[i], ESCAPED, this.nothing[i]);
  }

  /** The line's last value was added. */
  done(): void {
    if (this.#isSame && this.#shaped === this.count) return;
    let low = 0,
      high = 0;
    for (let i = 0; i < this.count; i++) {
      const id = this.ids[i],
        sign = id * 2 + (this.nothing[i] & this.weighs[id]) + 1;
      low = Math.imul(low ^ sign, 0x01000193);
      high = Math.imul(high + sign, 0x5bd1e995) ^ (high >>> 15);
    }
    this.shape = (high >>> 11) * 2 ** 32 + (low >>> 0);
    this.#shaped = this.count;
    this.#isSame = true;
  }

  /** The index of the first value under this key, or -1. */
  indexOf(id: number): number {
    for (let i = 0; i < this.count; i++) if (this.ids[i] === id) return i;
    return -1;
  }
}

const cellOf = (id: number, kind: number, nothing: number): number => (id << 4) | (kind << 1) | nothing;

function isNothing(b: Buffer, start: number, end: number, kind: number): boolean {
  const length = end - start;
  if (length > 1) return length === 4 && kind === BARE && b[start] === 0x6e && b[start + 1] === 0x75;
  return length <= 0 || b[start] === DASH;
}
