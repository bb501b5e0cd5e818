// JSON, byte by byte: checked, skipped, or made into values.
import { ASCII } from '../core/ascii.ts';
import { RECORDS_MAX, tooManyRecords, type Allowance } from './allowance.ts';
import { bomLength } from './body-kind.ts';
import { DEPTH_MAX, Malformed } from './message.ts';

const { TAB, LF, CR, SPACE, QUOTE, COMMA, COLON, BRACKET, BACKSLASH, BRACKET_END, BRACE, BRACE_END } = ASCII;

const isBlank = (c: number): boolean => c === SPACE || c === LF || c === CR || c === TAB;

/** Bytes between two places where a scan can be interrupted. */
const STEP_BYTES = 256 * 1024;
/** A message of ours has a dozen; every name in a larger object would have to be looked at. */
const KEYS_IN_OBJECT_MAX = 10_000;
/** Keys, and members of arrays in arrays: an attribute, or an entry, has up to four. */
const VALUES_MAX = 4 * RECORDS_MAX;
/** Blanks between a bracket and what follows it, as far as they are looked at to see whether an array is empty. */
const BLANKS_MAX = 64;
/** Longer names are none that are asked for. */
const NAME_BYTES_MAX = 64;
/** Longer names, or blanks in a row, are looked at in one go where they are no part of something skipped: no sender has them. */
const RUN_BYTES_MAX = 64 * 1024;
/** Values in one that is made: some milliseconds of work, and an attribute has six. */
const NODES_MAX = 32 * 1024;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORD_BYTES_MAX = 400;
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

/** At the end of the bytes, too. */
const endsWord = (c: number | undefined): boolean =>
  c === undefined || c === COMMA || c === BRACE_END || c === BRACKET_END || isBlank(c);

const malformed = (why: string, at: number): Malformed => new Malformed(`The body is not JSON: ${why} at byte ${at}`);

/** What a bracket opened: an object, an array that a key names, an array in an array. */
const OBJECT = 1,
  LIST = 2,
  TUPLE = 3;

/**
 * One pass over all of it: brackets and strings are closed, and neither depth nor members nor keys are too many. Yields where it can
 * be interrupted. Throws Malformed and errors.tooManyRecords.
 */
