// Where one record ends and the next begins in a body that arrives in any cut. Lines are found with `indexOf` in one latin1
// string a chunk and never copied, but for the one that a cut goes through. JSON that is not one object a line (an array,
// objects end to end, pretty-printed, or wrapped as {"data":[…]}) is told from the first bytes and cut by its brackets.
import type { Chunk } from '../formats/format.ts';
import { bodyKind, bomLength, isSpace, LINE_BYTES_MAX, WRAPPER, WRAPPER_BYTES_MAX, type BodyKind } from './body-kind.ts';

/** A line may end in \r before its \n, or in a NUL. */
const ENDS_MAX = 2;
/** Enough of an over-long line to know it by. */
const SAMPLE_BYTES = 200;

export interface FrameSink {
  /** One record, blank ones left out; no line end, and no newline in it. The bytes are good until this returns. */
  record(chunk: Chunk, start: number, end: number): void;
  /** One record that was a JSON string. */
  quoted(text: string): void;
  /** A record past LINE_BYTES_MAX, and how it begins. */
  tooLong(beginning: string): void;
  /** A line that holds no record (blank), so that line numbers stay right. */
  blank(): void;
}

const LF = 0x0a, CR = 0x0d, SPACE = 0x20, QUOTE = 0x22, COMMA = 0x2c, OPEN = 0x5b, BACKSLASH = 0x5c, CLOSE = 0x5d, LEFT = 0x7b, RIGHT = 0x7d, NUL = 0;
/** kafkarest: {"value": …} around each record. */
const KAFKA = /^\{\s*"value"\s*:\s*/;

export class Framer {
  readonly #sink: FrameSink;
  #kind: BodyKind = 'undecided';
  /** The part of a record (or, undecided, of the body) that earlier chunks brought. */
  #carry: Buffer = EMPTY;
  #carried = 0;
  /** In the middle of a record that is too long: its beginning has been kept, the rest is dropped. */
  #dropping: string | undefined;
  /** Undecided: look again only when this much is there, so that one byte a chunk stays linear. */
  #lookAt = 1;
  #started = false;

  // Where the JSON scan stands; it goes on across chunks.
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inRecord = false;
  /** Depth at which records lie: 0 for objects end to end, 1 in an array, 2 in a wrapper's. */
  #base = 0;
  #afterArray = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (!this.#decided) bytes = this.#decide(bytes, false);
    if (this.#kind === 'lines') this.#lines(bytes);
    else if (this.#kind === 'json') this.#json(bytes);
  }

  /** No more comes: the last line needs no newline. */
  end(): void {
    if (!this.#decided) {
      const rest = this.#decide(EMPTY, true);
      if (this.#kind === 'json') this.#json(rest);
      else this.#lines(rest);
    }
    if (this.#dropping !== undefined) this.#sink.tooLong(this.#dropping);
    else if (this.#carried > 0) this.#flush();
    this.#dropping = undefined;
    this.#carried = 0;
  }

  get #decided(): boolean {
    return this.#kind !== 'undecided';
  }

  /** Returns the bytes to go on with; empty while undecided. */
  #decide(bytes: Buffer, last: boolean): Buffer {
    if (this.#carried > 0 || last) {
      this.#keep(bytes, 0, bytes.length);
      if (this.#carried < this.#lookAt && !last) return EMPTY;
      bytes = this.#carry.subarray(0, this.#carried);
    }
    const kind = bodyKind(bytes, last);
    if (kind === 'undecided') {
      if (this.#carried === 0) this.#keep(bytes, 0, bytes.length);
      this.#lookAt = this.#carried * 2;
      return EMPTY;
    }
    this.#kind = kind;
    if (this.#carried > 0) {
      this.#carry = EMPTY;
      this.#carried = 0;
    }
    return bytes;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const length = this.#carried + end - start;
    if (length > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(length * 2, 4096));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    bytes.copy(this.#carry, this.#carried, start, end);
    this.#carried = length;
  }

  /** The start of a record that the next chunk may finish. */
  #keepRecord(bytes: Buffer, start: number, end: number): void {
    if (this.#dropping !== undefined) return;
    this.#keep(bytes, start, end);
    if (this.#carried > LINE_BYTES_MAX + ENDS_MAX) {
      this.#dropping = this.#carry.toString('utf8', 0, SAMPLE_BYTES);
      this.#carried = 0;
    }
  }

  // ---- lines ----

  #lines(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    let start = this.#started ? 0 : bomLength(bytes);
    this.#started = true;
    if (this.#carried > 0 || this.#dropping !== undefined) {
      const newline = text.indexOf('\n', start);
      if (newline === -1) return this.#keepRecord(bytes, start, bytes.length);
      this.#keepRecord(bytes, start, newline);
      this.#flush();
      start = newline + 1;
    }
    const chunk: Chunk = { bytes, text };
    for (let newline = text.indexOf('\n', start); newline !== -1; newline = text.indexOf('\n', start)) {
      this.#line(chunk, start, newline);
      start = newline + 1;
    }
    if (start < bytes.length) this.#keepRecord(bytes, start, bytes.length);
  }

  #line(chunk: Chunk, start: number, end: number): void {
    const { bytes } = chunk;
    for (let n = 0; n < ENDS_MAX && end > start && (bytes[end - 1] === CR || bytes[end - 1] === NUL); n++) end--;
    if (end - start > LINE_BYTES_MAX) return this.#sink.tooLong(bytes.toString('utf8', start, start + SAMPLE_BYTES));
    if (end === start || (bytes[start] <= SPACE && isBlank(bytes, start, end))) return this.#sink.blank();
    this.#sink.record(chunk, start, end);
  }

  /** What was carried is a whole record. */
  #flush(): void {
    if (this.#dropping !== undefined) {
      this.#sink.tooLong(this.#dropping);
      this.#dropping = undefined;
      return;
    }
    const bytes = this.#carry.subarray(0, this.#carried);
    this.#carried = 0;
    this.#emit({ bytes, text: bytes.toString('latin1') }, 0, bytes.length);
  }

  #emit(chunk: Chunk, start: number, end: number): void {
    if (this.#kind === 'lines') this.#line(chunk, start, end);
    else this.#element(chunk, start, end);
  }

  // ---- JSON ----

  #json(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    const chunk: Chunk = { bytes, text };
    let start = 0; // of the record at hand, as far as it lies in this chunk
    let i = this.#started ? 0 : bomLength(bytes);
    this.#started = true;
    while (i < bytes.length) {
      if (this.#inString) {
        i = this.#endOfString(bytes, text, i);
        continue;
      }
      const c = bytes[i];
      if (!this.#inRecord) {
        if (this.#between(c)) i++;
        else {
          this.#inRecord = true;
          start = i;
        }
        continue;
      }
      if (c === QUOTE) {
        this.#inString = true;
        i++;
      } else if (c === LEFT || c === OPEN) {
        if (c === OPEN && this.#depth === 1 && this.#base === 0 && this.#opensWrapper(text, start, i)) {
          this.#inRecord = false;
          this.#carried = 0;
          this.#depth = this.#base = 2;
        } else this.#depth++;
        i++;
      } else if (c === RIGHT || c === CLOSE) {
        if (this.#depth === this.#base) { // the array ends, and a bare value with it
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
    if (this.#inRecord) this.#keepRecord(bytes, start, bytes.length);
  }

  /** Outside of records: is this byte still no beginning of one? */
  #between(c: number): boolean {
    if (isSpace(c) || c === COMMA) return true;
    if (this.#afterArray) { // the rest of a wrapper, whatever it holds
      if (c === QUOTE) this.#inString = true;
      else if (c === LEFT || c === OPEN) this.#depth++;
      else if ((c === RIGHT || c === CLOSE) && --this.#depth === 0) {
        this.#afterArray = false;
        this.#base = 0;
      }
      return true;
    }
    if (c === CLOSE || c === RIGHT) {
      this.#depth = Math.max(0, this.#depth - 1);
      this.#afterArray = this.#base === 2;
      if (!this.#afterArray) this.#base = 0;
      return true;
    }
    if (c !== OPEN || this.#depth > 0) return false;
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
    if (this.#dropping !== undefined || this.#carried + end - start > WRAPPER_BYTES_MAX) return false;
    return WRAPPER.test(this.#carry.toString('latin1', 0, this.#carried) + text.slice(start, end));
  }

  #finish(chunk: Chunk, start: number, end: number): void {
    this.#inRecord = false;
    if (this.#carried === 0 && this.#dropping === undefined) return this.#element(chunk, start, end);
    this.#keepRecord(chunk.bytes, start, end);
    this.#flush();
  }

  #element(chunk: Chunk, start: number, end: number): void {
    if (end - start > LINE_BYTES_MAX) return this.#sink.tooLong(chunk.bytes.toString('utf8', start, start + SAMPLE_BYTES));
    while (end > start && isSpace(chunk.bytes[end - 1])) end--;
    if (chunk.bytes[start] === QUOTE) return this.#quoted(chunk, start, end);
    if (this.#base === 2 && chunk.bytes[start] === LEFT) {
      const kafka = KAFKA.exec(chunk.text.slice(start, start + WRAPPER_BYTES_MAX));
      const inner = kafka === null ? -1 : start + kafka[0].length;
      if (inner !== -1 && chunk.bytes[inner] === LEFT) { // {"value":{…}} is as long as its record and one brace
        start = inner;
        end--;
        while (end > start && isSpace(chunk.bytes[end - 1])) end--;
      } else if (inner !== -1 && chunk.bytes[inner] === QUOTE) {
        end--;
        while (end > inner && isSpace(chunk.bytes[end - 1])) end--;
        return this.#quoted(chunk, inner, end);
      }
    }
    const newline = chunk.text.indexOf('\n', start);
    if (newline === -1 || newline >= end) return this.#sink.record(chunk, start, end);
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

const EMPTY = Buffer.alloc(0);

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isSpace(bytes[i])) return false;
  return true;
}
