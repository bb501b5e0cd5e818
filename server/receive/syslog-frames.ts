// Cuts a TCP syslog stream into messages. Two framings are in use, and some relays mix them in one connection: the length in
// digits before each message (octet counting, RFC 6587), and a newline after it.
import { RECORDS_PER_STEP } from './cutter.ts';

/** Longer messages are dropped and counted; the same bound as for every other line. */
const MESSAGE_BYTES_MAX = 64 * 1024;
/** `65536 <`: more digits are no length. */
const DIGITS_MAX = 6;
const NUL = 0x00,
  LF = 0x0a,
  CR = 0x0d,
  SPACE = 0x20,
  LESS = 0x3c;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

const NOTHING: Buffer = Buffer.alloc(0);

export interface SyslogSink {
  /** The bytes are good until this returns. */
  message(bytes: Buffer, start: number, end: number): void;
  tooLong(beginning: Buffer): void;
  /** The connection ended inside a counted message. */
  cutOff(beginning: Buffer): void;
}

export class SyslogFrames {
  readonly #sink: SyslogSink;
  #rest: Buffer = NOTHING;
  /** What is being cut, and from where on. */
  #bytes: Buffer = NOTHING;
  #at = 0;
  /** Bytes of an over-long counted message still to come. */
  #skip = 0;
  /** Inside an over-long line: its newline is still to come. */
  #dropping = false;
  /** The next ones in #bytes at or after the place last looked from: -1 before any look, Infinity when there are none. */
  #newline = -1;
  #nul = -1;

  constructor(sink: SyslogSink) {
    this.#sink = sink;
  }

  /** Cuts all of it at once. */
  write(received: Buffer): void {
    this.give(received);
    while (!this.step());
  }

  /** The next bytes, to be cut in steps; they must stay as they are until a step has returned true. */
  give(received: Buffer): void {
    let bytes = received;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
    }
    this.#bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    this.#at = 0;
    this.#newline = this.#nul = -1;
  }

  /** True when no whole message is left in what was given. */
  step(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let n = 0; at < bytes.length; n++) {
      if (n === RECORDS_PER_STEP) {
        this.#at = at;
        return false;
      }
      const next = this.#next(bytes, at);
      if (next === -1) break;
      at = next;
    }
    // Copied: the socket's buffer may be reused.
    this.#rest = at >= bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
    this.#bytes = NOTHING;
    this.#at = 0;
    return true;
  }

  /** The connection was closed in order: what is left is a last message without its newline. */
  end(): void {
    const rest = this.#rest;
    this.#rest = NOTHING;
    if (rest.length === 0 || this.#dropping) return;
    if (countOf(rest, 0) !== undefined) this.#sink.cutOff(rest);
    else this.#message(rest, 0, rest.length);
  }

  /** Where the next message begins, or -1 when this one is not whole yet. */
  #next(bytes: Buffer, at: number): number {
    if (this.#dropping) {
      const newline = this.#endOf(bytes, at);
      this.#dropping = newline === -1;
      return newline === -1 ? bytes.length : newline + 1;
    }
    if (isFiller(bytes[at])) return at + 1;
    const count = countOf(bytes, at);
    if (count === 'undecided') return -1;
    if (count === undefined) return this.#line(bytes, at);
    const end = count.start + count.length;
    if (count.length > MESSAGE_BYTES_MAX) {
      this.#sink.tooLong(bytes.subarray(count.start, count.start + 200));
      this.#skip = Math.max(0, end - bytes.length);
      return Math.min(end, bytes.length);
    }
    if (end > bytes.length) return -1;
    this.#message(bytes, count.start, end);
    return end;
  }

  /** A newline ends a message, or the NUL that some senders put there. */
  #endOf(bytes: Buffer, at: number): number {
    if (this.#newline < at) this.#newline = indexOf(bytes, LF, at);
    if (this.#nul < at) this.#nul = indexOf(bytes, NUL, at);
    const end = Math.min(this.#newline, this.#nul);
    return end === Infinity ? -1 : end;
  }

  #line(bytes: Buffer, at: number): number {
    const newline = this.#endOf(bytes, at);
    const end = newline === -1 ? bytes.length : newline;
    if (end - at > MESSAGE_BYTES_MAX) {
      this.#sink.tooLong(bytes.subarray(at, at + 200));
      this.#dropping = newline === -1;
      return newline === -1 ? bytes.length : newline + 1;
    }
    if (newline === -1) return -1;
    this.#message(bytes, at, newline);
    return newline + 1;
  }

  #message(bytes: Buffer, start: number, end: number): void {
    while (end > start && isFiller(bytes[end - 1])) end--;
    if (end > start) this.#sink.message(bytes, start, end);
  }
}

const indexOf = (bytes: Buffer, byte: number, from: number): number => {
  const found = bytes.indexOf(byte, from);
  return found === -1 ? Infinity : found;
};

/** Between messages, and after the last byte of one: line ends, and the NUL that rsyslog and others put there. */
const isFiller = (c: number): boolean => c === LF || c === CR || c === NUL;

/** `161 <29>1 …`: a length only if a `<` follows; `200 GET /` or an address are the beginning of a line. */
function countOf(bytes: Buffer, at: number): { start: number; length: number } | 'undecided' | undefined {
  let i = at;
  let length = 0;
  for (; i < bytes.length && i - at < DIGITS_MAX && isDigit(bytes[i]); i++) length = length * 10 + bytes[i] - 0x30;
  if (i === at || length === 0) return undefined;
  if (i === bytes.length) return 'undecided';
  if (bytes[i] !== SPACE) return undefined;
  if (i + 1 === bytes.length) return 'undecided';
  return bytes[i + 1] === LESS ? { start: i + 1, length } : undefined;
}
