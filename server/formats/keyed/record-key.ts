// The value of one key in a record, whatever else the record is read as: what names the source of each record where one stream brings
// those of many services. JSON, at any depth; logfmt and LTSV at the top. The names come from whoever configures a sender, so they are
// compared, never looked up or kept.
import type { Chunk } from '../format.ts';
import { ASCII } from '../bytes/ascii.ts';
import { unescaped } from '../bytes/scalars.ts';
import { closingQuote, isDigit, Needle } from '../bytes/scanner.ts';
import { bareEnd, openOf, skipBlank, skipContainer } from './json-bytes.ts';

const { BACKSLASH, BRACE, BRACE_END, BRACKET, COLON, COMMA, DASH, EQUALS, QUOTE, SPACE, TAB } = ASCII;

/** A name of more parts is looked for as it is written, not through objects in objects. */
const PARTS_MAX = 8;
/** Where a shipper leaves the record that it read, as text. */
const RECORD_NAMES = [
  'log',
  'message',
  'msg',
  'MESSAGE',
  'line',
  'event',
  'data',
  '_raw',
  'log.original',
  'event.original',
];
/** Docker's record in Fluent Bit's in somebody's: deeper than this nobody nests. */
const RECORDS_IN_RECORD_MAX = 3;

/** A name that is looked for among the keys of one object, and those in the object under it. */
interface Wanted {
  /** As latin1: the bytes. */
  readonly name: string;
  /** Of the path that ends here; -1 when none does. */
  readonly rank: number;
  readonly inside: readonly Wanted[];
}

export class RecordKey {
  readonly paths: readonly string[];
  /** Where the record found last ends, and where another object follows it; -1 when none does. */
  end = 0;
  next = -1;
  readonly #wanted: readonly Wanted[];
  readonly #accept: (value: string) => string | undefined;
  readonly #quote = new Needle('"');
  readonly #blank = new Needle(' ');
  readonly #tab = new Needle('\t');
  #chunk!: Chunk;
  #rank = 0;
  #value: string | undefined;
  /** The text of a record inside. */
  #inner: string | undefined;

  /** Dotted `paths`, the best first. `accept` says what to make of a value; undefined: look on. */
  constructor(paths: readonly string[], accept: (value: string) => string | undefined) {
    this.paths = paths;
    this.#accept = accept;
    this.#wanted = paths.flatMap(wantedOf);
  }

  /** The path that the value found last was under. */
  get path(): string {
    return this.paths[this.#rank];
  }

  /** The value in the record that begins at `start`; undefined when it has none. Linear. */
  find(chunk: Chunk, start: number, end: number): string | undefined {
    this.#rank = this.paths.length;
    this.#value = undefined;
    this.end = end;
    this.next = -1;
    const at = openOf(chunk.bytes, start, end);
    if (at !== -1) this.#objects(chunk, at, end);
    else this.#pairs(chunk, start, end);
    return this.#value;
  }

  #objects(chunk: Chunk, at: number, end: number): void {
    const stop = this.#record(chunk, at, end);
    if (stop !== -1) {
      let next = stop;
      while (next < end && (chunk.bytes[next] <= SPACE || chunk.bytes[next] === COMMA)) next++;
      if (next < end && chunk.bytes[next] === BRACE) {
        this.end = stop;
        this.next = next;
      }
    }
    for (let depth = 1; depth < RECORDS_IN_RECORD_MAX && this.#value === undefined; depth++) {
      const inner = this.#inner === undefined ? undefined : Buffer.from(this.#inner);
      if (inner === undefined) return;
      const within = openOf(inner, 0, inner.length);
      if (within === -1) return;
      this.#record({ bytes: inner, text: inner.toString('latin1') }, within, inner.length);
    }
  }

