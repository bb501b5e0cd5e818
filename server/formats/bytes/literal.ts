// A text that stands the same on line after line, compared by the word: what stands between the fields of a declared format, between
// the values of JSON lines.

export class Literal {
  readonly length: number;
  /**
   * Its bytes as doubles, the last one overlapping: the widest word that compares without allocating. Empty when the text is too short for
   * one, or holds bytes of which a double is not itself (NaN) or has two signs (zero).
   */
  readonly #words: Float64Array;
  /** Its first and last four bytes, when it has as many; otherwise its first byte alone. */
  readonly #head: number;
  readonly #tail: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    const length = (this.length = bytes.length);
    const words = Float64Array.from({ length: length < 8 ? 0 : (length + 7) >> 3 }, (_, i) =>
      bytes.readDoubleLE(Math.min(i * 8, length - 8)),
    );
    this.#words = words.some((word) => word !== word || word === 0) ? new Float64Array(0) : words;
    this.#head = length < 4 ? (bytes[0] ?? 0) : bytes.readInt32LE(0);
    this.#tail = length < 4 ? 0 : bytes.readInt32LE(length - 4);
    this.#bytes = bytes;
  }

  /** Does it stand at `at`, whole before `end`? `view` is of the chunk's bytes. */
  isAt(view: DataView, at: number, end: number): boolean {
    const length = this.length;
    if (at + length > end) return false;
    if (length < 8) {
      if (length > 3)
        return view.getInt32(at, true) === this.#head && view.getInt32(at + length - 4, true) === this.#tail;
      return length === 1 ? view.getUint8(at) === this.#head : this.#isAtByBytes(view, at);
    }
    const words = this.#words,
      last = words.length - 1;
    if (last < 0) return this.#isAtByBytes(view, at);
    if (view.getFloat64(at + length - 8, true) !== words[last]) return false;
    // most are of two or three words: written out, they cost half of the loop
    if (last > 0 && view.getFloat64(at, true) !== words[0]) return false;
    if (last > 1 && view.getFloat64(at + 8, true) !== words[1]) return false;
    for (let i = 2; i < last; i++) if (view.getFloat64(at + i * 8, true) !== words[i]) return false;
    return true;
  }

  #isAtByBytes(view: DataView, at: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < bytes.length; i++) if (view.getUint8(at + i) !== bytes[i]) return false;
    return true;
  }
}
