// Which column of a line of no known shape is the status. What is labelled so is; else what stands next to the request, in front of it or
// behind; else the only number on the line that is a status code. Where two numbers could be meant, none is.
import { codes } from '#shared/codes/index.ts';
import { digits, isDash, isDigit, startsWith } from '../bytes/scanner.ts';
import { ASCII } from '../bytes/ascii.ts';
import type { LineColumns } from './line-columns.ts';

const { APOSTROPHE, COLON, COMMA, EQUALS, QUOTE, SPACE } = ASCII;

/** Codes that somebody sends. */
const KNOWN = new Uint8Array(1000);
for (const { code } of codes) KNOWN[code] = 1;

export const isKnownCode = (code: number): boolean => code >= 0 && KNOWN[code] === 1;

/** What a status is called where somebody calls it anything. */
const LABEL = /^(?:(?:http|sc|resp|response|return|res)[ _-]?)?(?:status|code)(?:[ _-]?code)?$|^(?:http|st|response)$/i;
const LABEL_BYTES_MAX = 24;

export class LineStatus {
  /** The column that it is in. */
  column = -1;
  code = -1;
  /** It is called so. */
  isLabelled = false;
  readonly #columns: LineColumns;
  #bytes: Buffer = Buffer.alloc(0);
  #count = 0;
  /** A sign separates the columns: a word is one. */
  #isRuled = false;

  constructor(columns: LineColumns) {
    this.#columns = columns;
  }

  /** Looks for it; the request stands before the column `request`. False when there is none, or no telling which. */
  find(b: Buffer, request: number, isRuled: boolean): boolean {
    this.#bytes = b;
    this.#isRuled = isRuled;
    this.#count = this.#columns.count;
    const labelled = this.#labelled();
    this.isLabelled = labelled !== -1;
    if (this.isLabelled) return labelled !== AMBIGUOUS;
    const behind = this.#behind(request),
      before = this.#before(request);
    if (behind !== -1 || before !== -1) {
      const at = behind === -1 ? before : behind;
      if (before !== -1 && behind !== -1 && this.#codeAt(before) !== this.#codeAt(behind)) return false;
      return this.#take(at, this.#codeAt(at));
    }
    return this.#only(request);
  }

  #take(column: number, code: number): boolean {
    this.column = column;
    this.code = code;
    return true;
  }

  /** Three digits from 100 to 599; -1 for anything else. */
  #codeAt(i: number): number {
    const from = this.#columns.starts[i];
    return codeIn(this.#bytes, from, this.#columns.ends[i]);
  }

  /** `status 502`, `"status" 502`, `status: 502`, `status=502`: the column, -1, or AMBIGUOUS. */
  #labelled(): number {
    const b = this.#bytes,
      { starts, ends } = this.#columns;
    let found = -1;
    for (let i = 0; i < this.#count; i++) {
      let code = -1;
      let sign = starts[i];
      while (sign < ends[i] && sign < starts[i] + LABEL_BYTES_MAX && b[sign] !== COLON && b[sign] !== EQUALS) sign++;
      if (sign < ends[i] && (b[sign] === COLON || b[sign] === EQUALS)) {
        if (isLabel(b, starts[i], sign)) code = valueAfter(b, sign + 1, ends[i]);
        if (code === -1 && sign === ends[i] - 1 && i + 1 < this.#count && isLabel(b, starts[i], sign))
          code = this.#codeAt(i + 1);
      } else if (i + 1 < this.#count && isLabel(b, starts[i], ends[i])) code = this.#codeAt(i + 1);
      if (code === -1) continue;
      if (found !== -1 && this.code !== code) return AMBIGUOUS;
      found = i;
      this.#take(this.#codeAt(i + 1) === code ? i + 1 : i, code);
    }
    return found;
  }

  /** The first number behind the request, past columns that are none. */
  #behind(request: number): number {
    for (let i = request; i < this.#count; i++) {
      if (this.#isNumber(i)) return this.#isStatusBehind(request, i) ? i : -1;
      if (!this.#isNeutral(i)) return -1;
    }
    return -1;
  }

  #isStatusBehind(request: number, i: number): boolean {
    return this.#isCandidate(i) && !this.#isSizeOfNone(request, i);
  }

  /** `- 304 "-"`: a status that is not there, and a size; `- 304 12`: a column that is empty, and a status. */
  #isSizeOfNone(request: number, i: number): boolean {
    if (i !== request + 1 || !this.#isDashAt(request)) return false;
    return (
      i + 1 >= this.#count || this.#columns.signs[i + 1] !== 0 || !(this.#isNumber(i + 1) || this.#isDashAt(i + 1))
    );
  }

  /** The number right in front of the request, or in front of its scheme. */
  #before(request: number): number {
    const b = this.#bytes,
      { starts, ends } = this.#columns;
    let i = request - 1;
    if (i > 0 && startsWith(b, starts[i], ends[i], 'http') && ends[i] - starts[i] < 6) i--;
    return i >= 0 && this.#isCandidate(i) ? i : -1;
  }

