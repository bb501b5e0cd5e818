// One record a line. Lines are found with `indexOf` in one latin1 string a chunk and never copied, but for the one that a cut goes through.
import { ASCII } from '../core/ascii.ts';
import type { Chunk } from '../formats/format.ts';
import { bomLength, isSpace, LINE_BYTES_MAX } from './body-kind.ts';
import { PartialLine, ENDS_MAX, SAMPLE_BYTES } from './partial-line.ts';
import { RECORDS_PER_STEP, type Cutter, type FrameSink } from './cutter.ts';

const { NUL, CR, SPACE } = ASCII;

export class LineCutter implements Cutter {
  readonly #sink: FrameSink;
  readonly #partial = new PartialLine();
  #started = false;
  /** What is being cut, and from where on. */
  #bytes = NOTHING;
  #start = 0;
  /** The same as one string, in which newlines are looked for: made when it is cut, for many wait and a few work. */
  #chunk: Chunk | undefined;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  give(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#start = this.#started ? 0 : bomLength(bytes);
    this.#started = true;
  }

  step(): boolean {
    const bytes = this.#bytes,
      chunk = (this.#chunk ??= { bytes, text: bytes.toString('latin1') }),
      { text } = chunk;
    let start = this.#start;
    if (!this.#partial.isEmpty && start < bytes.length) {
      const newline = text.indexOf('\n', start);
      this.#partial.add(bytes, start, newline === -1 ? bytes.length : newline);
      if (newline === -1) return this.#done();
      this.end();
      start = newline + 1;
    }
    for (let n = 0; n < RECORDS_PER_STEP; n++) {
      // What copying and truncating a log leaves in front of the next line may be longer than any line.
      while (bytes[start] === NUL) start++;
      const newline = text.indexOf('\n', start);
      if (newline === -1) {
        if (start < bytes.length) this.#partial.add(bytes, start, bytes.length);
        return this.#done();
      }
      this.#line(chunk, start, newline);
      start = newline + 1;
    }
    this.#start = start;
    return false;
  }

  #done(): true {
    this.#bytes = NOTHING;
    this.#chunk = undefined;
    this.#start = 0;
    return true;
  }

  /** The last line needs no newline. */
  end(): void {
    const { tooLong, length, bytes } = this.#partial;
    this.#partial.clear();
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

const NOTHING: Buffer = Buffer.alloc(0);
