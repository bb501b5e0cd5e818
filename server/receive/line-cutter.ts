// One record a line. Lines are found with `indexOf` in one latin1 string a chunk and never copied, but for the one that a cut goes through.
import type { Chunk } from '../formats/format.ts';
import { bomLength, isSpace, LINE_BYTES_MAX } from './body-kind.ts';
import { Carry, ENDS_MAX, SAMPLE_BYTES } from './carry.ts';
import type { Cutter, FrameSink } from './cutter.ts';

const CR = 0x0d,
  SPACE = 0x20,
  NUL = 0;

export class LineCutter implements Cutter {
  readonly #sink: FrameSink;
  readonly #carry = new Carry();
  #started = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  write(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    let start = this.#started ? 0 : bomLength(bytes);
    this.#started = true;
    if (!this.#carry.isEmpty) {
      const newline = text.indexOf('\n', start);
      if (newline === -1) return this.#carry.add(bytes, start, bytes.length);
      this.#carry.add(bytes, start, newline);
      this.end();
      start = newline + 1;
    }
    const chunk: Chunk = { bytes, text };
    for (let newline = text.indexOf('\n', start); newline !== -1; newline = text.indexOf('\n', start)) {
      this.#line(chunk, start, newline);
      start = newline + 1;
    }
    if (start < bytes.length) this.#carry.add(bytes, start, bytes.length);
  }

  /** The last line needs no newline. */
  end(): void {
    const { tooLong, length, bytes } = this.#carry;
    this.#carry.clear();
    if (tooLong !== undefined) this.#sink.tooLong(tooLong);
    else if (length > 0) this.#line({ bytes, text: bytes.toString('latin1') }, 0, length);
  }

  #line(chunk: Chunk, start: number, end: number): void {
    const { bytes } = chunk;
    for (let n = 0; n < ENDS_MAX && end > start && (bytes[end - 1] === CR || bytes[end - 1] === NUL); n++) end--;
    if (end - start > LINE_BYTES_MAX) return this.#sink.tooLong(bytes.toString('utf8', start, start + SAMPLE_BYTES));
    if (end === start || (bytes[start] <= SPACE && isBlank(bytes, start, end))) return this.#sink.blank();
    this.#sink.record(chunk, start, end);
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isSpace(bytes[i])) return false;
  return true;
}
