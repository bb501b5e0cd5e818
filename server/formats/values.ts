// What one line said under the keys that anybody asks for: ids and byte ranges, no strings. The JSON, LTSV and logfmt
// scanners fill it, the dialects (dialect.ts) read it.

export const PLAIN = 1, ESCAPED = 2, BARE = 3, CONTAINER = 4;

/** More known keys than this on one line are a mistake or an attack; the rest is not looked at. */
const VALUES_MAX = 256;

export class Values {
  count = 0;
  /** Goes up with every line, so that a scanner knows whether these are still its own. */
  line = 0;
  readonly ids = new Int32Array(VALUES_MAX);
  readonly starts = new Int32Array(VALUES_MAX);
  readonly ends = new Int32Array(VALUES_MAX);
  /** PLAIN text; ESCAPED text with backslashes in it; BARE (a number, true, null, `-`, nothing); CONTAINER (an object or array, whole). */
  readonly kinds = new Uint8Array(VALUES_MAX);

  begin(): void {
    this.count = 0;
    this.line++;
  }

  add(id: number, start: number, end: number, kind: number): void {
    const n = this.count;
    if (n === VALUES_MAX) return;
    this.ids[n] = id;
    this.starts[n] = start;
    this.ends[n] = end;
    this.kinds[n] = kind;
    this.count = n + 1;
  }

  /** The index of the first value under this key, or -1. */
  indexOf(id: number): number {
    for (let i = 0; i < this.count; i++) if (this.ids[i] === id) return i;
    return -1;
  }
}
