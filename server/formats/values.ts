// What one line said under the keys that anybody asks for: ids and byte ranges, no strings. The JSON, LTSV and logfmt
// scanners fill it, the dialects (dialect.ts) read it.

export const PLAIN = 1, ESCAPED = 2, BARE = 3, CONTAINER = 4;

/** More known keys than this on one line are a mistake or an attack; the rest is not looked at. */
const VALUES_MAX = 256;

/** Known keys of all dialects together; raise it when they no longer fit (dialect.ts throws). */
export const KEYS_MAX = 2048;

export class Values {
  count = 0;
  /** Goes up with every line, so that a scanner knows whether these are still its own. */
  line = 0;
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
  #low = 0;
  #high = 0;

  begin(): void {
    this.count = 0;
    this.line++;
    this.#low = this.#high = 0;
  }

  add(bytes: Buffer, id: number, start: number, end: number, kind: number): void {
    const n = this.count;
    if (n === VALUES_MAX) return;
    const nothing = isNothing(bytes, start, end, kind) ? 1 : 0;
    this.ids[n] = id;
    this.nothing[n] = nothing;
    this.kinds[n] = kind;
    const sign = id * 2 + (nothing & this.weighs[id]) + 1;
    this.#low = Math.imul(this.#low ^ sign, 0x01000193);
    this.#high = Math.imul(this.#high + sign, 0x5bd1e995) ^ (this.#high >>> 15);
    this.starts[n] = start;
    this.ends[n] = end;
    this.count = n + 1;
  }

  /** The text at `i` goes on to `end`, a quote in it. */
  extend(i: number, end: number): void {
    this.ends[i] = end;
    this.kinds[i] = ESCAPED;
  }

  /** The line's last value was added. */
  done(): void {
    this.shape = (this.#high >>> 11) * 2 ** 32 + (this.#low >>> 0);
  }

  /** The index of the first value under this key, or -1. */
  indexOf(id: number): number {
    for (let i = 0; i < this.count; i++) if (this.ids[i] === id) return i;
    return -1;
  }
}

function isNothing(b: Buffer, start: number, end: number, kind: number): boolean {
  const length = end - start;
  if (length > 1) return length === 4 && kind === BARE && b[start] === 0x6e && b[start + 1] === 0x75;
  return length <= 0 || b[start] === 0x2d;
}
