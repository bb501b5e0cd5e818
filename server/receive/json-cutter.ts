// JSON that is not one object a line: an array, objects end to end, pretty-printed, or wrapped as {"data":[…]}. Cut by its brackets.
import { ASCII } from '../core/ascii.ts';
import type { Chunk } from '../formats/format.ts';
import { opensWrapper, WRAPPER_BYTES_MAX } from '../formats/wrapping/record-list.ts';
import { Needle } from '../formats/bytes/scanner.ts';
import { bomLength, isSpace, LINE_BYTES_MAX } from './body-kind.ts';
import { PartialLine, SAMPLE_BYTES } from './partial-line.ts';
import { tooManyRecords } from './allowance.ts';
import { RECORDS_PER_STEP, type Cutter, type FrameSink } from './cutter.ts';

const { LF, CR, SPACE, QUOTE, COMMA, BRACKET, BACKSLASH, BRACKET_END, BRACE, BRACE_END } = ASCII;

/** kafkarest: {"value": …} around each record. */
const KAFKA = /^\{\s*"value"\s*:\s*/;
const KAFKA_BYTES_MAX = 64;

export class JsonCutter implements Cutter {
  readonly #sink: FrameSink;
  readonly #partial = new PartialLine();
  readonly #newline = new Needle('\n');
  #started = false;

  // Where the JSON scan stands; it goes on across chunks.
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inRecord = false;
  /** Depth at which records lie: 0 for objects end to end, 1 in an array, 2 in a wrapper's. */
  #base = 0;
  #afterArray = false;

  // What is being cut: from where the scan goes on, and where the record at hand begins in it.
  #bytes = NOTHING;
  #chunk: Chunk | undefined;
  #at = 0;
  #start = 0;
  readonly #membersMax: number;
  #members = 0;

  constructor(sink: FrameSink, membersMax = Infinity) {
    this.#sink = sink;
    this.#membersMax = membersMax;
  }

  give(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#at = this.#started ? 0 : bomLength(bytes);
    this.#start = 0;
    this.#started = true;
  }

  step(): boolean {
    const bytes = this.#bytes,
      chunk = (this.#chunk ??= { bytes, text: bytes.toString('latin1') }),
      { text } = chunk;
    let start = this.#start,
      i = this.#at,
      left = RECORDS_PER_STEP;
    while (i < bytes.length) {
      if (this.#inString) {
        i = this.#endOfString(bytes, text, i);
        continue;
      }
      const c = bytes[i];
      if (!this.#inRecord) {
        if (this.#between(c)) i++;
        else {
          if (left-- === 0) {
            this.#at = i;
            return false;
          }
          if (this.#base > 0 && ++this.#members > this.#membersMax) throw tooManyRecords();
          this.#inRecord = true;
          start = i;
        }
        continue;
      }
      if (c === QUOTE) {
        this.#inString = true;
        i++;
      } else if (c === BRACE || c === BRACKET) {
        if (c === BRACKET && this.#depth === 1 && this.#base === 0 && this.#opensWrapper(text, start, i)) {
          this.#inRecord = false;
          this.#partial.clear();
          this.#depth = this.#base = 2;
        } else this.#depth++;
        i++;
      } else if (c === BRACE_END || c === BRACKET_END) {
        if (this.#depth === this.#base) {
          // the array ends, and a bare value with it
          this.#finish(chunk, start, i);
          continue;
        }
        this.#depth--;
        i++;
        if (this.#depth === this.#base) this.#finish(chunk, start, i);
      } else if (this.#depth === this.#base && (c === COMMA || c === LF)) {
        this.#finish(chunk, start, i); // a bare value: a string, a number
      } else i++;
    }
    if (this.#inRecord) this.#partial.add(bytes, start, bytes.length);
    this.#bytes = NOTHING;
    this.#chunk = undefined;
    this.#at = this.#start = 0;
    return true;
  }

  /** What was carried is a whole record. */
  end(): void {
    const { tooLong, length, bytes } = this.#partial;
    this.#partial.clear();
    if (tooLong !== undefined) this.#sink.tooLong(tooLong);
    else if (length > 0) this.#element({ bytes, text: bytes.toString('latin1') }, 0, length);
  }

  /** Outside of records: is this byte still no beginning of one? */
  #between(c: number): boolean {
    if (isSpace(c) || c === COMMA) return true;
    if (this.#afterArray) {
      // the rest of a wrapper, whatever it holds
      if (c === QUOTE) this.#inString = true;
      else if (c === BRACE || c === BRACKET) this.#depth++;
      else if ((c === BRACE_END || c === BRACKET_END) && --this.#depth === 0) {
        this.#afterArray = false;
        this.#base = 0;
      }
      return true;
    }
    if (c === BRACKET_END || c === BRACE_END) {
      this.#depth = Math.max(0, this.#depth - 1);
      this.#afterArray = this.#base === 2;
      if (!this.#afterArray) this.#base = 0;
      return true;
    }
    if (c !== BRACKET || this.#depth > 0) return false;
    this.#depth = this.#base = 1;
    return true;
  }

  /** From inside a string to past its end, or to the end of the chunk. */
  #endOfString(bytes: Buffer, text: string, from: number): number {
    let i = from;
    if (this.#escaped) {
      this.#escaped = false;
      i++;
    }
    for (;;) {
      const quote = text.indexOf('"', i);
      const end = quote === -1 ? bytes.length : quote;
      let slashes = 0;
      while (end - slashes > i && bytes[end - slashes - 1] === BACKSLASH) slashes++;
      const escapes = slashes % 2 === 1;
      if (quote === -1) {
        this.#escaped = escapes;
        return bytes.length;
      }
      i = quote + 1;
      if (!escapes) {
        this.#inString = false;
        return i;
      }
    }
  }

  /** The record so far is nothing but the opening of a wrapper. */
  #opensWrapper(text: string, start: number, end: number): boolean {
    if (this.#partial.tooLong !== undefined || this.#partial.length + end - start > WRAPPER_BYTES_MAX) return false;
    return opensWrapper(this.#partial.bytes.toString('latin1') + text.slice(start, end));
  }

  #finish(chunk: Chunk, start: number, end: number): void {
    this.#inRecord = false;
    if (this.#partial.isEmpty) return this.#element(chunk, start, end);
    this.#partial.add(chunk.bytes, start, end);
    this.end();
  }

  #element(chunk: Chunk, start: number, end: number): void {
    if (end - start > LINE_BYTES_MAX)
      return this.#sink.tooLong(chunk.bytes.toString('utf8', start, start + SAMPLE_BYTES));
    while (end > start && isSpace(chunk.bytes[end - 1])) end--;
    if (chunk.bytes[start] === QUOTE) return this.#quoted(chunk, start, end);
    if (this.#base === 2 && chunk.bytes[start] === BRACE) {
      const kafka = KAFKA.exec(chunk.text.slice(start, start + KAFKA_BYTES_MAX));
      const inner = kafka === null ? -1 : start + kafka[0].length;
      if (inner !== -1 && chunk.bytes[inner] === BRACE) {
        // {"value":{…}} is as long as its record and one brace
        start = inner;
        end--;
        while (end > start && isSpace(chunk.bytes[end - 1])) end--;
      } else if (inner !== -1 && chunk.bytes[inner] === QUOTE) {
        end--;
        while (end > inner && isSpace(chunk.bytes[end - 1])) end--;
        return this.#quoted(chunk, inner, end);
      }
    }
    if (this.#newline.find(chunk, start, end) === -1) return this.#sink.record(chunk, start, end);
    // Pretty-printed: readers read lines, so its line ends (white space in JSON) become spaces.
    const bytes = Buffer.from(chunk.bytes.subarray(start, end));
    for (let i = 0; i < bytes.length; i++) if (bytes[i] === LF || bytes[i] === CR) bytes[i] = SPACE;
    this.#sink.record({ bytes, text: bytes.toString('latin1') }, 0, bytes.length);
  }

  #quoted(chunk: Chunk, start: number, end: number): void {
    try {
      this.#sink.quoted(String(JSON.parse(chunk.bytes.toString('utf8', start, end))));
    } catch {
      this.#sink.record(chunk, start, end); // no JSON after all: the reader says what is wrong with it
    }
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
