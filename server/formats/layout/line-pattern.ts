// A line pattern: what somebody's request line looks like, as parts in a row that are read from its bytes one after the other,
// never going back.
//
//   ${METHOD} ${OWN_PATH} ${CODE} ${DURATION}    is    GET /x 200 5.123 ms
//
// A blank in a pattern stands for one blank or more. Three ways tell where a pattern may begin, cheap enough to ask of every line.
import { HOST } from '../../core/hit.ts';
import { readUrl } from '../bytes/request.ts';
import { Needle, skipBlank, startsWith } from '../bytes/scanner.ts';
import { addressEnd, CODE_BYTES, METHOD } from './line-pattern-parts.ts';
import type { Line, Part } from './pattern-line.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BAR, BRACKET, BRACKET_END, COLON, DASH, GREATER, SPACE, TAB } = ASCII;

/** What stands in a line again and again begins no record. */
const TEXTS_MAX = 8;

type Row = (Part | string)[];

/** Where a pattern may begin at or after `from`, or -1. */
type Places = (line: Line, from: number) => number;

export class LinePattern {
  /** No line without a method is of this pattern. */
  readonly needsMethod: boolean;
  readonly #places: Places;
  readonly #body: Part;

  constructor(places: Places, texts: TemplateStringsArray, parts: Row) {
    this.needsMethod = parts.includes(METHOD);
    this.#places = places;
    this.#body = seq(texts, ...parts);
  }

  /** Is the line of this pattern? Then the hit has what it says. */
  read(line: Line): boolean {
    for (let at = this.#places(line, line.start); at !== -1; at = this.#places(line, at + 1)) {
      line.frontStart = line.start;
      line.frontEnd = at > line.start ? at - 1 : at;
      if (this.#body(line, at) !== -1) return true;
      line.hit.reset(line.chunk.bytes);
    }
    return false;
  }
}

/** The whole line is of the pattern, from its beginning. */
export function fromStart(texts: TemplateStringsArray, ...parts: Row): LinePattern {
  const first = texts[0] === '' ? -1 : texts[0].charCodeAt(0);
  return new LinePattern(
    ({ bytes, start }, from) => (from === start && (first === -1 || bytes[start] === first) ? from : -1),
    texts,
    parts,
  );
}

/** The pattern begins with this text, wherever that stands first, second, … */
export function fromText(texts: TemplateStringsArray, ...parts: Row): LinePattern {
  const needle = new Needle(texts[0]);
  let tried = 0;
  return new LinePattern(
    (line, from) => {
      tried = from === line.start ? 0 : tried + 1;
      return tried < TEXTS_MAX ? needle.find(line.chunk, from, line.end) : -1;
    },
    texts,
    parts,
  );
}

/** The pattern has a method, with nothing before it but a text and a code. */
export function fromMethod(texts: TemplateStringsArray, ...parts: Row): LinePattern {
  const before = parts.indexOf(METHOD);
  const width = texts.slice(0, before + 1).join('').length + before * CODE_BYTES;
  return new LinePattern(
    (line, from) => {
      for (let i = 0, method = line.method(0); method !== -1; method = line.method(++i)) {
        const at = method - width;
        if (at >= from && opens(line.bytes, at, line.start)) return at;
      }
      return -1;
    },
    texts,
    parts,
  );
}

/** The pattern begins with an address, right before its method or with a dash and a user, a dash, a time between them. */
export function fromAddress(texts: TemplateStringsArray, ...parts: Row): LinePattern {
  return new LinePattern(
    (line, from) => {
      const { bytes: b, start, end } = line;
      for (let i = 0, method = line.method(0); method !== -1; method = line.method(++i)) {
        for (let at = Math.max(from, clientsBefore(b, start, method)); at < method; at++) {
          if (
            (at === start || b[at - 1] === SPACE || b[at - 1] === TAB || b[at - 1] === BRACKET) &&
            addressEnd(b, at, end) !== -1
          )
            return at;
        }
      }
      return -1;
    },
    texts,
    parts,
  );
}

/** An address, a dash and a user, another dash, a time with its zone. */
const WORDS_BEFORE_REQUEST = 7;
/** All of them together are short; and no byte of a long line is asked more than so many times whether an address begins there. */
const BYTES_BEFORE_REQUEST = 256;

/** From where on an address may stand that belongs to the request at `at`; `at` itself when none can. */
function clientsBefore(b: Uint8Array, start: number, at: number): number {
  start = Math.max(start, at - BYTES_BEFORE_REQUEST);
  const last = wordBefore(b, start, at),
    next = wordBefore(b, start, last);
  if (
    b[last] === DASH ||
    b[next] === DASH ||
    addressEnd(b, last, at) !== -1 ||
    addressEnd(b, last + 1, at) !== -1 ||
    b[at - 2] === BRACKET_END ||
    b[at - 3] === BRACKET_END
  ) {
    let word = last;
    for (let words = 1; words < WORDS_BEFORE_REQUEST; words++) word = wordBefore(b, start, word);
    return word;
  }
  return at;
}

/** Start of the word before the one that has a byte at `at`; what is glued to a method in front is no word. */
function wordBefore(b: Uint8Array, start: number, at: number): number {
  while (at > start && b[at - 1] > SPACE) at--;
  while (at > start && b[at - 1] <= SPACE) at--;
  while (at > start && b[at - 1] > SPACE) at--;
  return at;
}

/** What a logger puts in front (time, level, name) ends so. */
function opens(b: Uint8Array, at: number, start: number): boolean {
  if (at <= start) return at === start;
  const before = b[at - 1];
  return (
    before === SPACE ||
    before === TAB ||
    before === BRACKET_END ||
    before === COLON ||
    before === GREATER ||
    before === BAR
  );
}

/** Parts and texts in a row. */
export const seq = (texts: TemplateStringsArray, ...parts: Row): Part =>
  rowOf(texts.flatMap((text, i) => [text, parts[i] ?? '']));

function rowOf(texts: Row): Part {
  // Texts byte by byte, in the same row as the parts: most are one or two long, and a call costs more than that.
  const row = texts.flatMap<Part | string>((part) => (typeof part === 'string' ? [...part] : part));
  const bytes = Int16Array.from(row, (part) => (typeof part === 'string' ? part.charCodeAt(0) : -1));
  const calls = row.map((part) => (typeof part === 'string' ? NOTHING : part));
  return (line, at) => {
    const b = line.bytes,
      end = line.end;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === -1) {
        at = calls[i](line, at);
        if (at === -1) return -1;
      } else if (byte === SPACE) {
        const stop = skipBlank(b, at, end);
        if (stop === at) return -1;
        at = stop;
      } else if (at < end && b[at] === byte) at++;
      else return -1;
    }
    return at;
  };
}

