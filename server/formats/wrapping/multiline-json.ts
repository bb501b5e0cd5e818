// JSON objects spread over lines, as people export them and as test data comes: `{`, then its members, then `}`. A record is read
// where it ends. Only a line that is an opening bracket and nothing else begins one, so that a line cut short swallows no others.
import type { Chunk } from '../format.ts';
import { opensWrapper, WRAPPER_BYTES_MAX } from './record-list.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END, COLON, COMMA, QUOTE, SPACE } = ASCII;

/** As long as a line may be. */
const RECORD_BYTES_MAX = 64 * 1024;
/** A number, true, false or null on a line of its own. */
const SCALAR_BYTES_MAX = 40;

export class MultilineJson {
  #bytes: Buffer | undefined;
  #length = 0;
  #depth = 0;

  get isOpen(): boolean {
    return this.#depth > 0;
  }

  /** Does the line [start, end) begin a record that goes on below? */
  begins(chunk: Chunk, start: number, end: number): boolean {
    const { bytes } = chunk;
    return bytes[start] === BRACE
      ? end - start === 1
      : bytes[start] === BRACKET && end - start === 2 && bytes[start + 1] === BRACE;
  }

  /** Can the line go on with what is open? If not, what was open was none, and is forgotten. */
  goesOn(chunk: Chunk, start: number, end: number): boolean {
    const { bytes } = chunk;
    const c = bytes[start],
      before = this.#bytes![this.#length - 1];
    if (c === QUOTE || c === BRACE_END || c === BRACKET_END) return true;
    let isMember = true;
    if (c === BRACE || c === BRACKET) isMember = before === BRACKET || before === COMMA || before === COLON;
    else for (let i = start; i < end; i++) if (bytes[i] <= SPACE || end - start > SCALAR_BYTES_MAX) isMember = false;
    if (!isMember) this.#depth = 0;
    return isMember;
  }

  /** Takes a line in; the whole record as a chunk when it is complete. */
  take(chunk: Chunk, start: number, end: number): Chunk | undefined {
    const { bytes } = chunk;
    const into = (this.#bytes ??= Buffer.alloc(RECORD_BYTES_MAX));
    if (this.#depth === 0) {
      this.#length = 0;
      if (bytes[start] === BRACKET) start++;
    }
    if (this.#length + (end - start) + 1 > into.length) {
      this.#depth = 0; // too long for a record
      return undefined;
    }
    if (this.#length > 0) into[this.#length++] = SPACE;
    for (let i = start; i < end; i++) {
      const c = bytes[i];
      into[this.#length++] = c;
      if (c === QUOTE) {
        for (i++; i < end; i++) {
          into[this.#length++] = bytes[i];
          if (bytes[i] === BACKSLASH && i + 1 < end) into[this.#length++] = bytes[++i];
          else if (bytes[i] === QUOTE) break;
        }
      } else if (c === BRACE || c === BRACKET) this.#depth++;
      else if ((c === BRACE_END || c === BRACKET_END) && --this.#depth === 0) return this.#whole(into);
    }
    // what holds a list of records is none
    if (
      this.#depth === 2 &&
      into[this.#length - 1] === BRACKET &&
      this.#length <= WRAPPER_BYTES_MAX &&
      opensWrapper(into.toString('latin1', 0, this.#length - 1))
    )
      this.#depth = 0;
    return undefined;
  }

  #whole(into: Buffer): Chunk {
    let length = this.#length;
    while (length > 0 && (into[length - 1] === COMMA || into[length - 1] <= SPACE)) length--;
    return { bytes: into, text: into.toString('latin1', 0, length) };
  }
}
