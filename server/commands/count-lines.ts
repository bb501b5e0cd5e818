// Reads `{"ts":1412345678,"source":"x","code":502,"count":17}` at millions of lines a second: our own exports and the test
// streams all have this shape. Keys in any order; a line that looks otherwise goes through JSON.parse.
import { ASCII } from '../core/ascii.ts';

const { QUOTE, COMMA, COLON, BRACE, BRACE_END } = ASCII;

export interface CountLine {
  /** s. */
  ts: number;
  source: string;
  code: number;
  count: number;
}

/** Times past this are ms: the year 5138 in s, 1973 in ms. */
const MS_FROM = 1e11;

export class CountLines {
  readonly line: CountLine = { ts: 0, source: '', code: 0, count: 0 };
  // the last source's text: streams repeat it line after line
  readonly #names = new Map<string, string>();

  /** Fills `line` from [start, end); false when it is no count. */
  read(bytes: Uint8Array, text: string, start: number, end: number): boolean {
    return this.#fast(bytes, text, start, end) || this.#slow(bytes, start, end);
  }

  #fast(bytes: Uint8Array, text: string, start: number, end: number): boolean {
    if (bytes[start] !== BRACE) return false;
    let at = start + 1,
      seen = 0;
    while (at < end) {
      if (bytes[at] !== QUOTE) return false;
      const initial = bytes[at + 1],
        second = bytes[at + 2];
      const close = text.indexOf('":', at + 1);
      if (close === -1 || close >= end || bytes[close + 1] !== COLON) return false;
      const length = close - at - 1;
      at = close + 2;
      if (length === 6 && initial === 0x73) {
        // source
        if (bytes[at] !== QUOTE) return false;
        const to = text.indexOf('"', at + 1);
        if (to === -1 || to >= end) return false;
        const name = text.slice(at + 1, to);
        const known = this.#names.get(name);
        if (known === undefined) return false; // first seen: let JSON.parse see to escapes and UTF-8
        this.line.source = known;
        at = to + 1;
        seen |= 1;
      } else {
        let n = 0;
        const from = at;
        while (bytes[at] >= 48 && bytes[at] <= 57) n = n * 10 + bytes[at++] - 48;
        if (at === from) return false;
        if (length === 2 && initial === 0x74) {
          this.line.ts = n;
          seen |= 2;
        } else if (length === 4 && initial === 0x63 && second === 0x6f) {
          this.line.code = n;
          seen |= 4;
        } else if (length === 5 && initial === 0x63 && second === 0x6f) {
          this.line.count = n;
          seen |= 8;
        } else return false;
      }
      if (bytes[at] === BRACE_END) break;
      if (bytes[at] !== COMMA) return false;
      at++;
    }
    return seen === 15 && this.#done();
  }

  #slow(bytes: Uint8Array, start: number, end: number): boolean {
    let value: Partial<Record<string, unknown>> | null;
    try {
      value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString());
    } catch {
      return false;
    }
    if (typeof value !== 'object' || value === null) return false;
    const { ts, source = 'default', code, count = 1 } = value;
    if (typeof ts !== 'number' || typeof source !== 'string' || typeof code !== 'number' || typeof count !== 'number')
      return false;
    if (!Number.isInteger(code) || !Number.isInteger(count)) return false;
    // only a name whose bytes are its text may be found again by them
    if (/^[\x20-\x7e]*$/.test(source) && !/["\\]/.test(source) && this.#names.size < 10_000)
      this.#names.set(source, source);
    Object.assign(this.line, { ts, source, code, count });
    return this.#done();
  }

  #done(): boolean {
    const { line } = this;
    if (line.ts >= MS_FROM) line.ts /= 1000;
    return line.ts > 0 && line.code <= 999 && line.count >= 0 && line.code >= 0;
  }
}

/** Widths that buckets of counts have, s. */
const WIDTHS = [300, 60, 30, 15, 10, 5, 2, 1];

/** The widest of the usual widths that divides all times; 1 when there are too few to say. */
export function widthOf(times: ReadonlySet<number>): number {
  if (times.size < 3) return 1;
  return WIDTHS.find((width) => [...times].every((ts) => ts % width === 0)) ?? 1;
}