const NOTHING: Part = (_, at) => at;

/** The first of these that is there, or nothing. */
export function maybe(...choices: Row): Part {
  const parts = choices.map((choice) => (typeof choice === 'string' ? rowOf([choice]) : choice));
  const firsts = Int16Array.from(choices, (choice) => (typeof choice === 'string' ? choice.charCodeAt(0) : -1));
  return (line, at) => {
    const byte = at < line.end ? line.bytes[at] : 0;
    for (let i = 0; i < parts.length; i++) {
      if (firsts[i] !== -1 && firsts[i] !== byte) continue;
      const stop = parts[i](line, at);
      if (stop !== -1) return stop;
    }
    return at;
  };
}

/** This after at most so many words. */
export function afterWords(most: number, part: Part): Part {
  return (line, at) => {
    const { bytes: b, end } = line;
    for (let words = 0; words <= most && at < end; words++) {
      const stop = part(line, at);
      if (stop !== -1) return stop;
      while (at < end && b[at] !== SPACE && b[at] !== TAB) at++;
      at = skipBlank(b, at, end);
    }
    return -1;
  };
}

/** Whatever stands before this text, at least `min` bytes and at most `max`. */
export function upTo(text: string, min = 0, max = Infinity): Part {
  const first = text.charCodeAt(0);
  return ({ bytes: b, end }, at) => {
    const limit = Math.min(end, at + max + 1);
    for (let stop = at + min; stop < limit; stop++)
      if (b[stop] === first && startsWith(b, stop, end, text)) return stop;
    return -1;
  };
}

/** Here is the time. */
export const front = (part: Part): Part =>
  said(part, (line, start, end) => {
    line.frontStart = start;
    line.frontEnd = end;
  });
export const host = (part: Part): Part => said(part, (line, start, end) => line.hit.set(HOST, start, end));
export const path = (part: Part): Part => said(part, (line, start, end) => readUrl(line.chunk, start, end, line.hit));

function said(part: Part, say: (line: Line, start: number, end: number) => void): Part {
  return (line, at) => {
    const stop = part(line, at);
    if (stop !== -1) say(line, at, stop);
    return stop;
  };
}