  #record(chunk: Chunk, at: number, end: number): number {
    this.#chunk = chunk;
    this.#inner = undefined;
    return this.#object(at, end, this.#wanted, true);
  }

  /** Reads the object at `at`; where it ends, or -1 when it is broken. */
  #object(at: number, end: number, wanted: readonly Wanted[], isTop: boolean): number {
    const { bytes } = this.#chunk;
    for (let p = at + 1; ;) {
      while (p < end && (bytes[p] <= SPACE || bytes[p] === COMMA)) p++;
      if (p >= end) return -1;
      if (bytes[p] === BRACE_END) return p + 1;
      if (bytes[p] !== QUOTE) return -1;
      const key = p + 1,
        keyEnd = closingQuote(this.#quote, this.#chunk, key, end);
      if (keyEnd === -1) return -1;
      p = skipBlank(bytes, keyEnd + 1, end);
      if (bytes[p] !== COLON) return -1;
      p = skipBlank(bytes, p + 1, end);
      if (p >= end) return -1;
      const c = bytes[p];
      if (c === QUOTE) {
        const close = closingQuote(this.#quote, this.#chunk, p + 1, end);
        if (close === -1) return -1;
        this.#offer(key, keyEnd, p + 1, close, wanted);
        if (isTop && close - p > 2 && this.#inner === undefined && this.#isRecordName(key, keyEnd))
          this.#inner = this.#text(p + 1, close);
        p = close + 1;
      } else if (c === BRACE) {
        const inside = this.#inside(key, keyEnd, wanted);
        p = inside === undefined ? skipContainer(bytes, p, end) : this.#object(p, end, inside, false);
      } else if (c === BRACKET) p = skipContainer(bytes, p, end);
      else {
        const close = bareEnd(bytes, p, end);
        if (isDigit(c) || c === DASH) this.#offer(key, keyEnd, p, close, wanted);
        p = close;
      }
      if (p === -1) return -1;
    }
  }

  // service=cart method=GET path="/a b" status=502
  // service:cart<TAB>method:GET<TAB>status:502
  /** Only from the line's beginning on, and while there is nothing but pairs: what a client sent may hold some, too. */
  #pairs(chunk: Chunk, start: number, end: number): void {
    this.#chunk = chunk;
    const { bytes } = chunk;
    let p = skipBlank(bytes, start, end);
    const key = p;
    while (p < end && isNameByte(bytes[p])) p++;
    if (p === key || p >= end) return;
    if (bytes[p] === COLON) return this.#columns(key, end);
    for (p = key; p < end;) {
      const from = p;
      while (p < end && isNameByte(bytes[p])) p++;
      if (p === from || bytes[p] !== EQUALS) return;
      const keyEnd = p++;
      if (bytes[p] === QUOTE) {
        const close = closingQuote(this.#quote, chunk, p + 1, end);
        if (close === -1) return;
        this.#offer(from, keyEnd, p + 1, close, this.#wanted);
        p = close + 1;
      } else {
        const blank = this.#blank.find(chunk, p, end),
          stop = blank === -1 ? end : blank;
        this.#offer(from, keyEnd, p, stop, this.#wanted);
        p = stop;
      }
      p = skipBlank(bytes, p, end);
    }
  }

  #columns(start: number, end: number): void {
    const { bytes } = this.#chunk;
    for (let p = start; p < end;) {
      const tab = this.#tab.find(this.#chunk, p, end),
        stop = tab === -1 ? end : tab;
      if (p === start && stop === end) return;
      let keyEnd = p;
      while (keyEnd < stop && isNameByte(bytes[keyEnd])) keyEnd++;
      if (bytes[keyEnd] === COLON) this.#offer(p, keyEnd, keyEnd + 1, stop, this.#wanted);
      p = stop + 1;
    }
  }

  #offer(key: number, keyEnd: number, start: number, end: number, wanted: readonly Wanted[]): void {
    for (const { name, rank } of wanted) {
      if (rank === -1 || rank >= this.#rank || !this.#is(name, key, keyEnd)) continue;
      const value = this.#accept(this.#text(start, end));
      if (value === undefined) continue;
      this.#rank = rank;
      this.#value = value;
    }
  }

  #inside(key: number, keyEnd: number, wanted: readonly Wanted[]): readonly Wanted[] | undefined {
    let found: readonly Wanted[] | undefined;
    for (const { name, inside } of wanted)
      if (inside.length > 0 && this.#is(name, key, keyEnd))
        found = found === undefined ? inside : [...found, ...inside];
    return found;
  }

  #isRecordName(key: number, keyEnd: number): boolean {
    return RECORD_NAMES.some((name) => this.#is(name, key, keyEnd));
  }

  #is(name: string, key: number, keyEnd: number): boolean {
    return name.length === keyEnd - key && this.#chunk.text.startsWith(name, key);
  }

  #text(start: number, end: number): string {
    const { bytes } = this.#chunk;
    for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return unescaped(bytes, start, end);
    return bytes.toString('utf8', start, end);
  }
}

const isNameByte = (c: number): boolean =>
  c > SPACE && c !== EQUALS && c !== COLON && c !== QUOTE && c !== BRACE && c !== BRACKET && c !== TAB;

/** `a.b.c` is the key `a.b.c`, or `b.c` in the object `a`, or `c` in `a.b`, or … */
function wantedOf(path: string, rank: number): Wanted[] {
  const parts = Buffer.from(path).toString('latin1').split('.');
  if (parts.length > PARTS_MAX) return [{ name: parts.join('.'), rank, inside: [] }];
  const from: Wanted[][] = [];
  for (let i = parts.length - 1; i >= 0; i--)
    from[i] = parts.slice(i).map((_, j) => {
      const isAll = i + j === parts.length - 1;
      return {
        name: parts.slice(i, i + j + 1).join('.'),
        rank: isAll ? rank : -1,
        inside: isAll ? [] : from[i + j + 1],
      };
    });
  return from[0];
}
