// The one way from a line to a hit: takes the line end, BOM and blanks off, then asks the stream's format (declared or detected).
import type { Hit } from '../core/hit.ts';
import { access } from './clf/access.ts';
import { ShapelessReader } from './clf/shapeless.ts';
import { GOACCESS_PRESETS } from './declared/goaccess.ts';
import { compileFormat } from './declared/compile.ts';
import { Detector } from './detect.ts';
import type { Chunk, Format, Miss, Surroundings } from './format.ts';
import { formatNamed, formats } from './index.ts';
import { skipped } from './misses.ts';
import { declaredW3c, looksLikeHeader } from './keyed/w3c-header.ts';
import { Needle } from './bytes/scanner.ts';
import { byteOrder, isUtf16, utf8Chunk } from './wrapping/utf16.ts';
import { ESCAPE, plainChunk } from './wrapping/terminal.ts';
import { plainLine } from './wrapping/typeset.ts';
import { mayBeRecord, Unwrapper } from './wrapping/unwrap.ts';
import { ASCII } from './bytes/ascii.ts';

const { BRACE, SPACE } = ASCII;

export interface LineReader {
  /** The format in use: the declared one, or the one detected last; null before the first record. */
  readonly format: string | null;
  /** Reads the line [start, end) into `hit` (which it resets). Never throws. */
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined;
  /** Another record follows on the line read last: objects put end to end. The line's bytes must still be there. */
  readonly hasMore: boolean;
  /** Reads that record. */
  more(hit: Hit): Miss | undefined;
}

/** The declared format is unknown or cannot carry a status code; the message says why. */
export class FormatError extends Error {}

const JSON_SHAPED = /\{\s*\\?"|\bjson_format\b/;
const BLANK = skipped('blank', 'blank line');
const jsonFormats = formats.filter((format) => 'keyed' in format);

/** `format`: a name, 'auto' (or nothing), or the text of a log_format, LogFormat or GoAccess format. Throws FormatError. */
export function openLineReader(format = 'auto'): LineReader {
  if (format === 'auto' || format === '') return new TrimmingReader(formats);
  const named = formatNamed(Object.hasOwn(GOACCESS_PRESETS, format) ? GOACCESS_PRESETS[format] : format);
  if (named !== undefined) return new TrimmingReader([named]);
  if (looksLikeHeader(format)) return new TrimmingReader([declaredW3c(format)], true);
  const compiled = compileFormat(format);
  // A shipper may have written the JSON anew, in its own order and spacing: then the names in it tell.
  if (typeof compiled !== 'string')
    return new TrimmingReader(JSON_SHAPED.test(format) ? [compiled, ...jsonFormats] : [compiled], true);
  const names = /^[\w-]+$/.test(format)
    ? `; known formats are auto, ${formats.map(({ name }) => name).join(', ')}`
    : '';
  throw new FormatError(`${compiled}${names}`);
}

class TrimmingReader implements LineReader {
  readonly #escape = new Needle(ESCAPE);
  readonly #nul = new Needle('\0');
  readonly #return = new Needle('\r');
  /** Neither a NUL nor an escape stands in this stretch of this chunk. */
  #plain: Chunk | undefined;
  #plainFrom = 0;
  #plainUntil = 0;
  readonly #detector: Detector;
  readonly #unwrapper: Unwrapper;

  /** Of the bytes of UTF-16, as a mark said. */
  #order: 'little' | 'big' | undefined;
  /** What follows a return in the line read last; -1 when nothing does. */
  #next = -1;
  #end = 0;
  #chunk: Chunk | undefined;

  constructor(candidates: readonly Format[], declared = false) {
    const around: Surroundings = { isTimed: false, isColumn: false };
    this.#detector = new Detector(candidates, around, declared);
    const shapeless = candidates.includes(access) ? new ShapelessReader(around) : undefined;
    this.#unwrapper = new Unwrapper(
      (chunk, start, end, hit) => this.#detector.read(chunk, start, end, hit),
      around,
      declared,
      shapeless && ((chunk, start, end, hit) => shapeless.read(chunk, start, end, hit)),
    );
  }

  get format(): string | null {
    return this.#detector.format;
  }

  get hasMore(): boolean {
    return this.#next !== -1 || this.#unwrapper.hasMore;
  }

  more(hit: Hit): Miss | undefined {
    if (this.#unwrapper.hasMore) return this.#unwrapper.more(hit);
    const next = this.#next;
    this.#next = -1;
    return this.#readPlain(this.#chunk!, next, this.#end, hit);
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    this.#next = -1;
    if (chunk !== this.#plain || start < this.#plainFrom || end > this.#plainUntil) {
      this.#plain = chunk;
      this.#plainFrom = start;
      this.#plainUntil = Math.min(this.#nul.next(chunk, start), this.#escape.next(chunk, start));
      if (end > this.#plainUntil) return this.#readOdd(chunk, start, end, hit);
    }
    return this.#readPlain(chunk, start, end, hit);
  }

  /** A line with a byte that few hold: of UTF-16, or of a terminal's colours. */
  #readOdd(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    if (this.#nul.find(chunk, start, end) !== -1 && isUtf16(chunk.bytes, start, end)) {
      this.#order = byteOrder(chunk.bytes, start) ?? this.#order;
      chunk = utf8Chunk(chunk.bytes, start, end, this.#order);
      start = 0;
      end = chunk.bytes.length;
    }
    if (this.#escape.find(chunk, start, end) === -1) return this.#readPlain(chunk, start, end, hit);
    // Once: what is left may look like a sequence again, as deep as somebody nests them.
    const plain = plainChunk(chunk.text.slice(start, end));
    return this.#readPlain(plain, 0, plain.text.length, hit);
  }

  #readPlain(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    while (end > start && b[end - 1] <= SPACE) end--; // CR, blanks, tabs
    if (end - start > 2 && b[start] === 0xef && b[start + 1] === 0xbb && b[start + 2] === 0xbf) start += 3; // BOM
    while (start < end && b[start] <= SPACE) start++;
    if (start === end) return BLANK;
    // Lines that end in a return and nothing else: the next is read when it is asked for.
    const stop = b[start] === BRACE ? -1 : this.#return.find(chunk, start, end);
    if (stop !== -1) {
      this.#chunk = chunk;
      this.#next = stop + 1;
      this.#end = end;
      end = stop;
    }
    const miss = this.#unwrapper.read(chunk, start, end, hit);
    if (miss === undefined || !mayBeRecord(miss)) return miss;
    const plain = plainLine(chunk, start, end);
    return plain !== undefined && this.#unwrapper.read(plain, 0, plain.text.length, hit) === undefined
      ? undefined
      : miss;
  }
}
