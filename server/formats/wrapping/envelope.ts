// What a shipper wrapped round a line: where the line lies, and what the wrapping knew about it.
import type { Chunk } from '../format.ts';

/** The longest line taken (receive/ cuts at 64 KiB) cannot grow when it is unescaped. */
const SCRATCH_BYTES = 64 * 1024;

export class Envelope {
  /** Where the line inside is: in the chunk that held the envelope, or unescaped in one of its own. */
  chunk: Chunk = { bytes: Buffer.alloc(0), text: '' };
  start = 0;
  end = 0;
  /** When the envelope says the line was written, ms; NaN when it does not. For lines without a time of their own. */
  ts = NaN;
  /** The line goes on in the next envelope (CRI's P, Docker's 16 KiB pieces). */
  isPartial = false;
  /** The wrapping may as well be the first column of a format. */
  isLoose = false;
  #outer: Chunk = this.chunk;
  #host = [0, 0];
  #program = [0, 0];
  #scratch: Buffer | undefined;

  open(outer: Chunk): void {
    // Most lines are bare and of the chunk before: a store of what is young costs more than the comparison.
    if (this.chunk !== outer) this.#outer = this.chunk = outer;
    this.ts = NaN;
    this.isPartial = this.isLoose = false;
    this.#host[1] = this.#program[1] = 0;
  }

  inside(start: number, end: number): true {
    this.start = start;
    this.end = end;
    return true;
  }

  /** The line is these bytes of no chunk yet. */
  own(bytes: Buffer, length: number): true {
    return this.take({ bytes, text: bytes.toString('latin1', 0, length) });
  }

  /** The line is the whole text of this chunk. */
  take(chunk: Chunk): true {
    this.chunk = chunk;
    return this.inside(0, chunk.text.length);
  }

  /** The line lies in a chunk of its own, not in the one that held the envelope. */
  get isOwn(): boolean {
    return this.chunk !== this.#outer;
  }

  /** A buffer to build the line in, overwritten by the next line. */
  get scratch(): Buffer {
    return (this.#scratch ??= Buffer.alloc(SCRATCH_BYTES));
  }

  setHost(start: number, end: number): void {
    this.#host[0] = start;
    this.#host[1] = end;
  }

  setProgram(start: number, end: number): void {
    this.#program[0] = start;
    this.#program[1] = end;
  }

  /** Makes a string. */
  get host(): string | undefined {
    return this.#text(this.#host);
  }

  get program(): string | undefined {
    return this.#text(this.#program);
  }

  #text([start, end]: number[]): string | undefined {
    return end > start ? this.#outer.bytes.toString('utf8', start, end) : undefined;
  }
}
