// Where one record ends and the next begins in a body that arrives in any cut: by lines, or by the brackets of JSON, told from the first bytes.
import { bodyKind } from './body-kind.ts';
import type { Cutter, FrameSink } from './cutter.ts';
import { JsonCutter } from './json-cutter.ts';
import { LineCutter } from './line-cutter.ts';

export class Framer {
  readonly #sink: FrameSink;
  #cutter: Cutter | undefined;
  /** Undecided: what came so far, and how much of it there is to be before it is looked at again, so that one byte a chunk stays linear. */
  readonly #pieces: Buffer[] = [];
  #held = 0;
  #lookAt = 1;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#cutter === undefined) this.#decide(bytes, false);
    else this.#cutter.write(bytes);
  }

  /** No more comes. */
  end(): void {
    if (this.#cutter === undefined) this.#decide(EMPTY, true);
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
    this.#cutter = kind === 'lines' ? new LineCutter(this.#sink) : new JsonCutter(this.#sink);
    if (beginning.length > 0) this.#cutter.write(beginning);
  }
}

const EMPTY = Buffer.alloc(0);
