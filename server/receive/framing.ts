// Where one record ends and the next begins in a body that arrives in any cut: by lines, or by the brackets of JSON, told from the first bytes.
import { bodyKind } from './body-kind.ts';
import type { Cutter, FrameSink } from './cutter.ts';
import { JsonCutter } from './json-cutter.ts';
import { LineCutter } from './line-cutter.ts';

export interface FramerOptions {
  /** An array of more members than this throws errors.tooManyRecords. */
  readonly membersMax?: number;
}

export class Framer {
  readonly #sink: FrameSink;
  readonly #options: FramerOptions;
  #cutter: Cutter | undefined;
  /** Undecided: what came so far, and how much of it there is to be before it is looked at again, so that one byte a chunk stays linear. */
  readonly #pieces: Buffer[] = [];
  #held = 0;
  #lookAt = 1;

  constructor(sink: FrameSink, options: FramerOptions = {}) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Cuts all of these bytes at once. */
  write(bytes: Buffer): void {
    this.give(bytes);
    while (!this.step());
  }

  /** The next bytes, to be cut in steps. They must stay as they are until a step has returned true. */
  give(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#cutter === undefined) this.#decide(bytes, false);
    else this.#cutter.give(bytes);
  }

  /** True when all that was given has been cut. */
  step(): boolean {
    return this.#cutter === undefined || this.#cutter.step();
  }

  /** No more comes. */
  end(): void {
    if (this.#cutter === undefined) this.#decide(EMPTY, true);
    while (!this.step());
    this.#cutter!.end();
  }

  #decide(bytes: Buffer, last: boolean): void {
    this.#held += bytes.length;
    const enough = last || this.#held >= this.#lookAt;
    const beginning = !enough || this.#pieces.length === 0 ? bytes : Buffer.concat([...this.#pieces.splice(0), bytes]);
    const kind = enough ? bodyKind(beginning, last) : 'undecided';
    if (kind === 'undecided') {
      this.#pieces.push(Buffer.from(beginning)); // the chunk may be reused
      if (enough) this.#lookAt = this.#held * 2;
      return;
    }
    this.#cutter = kind === 'lines' ? new LineCutter(this.#sink) : new JsonCutter(this.#sink, this.#options.membersMax);
    if (beginning.length > 0) this.#cutter.give(beginning);
  }
}

const EMPTY = Buffer.alloc(0);