export function* checkJson(bytes: Buffer, allowance: Allowance): Generator<undefined, void> {
  const { length } = bytes;
  const kinds = new Uint8Array(DEPTH_MAX + 1),
    keysOf = new Int32Array(DEPTH_MAX + 1);
  let depth = 0,
    members = 0,
    values = 0,
    isString = false,
    isBegun = false;
  let i = bomLength(bytes);
  for (let stop = STEP_BYTES; i < length;) {
    if (i >= stop) {
      if (members > RECORDS_MAX || values > VALUES_MAX) throw tooManyRecords();
      stop = i + STEP_BYTES;
      yield;
    }
    if (isString) {
      const end = Math.min(length, stop);
      while (i < end && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
      if (i >= end) continue;
      isString = false;
      i++;
      continue;
    }
    const c = bytes[i++];
    if (depth === 0 && !isBlank(c)) {
      if (isBegun || (c !== BRACE && c !== BRACKET)) throw malformed('something beside one object or array', i - 1);
      isBegun = true;
    }
    if (c === QUOTE) isString = true;
    else if (c === COMMA) {
      if (kinds[depth] === LIST) members++;
      else values++;
    } else if (c === COLON) {
      if (kinds[depth] !== OBJECT) throw malformed('a colon', i - 1);
      if (++keysOf[depth] > KEYS_IN_OBJECT_MAX)
        throw new Malformed(`The body holds an object of more than ${KEYS_IN_OBJECT_MAX} keys`);
    } else if (c === BRACE || c === BRACKET) {
      if (depth === DEPTH_MAX) throw malformed('too many levels', i - 1);
      const kind = c === BRACE ? OBJECT : kinds[depth] === OBJECT ? LIST : TUPLE;
      if (kind === LIST && !isEmpty(bytes, i)) members++;
      kinds[++depth] = kind;
      keysOf[depth] = 0;
    } else if (c === BRACE_END || c === BRACKET_END) {
      if (depth === 0 || (kinds[depth] === OBJECT) !== (c === BRACE_END))
        throw malformed('a bracket that nothing opened', i - 1);
      depth--;
    }
  }
  if (isString || depth > 0 || !isBegun || i > length) throw malformed('its end', length);
  if (values > VALUES_MAX) throw tooManyRecords();
  allowance.record(members);
}

/** Does the array end here, where it begins? */
function isEmpty(bytes: Buffer, from: number): boolean {
  let i = from;
  while (i < from + BLANKS_MAX && isBlank(bytes[i])) i++;
  return bytes[i] === BRACKET_END;
}

/** A place in JSON whose brackets have been checked, and what is there. What throws, throws Malformed. */
export class JsonScan {
  at: number;
  readonly #bytes: Buffer;
  /** Still allowed in the value that is being made. */
  #nodes = NODES_MAX;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The first byte of what comes next; NaN at the end. */
  peek(): number {
    const bytes = this.#bytes,
      end = this.at + RUN_BYTES_MAX;
    while (isBlank(bytes[this.at])) if (this.at++ === end) throw malformed('too many blanks', end);
    return this.at < bytes.length ? bytes[this.at] : NaN;
  }

  expect(c: number): void {
    if (this.peek() !== c) throw malformed(`no ${String.fromCharCode(c)}`, this.at);
    this.at++;
  }

  /** Between two members: `c` and another member, or `closing`, which stays. */
  take(c: number, closing: number): void {
    const next = this.peek();
    if (next === closing) return;
    this.expect(c);
    if (this.peek() === closing) throw malformed('nothing after a comma', this.at);
  }

  /** A member's name; '' for one that is too long to be asked for. */
  name(): string {
    this.expect(QUOTE);
    const from = this.at,
      bytes = this.#bytes;
    let isEscaped = false;
    for (; bytes[this.at] !== QUOTE; this.at++) {
      if (this.at - from > RUN_BYTES_MAX) throw malformed('a name that is too long', from);
      if (this.at >= bytes.length) throw malformed('its end', this.at);
      if (bytes[this.at] !== BACKSLASH) continue;
      isEscaped = true;
      this.at++;
    }
    const end = this.at++;
    if (end - from > NAME_BYTES_MAX) return '';
    return isEscaped ? this.#unescaped(from, end) : bytes.toString('utf8', from, end);
  }

  /** Moves past the value that comes next, whatever it holds; yields where it can be interrupted. */
  *skip(): Generator<undefined, void> {
    const bytes = this.#bytes,
      { length } = bytes;
    let depth = 0,
      isString = false,
      i = this.at;
    for (let stop = i + STEP_BYTES; ;) {
      if (i >= stop) {
        stop = i + STEP_BYTES;
        yield;
      }
      if (i >= length) throw malformed('its end', length);
      if (isString) {
        const end = Math.min(length, stop);
        while (i < end && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
        if (i >= end) continue;
        isString = false;
        i++;
        if (depth === 0) break;
        continue;
      }
      const c = bytes[i];
      if (c === QUOTE) isString = true;
      else if (c === BRACE || c === BRACKET) depth++;
      else if (c === BRACE_END || c === BRACKET_END) {
        if (depth === 0) break; // of what holds this value
        if (--depth === 0) {
          i++;
          break;
        }
      } else if (c === COMMA && depth === 0) break;
      i++;
    }
    this.at = i;
  }

  /** The value that comes next, with members of these names alone; undefined when it goes on at `end`, or holds too many others. */
  value(names: ReadonlySet<string>, end: number): unknown {
    this.#nodes = NODES_MAX;
    return this.#value(names, end);
  }

  #value(names: ReadonlySet<string>, end: number): unknown {
    if (this.#nodes-- === 0) return undefined;
    switch (this.peek()) {
      case QUOTE:
        return this.#string(end);
      case BRACE:
        return this.#object(names, end);
      case BRACKET:
        return this.#array(names, end);
      default:
        return this.#word();
    }
  }

  #object(names: ReadonlySet<string>, end: number): Record<string, unknown> | undefined {
    const found: Record<string, unknown> = {};
    for (this.at++; this.peek() !== BRACE_END; this.take(COMMA, BRACE_END)) {
      const name = this.name();
      this.expect(COLON);
      const value = this.#value(names, end);
      if (value === undefined || this.at >= end) return undefined;
      if (names.has(name)) found[name] = value;
    }
    this.at++;
    return found;
  }

  #array(names: ReadonlySet<string>, end: number): unknown[] | undefined {
    const found: unknown[] = [];
    for (this.at++; this.peek() !== BRACKET_END; this.take(COMMA, BRACKET_END)) {
      const value = this.#value(names, end);
      if (value === undefined || this.at >= end) return undefined;
      found.push(value);
    }
    this.at++;
    return found;
  }

  #string(end: number): string | undefined {
    const bytes = this.#bytes;
    const from = ++this.at;
    let i = from,
      isEscaped = false,
      high = 0;
    for (let c = bytes[i]; c !== QUOTE; c = bytes[++i]) {
      if (i >= end) return undefined;
      if (c < SPACE) throw malformed('a control character in a string', i);
      high |= c;
      if (c !== BACKSLASH) continue;
      isEscaped = true;
      i++;
    }
    this.at = i + 1;
    if (isEscaped) return this.#unescaped(from, i);
    return high < 0x80 ? bytes.toString('latin1', from, i) : bytes.toString('utf8', from, i);
  }

  #unescaped(from: number, end: number): string {
    try {
      return JSON.parse(this.#bytes.toString('utf8', from - 1, end + 1)) as string;
    } catch {
      throw malformed('a string with a broken escape', from);
    }
  }

  /** A number, or one of three words. */
  #word(): unknown {
    const bytes = this.#bytes,
      from = this.at;
    let i = from;
    while (i < from + WORD_BYTES_MAX && !endsWord(bytes[i])) i++;
    const word = bytes.toString('latin1', from, i);
    this.at = i;
    if (Object.hasOwn(WORDS, word)) return WORDS[word];
    if (!NUMBER.test(word)) throw malformed('neither a value nor a bracket', from);
    return Number(word);
  }
}
