// The uncounted rest of a file that nobody writes to any more: a copy made before a truncation, or one that was
// compressed. It is read from its beginning, for what is compressed has no other place to begin at.
import type { Readable } from 'node:stream';
import { ASCII } from '../core/ascii.ts';
import { LONG_LINE_SENT, NOTHING, type FollowSink, type Piece, type Reader, type Step } from './follow-sink.ts';
import { markOf, type Life } from './life.ts';
import { tailOf, type Unpacked } from './unpacked.ts';

const { LF } = ASCII;

export class FinishedFile implements Reader {
  readonly path: string;
  readonly id: string;
  readonly source: string;
  readonly content: Unpacked;
  readonly #log: string;
  readonly #sink: FollowSink;
  #life: Life;
  /** Opened when something is wanted of it. */
  #stream: Readable | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;
  /** Bytes that came out of `#chunks`, less `#chunk`. */
  #read = 0;
  /** Came out, but was not looked at. */
  #chunk: Buffer = NOTHING;
  /** Looked at, but not delivered: an unfinished line, or what could not be delivered. */
  #carry: Buffer = NOTHING;
  /** The last bytes before life.end. */
  #before: Buffer = NOTHING;
  /** Unpacking broke off; what came out before is delivered first. */
  #broken: Error | undefined;

  constructor(content: Unpacked, life: Life, to: { log: string; source: string; sink: FollowSink }) {
    this.path = content.path;
    this.id = content.id;
    this.source = to.source;
    this.content = content;
    this.#life = life;
    this.#log = to.log;
    this.#sink = to.sink;
  }

  get life(): Life {
    return this.#life;
  }

  /** Makes the life known before anything of it is counted: a restart then goes on with it. */
  async claim(): Promise<void> {
    await this.#deliver({ start: 0, end: 0, bytes: NOTHING, skipOlder: true });
  }

  async step(buffer: Buffer): Promise<Step> {
    let filled = this.#carry.copy(buffer);
    this.#carry = NOTHING;
    let isEnd = false;
    while (filled < buffer.length - 1 && !isEnd && this.#broken === undefined) {
      const taken = await this.#take(buffer.subarray(filled, buffer.length - 1));
      filled += taken ?? 0;
      isEnd = taken === undefined;
    }
    isEnd &&= this.#broken === undefined;
    // Read first, then look: what was read is then known to be what it was.
    if (!(await this.content.isIntact())) throw new Error('it was overwritten while it was read');
    const last = filled === 0 ? -1 : buffer.lastIndexOf(LF, filled - 1);
    if (last === -1 && !isEnd) {
      if (this.#broken !== undefined) throw this.#broken;
      return this.#longLine(buffer, filled);
    }
    await this.#deliverLines(buffer, filled, isEnd ? filled : last + 1, isEnd);
    return isEnd ? 'end' : 'more';
  }

  async #deliverLines(buffer: Buffer, filled: number, whole: number, isEnd: boolean): Promise<void> {
    const { end } = this.#life;
    const carry = Buffer.from(buffer.subarray(whole, filled));
    const before = tailOf(this.#before, buffer.subarray(0, whole));
    const isUnended = whole > 0 && buffer[whole - 1] !== LF;
    const kept = isUnended ? buffer[whole] : 0;
    if (isUnended) buffer[whole] = LF;
    try {
      await this.#deliver({
        start: end,
        end: end + whole,
        bytes: buffer.subarray(0, whole + Number(isUnended)),
        mark: markOf(before, end + whole),
        done: isEnd,
      });
    } catch (error) {
      if (isUnended) buffer[whole] = kept;
      this.#carry = Buffer.from(buffer.subarray(0, filled));
      throw error;
    }
    if (this.#life.end === end + whole) [this.#carry, this.#before] = [carry, before];
  }

  /** A line longer than a buffer: find its end without keeping it, and send enough of it to be counted as too long. */
  async #longLine(buffer: Buffer, filled: number): Promise<Step> {
    const { end } = this.#life;
    const begin = Buffer.from(buffer.subarray(0, LONG_LINE_SENT));
    begin[begin.length - 1] = LF;
    let before = tailOf(this.#before, buffer.subarray(0, filled));
    let length = filled;
    for (let isFound = false, taken: number | undefined; !isFound; length += taken) {
      taken = await this.#take(buffer, LF);
      if (this.#broken !== undefined) throw this.#broken;
      if (taken === undefined) break;
      before = tailOf(before, buffer.subarray(0, taken));
      isFound = buffer[taken - 1] === LF;
    }
    try {
      await this.#deliver({ start: end, end: end + length, bytes: begin, mark: markOf(before, end + length) });
    } catch (error) {
      this.#restart(end);
      throw error;
    }
    if (this.#life.end === end + length) this.#before = before;
    return 'more';
  }

  /**
   * Copies what comes next, up to and including the first `until`. Undefined at the end. Leaves out what is counted.
   */
  async #take(into: Buffer, until?: number): Promise<number | undefined> {
    while (this.#chunk.length === 0) {
      const next = await this.#next().catch((error: unknown) => {
        this.#broken = error as Error;
        return { done: true as const, value: undefined };
      });
      if (next.done) return undefined;
      const counted = Math.min(next.value.length, Math.max(0, this.#life.end - this.#read));
      if (counted > 0) this.#before = tailOf(this.#before, next.value.subarray(0, counted));
      this.#chunk = next.value.subarray(counted);
      this.#read += counted;
    }
    const found = until === undefined ? -1 : this.#chunk.subarray(0, into.length).indexOf(until);
    const taken = this.#chunk.copy(into, 0, 0, found === -1 ? this.#chunk.length : found + 1);
    this.#chunk = this.#chunk.subarray(taken);
    this.#read += taken;
    return taken;
  }

  #next(): Promise<IteratorResult<Buffer, undefined>> {
    this.#stream ??= this.content.stream();
    this.#chunks ??= (this.#stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    return this.#chunks.next();
  }

  async #deliver(part: Omit<Piece, 'stream' | 'log' | 'head'>): Promise<void> {
    const { stream, head } = this.#life;
    const end = await this.#sink.deliver({ stream, head, log: this.#log, ...part }, this.source);
    this.#life = { ...this.#life, end, done: part.done };
    if (end !== part.end) this.#restart(end);
  }

  /** Reads from the beginning again, to go on at this place. */
  #restart(end: number): void {
    this.#stream?.destroy();
    this.#stream = this.#chunks = undefined;
    this.#life = { ...this.#life, end };
    this.#read = 0;
    this.#chunk = this.#carry = this.#before = NOTHING;
  }

  async close(): Promise<void> {
    this.#stream?.destroy();
    await this.content.close();
  }
}