  /** The only known code on the line; else the number right behind the request, whatever it is. */
  #only(request: number): boolean {
    let found = -1;
    for (let i = 0; i < this.#count; i++) {
      if (i >= request && this.#isBrowser(i)) break;
      if (!this.#isCandidate(i) || this.#isSizeOfNone(request, i)) continue;
      if (found !== -1 && this.#codeAt(i) !== this.#codeAt(found)) return false;
      if (found === -1) found = i;
    }
    if (found === -1 && request < this.#count && this.#codeAt(request) !== -1) found = request;
    return found !== -1 && this.#take(found, this.#codeAt(found));
  }

  /** A known code that nothing else is called. */
  #isCandidate(i: number): boolean {
    const code = this.#codeAt(i);
    return code !== -1 && KNOWN[code] === 1 && !this.#isNamed(i);
  }

  /** `port 443`, `us: 502`, `"u status" 504`, the rest of a list. */
  #isNamed(i: number): boolean {
    if (i === 0) return false;
    const b = this.#bytes,
      { starts, ends, signs } = this.#columns;
    const from = starts[i - 1],
      to = ends[i - 1];
    const last = b[to - 1];
    if (b[ends[i]] === COMMA && !this.#isRuled) return true;
    if (to === from) return false;
    if (last === COLON || last === EQUALS || (b[to] === COMMA && !this.#isRuled)) return true;
    if (signs[i - 1] === QUOTE) return /status/i.test(b.toString('latin1', from, to));
    return !this.#isRuled && isPlainWord(b, from, to) && !startsWith(b, from, to, 'http');
  }

  #isNumber(i: number): boolean {
    return digits(this.#bytes, this.#columns.starts[i], this.#columns.ends[i]) !== -1;
  }

  #isDashAt(i: number): boolean {
    return isDash(this.#bytes, this.#columns.starts[i], this.#columns.ends[i]);
  }

  /** Says nothing about whether a number behind it is the status. */
  #isNeutral(i: number): boolean {
    const { starts, ends, signs } = this.#columns;
    return (
      signs[i] === QUOTE ||
      signs[i] === APOSTROPHE ||
      (!this.#isBrowser(i) && (this.#isRuled || !isPlainWord(this.#bytes, starts[i], ends[i])))
    );
  }

  /** `Mozilla/5.0 (X11; …) …`, which nobody quoted: any number may stand in it. */
  #isBrowser(i: number): boolean {
    const { starts, ends, signs } = this.#columns;
    return (
      signs[i] === 0 &&
      !this.#isRuled &&
      startsWith(this.#bytes, starts[i], ends[i], 'Mozilla/') &&
      ends[i] - starts[i] < 14
    );
  }
}

const AMBIGUOUS = -2;

function codeIn(b: Uint8Array, from: number, to: number): number {
  if (to - from > 3 && b[to - 1] === QUOTE) to--; // of a quote that holds the request and the status
  return to - from === 3 && b[from] >= 0x31 && b[from] <= 0x35 ? digits(b, from, to) : -1;
}

function valueAfter(b: Uint8Array, at: number, end: number): number {
  while (at < end && (b[at] === SPACE || b[at] === QUOTE)) at++;
  let stop = at;
  while (stop < end && isDigit(b[stop])) stop++;
  return stop === end || b[stop] === QUOTE || b[stop] === SPACE ? codeIn(b, at, stop) : -1;
}

const isLabel = (b: Buffer, from: number, to: number): boolean =>
  to > from && to - from <= LABEL_BYTES_MAX && LABEL.test(b.toString('latin1', from, to));

/** Two small letters and more, and nothing else. */
export function isPlainWord(b: Uint8Array, from: number, to: number): boolean {
  let stop = from;
  while (stop < to && ((b[stop] >= 0x61 && b[stop] <= 0x7a) || (stop === from && b[stop] >= 0x41 && b[stop] <= 0x5a)))
    stop++;
  return stop === to && to - from > 1;
}
