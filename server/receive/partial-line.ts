// The beginning of a record that the next chunk may finish.
import { LINE_BYTES_MAX } from './body-kind.ts';

/** A line may end in \r before its \n, or in a NUL. */
export const ENDS_MAX = 2;
/** Enough of an over-long record to know it by. */
export const SAMPLE_BYTES = 200;

export class PartialLine {
  #bytes: Buffer = EMPTY;
  #length = 0;
  /** In the middle of a record that is too long: its beginning has been kept, the rest is dropped. */
  #tooLong: string | undefined;

  get isEmpty(): boolean {
    return this.#length === 0 && this.#tooLong === undefined;
  }

  /** Bytes held; 0 of a record that is too long. */
  get length(): number {
    return this.#length;
  }

  /** How a record begins that is too long. */
  get tooLong(): string | undefined {
    return this.#tooLong;
  }

  /** What is held, good until the next `add`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  add(bytes: Buffer, start: number, end: number): void {
    if (this.#tooLong !== undefined) return;
    const length = this.#length + end - start;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length * 2, 4096));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
    if (length <= LINE_BYTES_MAX + ENDS_MAX) return;
    this.#tooLong = this.#bytes.toString('utf8', 0, SAMPLE_BYTES);
    this.#length = 0;
  }

  clear(): void {
    this.#length = 0;
    this.#tooLong = undefined;
  }
}

const EMPTY = Buffer.alloc(0);
