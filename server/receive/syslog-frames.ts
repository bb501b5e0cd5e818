// Cuts a TCP syslog stream into messages. Two framings are in use, and some relays mix them in one connection: the length in
// digits before each message (octet counting, RFC 6587), and a newline or a NUL after it. Some loggers do neither: their messages
// end where the next begins, and the last when nothing follows it.
import { ASCII } from '../core/ascii.ts';
import { RECORDS_PER_STEP } from './cutter.ts';
import { beginsMessage, hasPriority } from './syslog-header.ts';

const { NUL, LF, CR, SPACE, LESS } = ASCII;

/** Longer messages are dropped and counted; the same bound as for every other line. */
const MESSAGE_BYTES_MAX = 64 * 1024;
/** `65536 <`: more digits are no length. */
const DIGITS_MAX = 6;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

const NOTHING: Buffer = Buffer.alloc(0);

export interface SyslogSink {
  /** The bytes are good until this returns. */
  message(bytes: Buffer, start: number, end: number): void;
  tooLong(beginning: Buffer): void;
  /** The connection ended inside a message. */
  cutOff(beginning: Buffer): void;
}

export class SyslogFrames {
  readonly #sink: SyslogSink;
  /**
   * How the sender ends its messages: `marked` as the two framings do, or not at all. A header within a message is a quotation in the one
   * case and the next message in the other, so it stays unknown until something proves it.
   */
  #ends: 'unknown' | 'marked' | 'unmarked' = 'unknown';
  #hasSeenPriority = false;
  /** What is left of the bytes before: the first #held of #store. */
  #store: Buffer = NOTHING;
  #held = 0;
  /** What is being cut, and from where on. */
  #bytes: Buffer = NOTHING;
  #at = 0;
  /** Bytes of an over-long counted message still to come. */
  #skip = 0;
  /** Inside an over-long message: its end is still to come. */
  #dropping = false;
  /** The next ones in #bytes at or after the place last looked from: -1 before any look, Infinity when there are none. */
  #newline = -1;
  #nul = -1;
  #header = -1;
  /** No line's end comes before this in #bytes, and no header before that: what was held has been looked at. */
  #noEndBefore = 0;
  #noHeaderBefore = 0;

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
    if (this.#held > 0) {
      this.#noEndBefore = this.#held;
      this.#hold(bytes);
      bytes = this.#store.subarray(0, this.#held);
    } else this.#noEndBefore = this.#noHeaderBefore = 0;
    this.#bytes = bytes;
    this.#at = 0;
    this.#newline = this.#nul = this.#header = -1;
  }

  /** Appends to what is held; the store grows by doubling, so that a message in many pieces is copied a few times only. */
  #hold(bytes: Buffer): void {
    const length = this.#held + bytes.length;
    if (length > this.#store.length) {
      const grown = Buffer.allocUnsafe(Math.max(1024, 2 * length));
      this.#store.copy(grown, 0, 0, this.#held);
      this.#store = grown;
    }
    bytes.copy(this.#store, this.#held);
    this.#held = length;
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
    // Copied: the socket's buffer may be reused. When it is the store itself, the rest moves to its beginning.
    if (at > 0 || this.#held === 0) {
      this.#held = 0;
      this.#hold(bytes.subarray(at));
      this.#noHeaderBefore = Math.max(0, this.#noHeaderBefore - at);
    }
    this.#header = -1;
    if (this.#held === 0) this.#store = NOTHING;
    this.#bytes = NOTHING;
    this.#at = 0;
    return true;
  }

  /**
   * Nothing has come for a while: what is left is whole, if the sender is one that marks no end. Not to be called while bytes wait to be
   * given or cut.
   */
  silence(): void {
    const bytes = this.#store.subarray(0, this.#held);
    if (bytes.length === 0 || this.#dropping || this.#ends === 'marked' || countOf(bytes, 0) !== undefined) return;
    let at = 0;
    for (let next = this.#headerAfter(bytes, at); next !== Infinity; next = this.#headerAfter(bytes, at)) {
      this.#ends = 'unmarked';
      this.#message(bytes, at, next);
      at = next;
    }
    // Text without a header, from a sender not known: a line that goes on.
    if (this.#ends === 'unknown' && !hasPriority(bytes, 0)) return;
    this.#message(bytes, at, bytes.length);
    this.#drop();
  }

  /** No more comes: what is left is a last message without its newline; or, when the connection broke, a piece of one. */
  end(isBroken = false): void {
    const rest = this.#store.subarray(0, this.#held);
    this.#drop();
    if (rest.length === 0 || this.#dropping) return;
    if (isBroken || countOf(rest, 0) !== undefined) this.#sink.cutOff(rest);
    else this.#message(rest, 0, rest.length);
  }

  #drop(): void {
    this.#store = NOTHING;
    this.#held = 0;
    this.#header = -1;
    this.#noHeaderBefore = 0;
  }

  /** Where the next message begins, or -1 when this one is not whole yet. */
  #next(bytes: Buffer, at: number): number {
    if (this.#dropping) return this.#dropped(bytes, at);
    if (isFiller(bytes[at])) return at + 1;
    const count = countOf(bytes, at);
    if (count === 'undecided') return -1;
    if (count === undefined) return this.#uncounted(bytes, at);
    if (this.#ends === 'unknown') this.#ends = 'marked';
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

  /** Past an over-long message, as far as has come. */
  #dropped(bytes: Buffer, at: number): number {
    const begins = this.#ends === 'unmarked' ? beginsMessage(bytes, at) : false;
    if (begins === undefined) return -1;
    const end = begins ? { next: at } : this.#endOf(bytes, at);
    this.#dropping = end === undefined;
    return end?.next ?? this.#undecided(bytes);
  }

  /** Of a message that goes on: where bytes are left that may begin the next. */
  #undecided(bytes: Buffer): number {
    return this.#ends === 'unmarked' ? this.#noHeaderBefore : bytes.length;
  }

  #uncounted(bytes: Buffer, at: number): number {
    let end = this.#endOf(bytes, at);
    if ((end?.end ?? bytes.length) - at > MESSAGE_BYTES_MAX) {
      // No sender writes messages so long with another's header in them.
      if (this.#ends === 'unknown' && this.#headerAfter(bytes, at) < (end?.end ?? Infinity)) {
        this.#ends = 'unmarked';
        end = this.#endOf(bytes, at);
      }
      if ((end?.end ?? bytes.length) - at > MESSAGE_BYTES_MAX) {
        this.#sink.tooLong(bytes.subarray(at, at + 200));
        this.#dropping = end === undefined;
        return end?.next ?? this.#undecided(bytes);
      }
    }
    if (end === undefined) return -1;
    if (this.#ends === 'unknown') this.#weigh(bytes, at, end.next);
    this.#message(bytes, at, end.end);
    return end.next;
  }

  /** Where the message at `at` ends: at a newline, at the NUL that some senders put there, or where the next begins. */
  #endOf(bytes: Buffer, at: number): { end: number; next: number } | undefined {
    const from = Math.max(at, this.#noEndBefore);
    if (this.#newline < at) this.#newline = indexOf(bytes, LF, from);
    if (this.#nul < at) this.#nul = indexOf(bytes, NUL, from);
    const mark = Math.min(this.#newline, this.#nul);
    const header = this.#ends === 'unmarked' ? this.#headerAfter(bytes, at) : Infinity;
    if (header < mark) return { end: header, next: header };
    return mark === Infinity ? undefined : { end: mark, next: mark + 1 };
  }

  /** The next header after the one that may be at `at`, if it is there as a whole. */
  #headerAfter(bytes: Buffer, at: number): number {
    if (this.#header > at) return this.#header;
    for (let i = Math.max(at + 1, this.#noHeaderBefore); ; i++) {
      i = indexOf(bytes, LESS, i);
      if (i === Infinity) this.#noHeaderBefore = bytes.length;
      else {
        const begins = beginsMessage(bytes, i);
        if (begins === false) continue;
        this.#noHeaderBefore = i;
        if (begins === undefined) return (this.#header = Infinity);
      }
      return (this.#header = i);
    }
  }

  /** A newline ended this message. It was its end, unless what follows is no message: then a text of several lines was sent. */
  #weigh(bytes: Buffer, at: number, next: number): void {
    const isMessage = hasPriority(bytes, at);
    this.#hasSeenPriority ||= isMessage;
    const isFollowed = next >= bytes.length || bytes[next] === LESS || isDigit(bytes[next]) || isFiller(bytes[next]);
    if (isMessage ? isFollowed : !this.#hasSeenPriority) this.#ends = 'marked';
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
