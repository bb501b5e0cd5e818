// JSON objects put end to end on one line, or in one message: each is a record. The first is read as the line is; where the next begins
// is kept here, for each depth of wrapping, until it is asked for.
import type { Chunk } from '../format.ts';
import { jsonScanner } from '../keyed/json-format.ts';
import { ASCII } from '../bytes/ascii.ts';
import { Needle } from '../bytes/scanner.ts';

const { BRACE, COMMA, SPACE } = ASCII;

export interface Rest {
  chunk: Chunk;
  /** -1: nothing follows. */
  start: number;
  end: number;
  /** When the envelope around it says it was; NaN without one. */
  ts: number;
  readonly depth: number;
}

const NOTHING: Chunk = { bytes: Buffer.alloc(0), text: '' };

export class Objects {
  /** The deepest at which an object follows; -1 when none does. */
  depth = -1;
  readonly #rests: Rest[];
  readonly #closing = new Needle('}');
  readonly #adjoining = new Needle('}{');
  readonly #apart = new Needle('} {');

  constructor(depthMax: number) {
    this.#rests = Array.from({ length: depthMax + 1 }, (_, depth) => ({
      chunk: NOTHING,
      start: -1,
      end: 0,
      ts: NaN,
      depth,
    }));
  }

  clear(): void {
    if (this.depth === -1) return;
    for (const rest of this.#rests) rest.start = -1;
    this.depth = -1;
  }

  setTime(depth: number, ts: number): void {
    this.#rests[depth].ts = ts;
  }

  /** Where the object at `start` ends when another follows it, which is then kept; else `end`. */
  look(chunk: Chunk, start: number, end: number, depth: number): number {
    // Whoever read it without the scanner has it scanned only where another may follow.
    const isAlone = jsonScanner.isAt(chunk, start, end)
      ? jsonScanner.isAll
      : this.#closing.find(chunk, start, end) === end - 1 ||
        (this.#adjoining.find(chunk, start, end) === -1 && this.#apart.find(chunk, start, end) === -1);
    return isAlone ? end : this.#keep(chunk, start, end, depth);
  }

  #keep(chunk: Chunk, start: number, end: number, depth: number): number {
    const stop = jsonScanner.endOf(chunk, start, end);
    const next = stop === -1 ? -1 : objectAt(chunk, stop, end);
    if (next === -1) return end;
    const rest = this.#rests[depth];
    rest.chunk = chunk;
    rest.start = next;
    rest.end = end;
    if (depth > this.depth) this.depth = depth;
    return stop;
  }

  /** The deepest, by itself; what follows it is next. */
  take(): Readonly<Rest> {
    const rest = this.#rests[this.depth];
    const taken = { ...rest };
    const stop = jsonScanner.endOf(rest.chunk, rest.start, rest.end);
    if (stop !== -1) taken.end = stop;
    rest.start = stop === -1 ? -1 : objectAt(rest.chunk, stop, rest.end);
    while (this.depth >= 0 && this.#rests[this.depth].start === -1) this.depth--;
    return taken;
  }
}

/** Where an object begins with nothing but blanks and commas before it; -1 when something else comes. */
function objectAt({ bytes }: Chunk, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] <= SPACE || bytes[at] === COMMA)) at++;
  return at < end && bytes[at] === BRACE ? at : -1;
}
