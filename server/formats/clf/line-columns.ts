// The columns of a line of no known shape: what stands between blanks, or between the bars, tabs, commas or semicolons that its writer
// chose, with quotes and brackets taken off.
import { ASCII } from '../bytes/ascii.ts';

const {
  APOSTROPHE,
  BACKSLASH,
  BRACE,
  BRACE_END,
  BRACKET,
  BRACKET_END,
  COMMA,
  PAREN,
  PAREN_END,
  QUOTE,
  SEMICOLON,
  SPACE,
  TAB,
} = ASCII;

/** More columns than any access log has. */
const COLUMNS_MAX = 128;

/** Of each sign that opens, the one that closes; 0 of all others. */
const CLOSING = new Uint8Array(256);
CLOSING[QUOTE] = QUOTE;
CLOSING[APOSTROPHE] = APOSTROPHE;
CLOSING[BRACKET] = BRACKET_END;
CLOSING[PAREN] = PAREN_END;
CLOSING[BRACE] = BRACE_END;

export class LineColumns {
  count = 0;
  /** Without the signs around. */
  readonly starts = new Int32Array(COLUMNS_MAX);
  readonly ends = new Int32Array(COLUMNS_MAX);
  /** The sign that opened the column; 0 when none did. */
  readonly signs = new Uint8Array(COLUMNS_MAX);
  /** Signs that do not close on this line: looked for once. */
  readonly #open = new Uint8Array(256);

  clear(): void {
    this.count = 0;
  }

  /** Adds those of [from, to); `gap` separates them, 0: blanks. */
  add(b: Uint8Array, from: number, to: number, gap: number): void {
    this.#open.fill(0);
    if (gap === 0) this.#addWords(b, from, to);
    else this.#addBetween(b, from, to, gap);
  }

  #addWords(b: Uint8Array, from: number, to: number): void {
    let at = from;
    for (;;) {
      while (at < to && (b[at] <= SPACE || b[at] === COMMA || b[at] === SEMICOLON)) at++;
      if (at >= to) return;
      const close = CLOSING[b[at]] === 0 ? -1 : this.#close(b, at, to);
      if (close !== -1) {
        this.#put(b, at + 1, close, b[at]);
        at = close + 1;
        continue;
      }
      const start = at;
      while (at < to && b[at] > SPACE) {
        // `Upstream(10.0.0.1:80 0.145 321)`
        const inside = b[at] === PAREN ? this.#close(b, at, to) : -1;
        at = inside === -1 ? at + 1 : inside + 1;
      }
      this.#put(b, start, at, 0);
    }
  }

  /** Where the sign at `at` closes, or -1. */
  #close(b: Uint8Array, at: number, to: number): number {
    const sign = CLOSING[b[at]];
    if (this.#open[sign] === 1) return -1;
    for (let i = at + 1; i < to; i++) {
      if (b[i] === BACKSLASH) i++;
      else if (b[i] === sign) return i;
    }
    this.#open[sign] = 1;
    return -1;
  }

  #addBetween(b: Uint8Array, from: number, to: number, gap: number): void {
    for (let at = from; at < to; at++) {
      let start = at;
      while (start < to && (b[start] === SPACE || b[start] === TAB) && b[start] !== gap) start++;
      const close = b[start] === QUOTE ? this.#close(b, start, to) : -1;
      let stop = close === -1 ? start : close;
      while (stop < to && b[stop] !== gap) stop++;
      at = stop;
      while (stop > start && b[stop - 1] <= SPACE) stop--;
      const sign = b[start];
      if (stop - start > 1 && CLOSING[sign] !== 0 && b[stop - 1] === CLOSING[sign])
        this.#put(b, start + 1, stop - 1, sign);
      else this.#put(b, start, stop, 0);
    }
  }

  #put(b: Uint8Array, start: number, end: number, sign: number): void {
    if (this.count === COLUMNS_MAX) return;
    while (start < end && b[start] <= SPACE) start++;
    while (end > start && b[end - 1] <= SPACE) end--;
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.signs[this.count++] = sign;
  }
}
