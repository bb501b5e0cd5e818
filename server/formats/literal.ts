// A text that stands the same on every line of a format, compared by the word: literals of JSON-shaped formats are long.

export class Literal {
  readonly #bytes: Buffer;
  readonly #length: number;
  /** Its first and last four bytes, when it has as many. */
  readonly #head: number;
  readonly #tail: number;
  /** What is longer than eight bytes as doubles, the last one overlapping: the widest word that compares without allocating. */
  readonly #words: Float64Array;
  /** Too short for words, or such bytes that a double of them is not itself (NaN) or has two signs (zero). */
  readonly #isByBytes: boolean;

  constructor(text: string) {
    const bytes = (this.#bytes = Buffer.from(text));
    const length = (this.#length = bytes.length);
    this.#head = length < 4 ? 0 : bytes.readInt32LE(0);
    this.#tail = length < 4 ? 0 : bytes.readInt32LE(length - 4);
    this.#words = Float64Array.from({ length: length > 8 ? (length + 7) >> 3 : 0 }, (_, i) => bytes.readDoubleLE(Math.min(i * 8, length - 8)));
    this.#isByBytes = length < 4 || this.#words.some((word) => word !== word || word === 0);
  }

  /** Does it stand at `at`, whole before `end`? `view` is of `bytes`. */
  isAt(bytes: Uint8Array, view: DataView, at: number, end: number): boolean {
    const length = this.#length;
    if (at + length > end) return false;
    if (this.#isByBytes) {
      const literal = this.#bytes;
      for (let i = 0; i < length; i++) if (bytes[at + i] !== literal[i]) return false;
      return true;
    }
    if (view.getInt32(at, true) !== this.#head || view.getInt32(at + length - 4, true) !== this.#tail) return false;
    const words = this.#words;
    for (let i = 0; i < words.length - 1; i++) if (view.getFloat64(at + i * 8, true) !== words[i]) return false;
    return words.length === 0 || view.getFloat64(at + length - 8, true) === words[words.length - 1];
  }
}
