// One HTTP exchange while it is being read: numbers, and byte ranges instead of strings. A reader fills the same Hit for
// every line of a chunk, so a line allocates nothing; a string is made once per distinct value (core/count/values.ts) or when an
// error needs its evidence (core/exchange.ts).
import type { Proxy } from '#shared/exchange.ts';

/** The text fields of a hit. The order is their index. */
export const FIELDS = [
  'method',
  'path',
  'host',
  'upstream',
  'upstreamStatus',
  'client',
  'userAgent',
  'source',
  // evidence, kept as the proxy wrote it ("-" included); read only when the exchange failed
  'connectTime',
  'headerTime',
  'responseTime',
  'upstreamBytes',
  'termination',
  'timers',
  'flags',
  'details',
  'result',
  'retries',
  'limit',
  // the route when the sender names it (http.route); otherwise it is derived from the path
  'route',
  'upstreamLength',
] as const;
export type Field = (typeof FIELDS)[number];

export const METHOD = 0,
  PATH = 1,
  HOST = 2,
  UPSTREAM = 3,
  UPSTREAM_STATUS = 4,
  CLIENT = 5,
  USER_AGENT = 6,
  SOURCE = 7,
  CONNECT_TIME = 8,
  HEADER_TIME = 9,
  RESPONSE_TIME = 10,
  UPSTREAM_BYTES = 11,
  TERMINATION = 12,
  TIMERS = 13,
  FLAGS = 14,
  DETAILS = 15,
  RESULT = 16,
  RETRIES = 17,
  LIMIT = 18,
  ROUTE = 19,
  UPSTREAM_LENGTH = 20;

/** Ranges at or past this offset lie in the hit's own scratch (unescaped text, text that came as a string). */
const SCRATCH = 2 ** 30;
/** One line's fields together cannot be longer than the longest line taken (64 KiB) doubled by latin1 → UTF-8. */
const SCRATCH_BYTES = 256 * 1024;

/** No status code was read. */
export const NO_CODE = -1;

export class Hit {
  /** The chunk that the ranges point into; `reset` sets it. */
  bytes: Buffer = Buffer.alloc(0);
  /** Event time, ms since the epoch; NaN when the line has none. */
  ts = NaN;
  /** 0–999, or NO_CODE. */
  code = NO_CODE;
  /** NaN when unknown. */
  durationMs = NaN;
  /** Response bytes; NaN when unknown. */
  size = NaN;
  /** How many exchanges this stands for: 1, but for `counts` lines and metrics. */
  count = 1;
  /** ms per unit of connectTime, headerTime, responseTime. */
  timeUnitMs = 1000;
  proxy: Proxy = 'unknown';

  /** A bit per field that is there: forgetting them all is one store. */
  #present = 0;
  /** Where each field starts and ends, side by side. */
  readonly #ranges = new Int32Array(FIELDS.length * 2);
  /** Begins with the dash of setDash. */
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES, '-');
  #scratchEnd = 1;

  /** Forget the last exchange; its chunk is now `bytes`. */
  reset(bytes: Buffer): void {
    // Line after line it is the same: a store of what is young costs more than the comparison.
    if (bytes !== this.bytes) this.bytes = bytes;
    this.ts = this.durationMs = this.size = NaN;
    this.code = NO_CODE;
    this.count = 1;
    this.timeUnitMs = 1000;
    this.#present = 0;
    this.#scratchEnd = 1;
  }

  /** The field is bytes[start, end) of the chunk. */
  set(field: number, start: number, end: number): void {
    const ranges = this.#ranges;
    this.#present |= 1 << field;
    ranges[field * 2] = start;
    ranges[field * 2 + 1] = end;
  }

  /** The field is this text (for senders that give strings, and for unescaped values). Over-long text is cut. */
  setText(field: number, text: string): void {
    const at = this.#scratchEnd;
    const n = this.#scratch.write(text, at, 'utf8');
    this.#scratchEnd = at + n;
    this.set(field, SCRATCH + at, SCRATCH + at + n);
  }

  /** The field is "-": the proxy says that it never came to it. */
  setDash(field: number): void {
    this.set(field, SCRATCH, SCRATCH + 1);
  }

  clear(field: number): void {
    this.#present &= ~(1 << field);
  }

  has(field: number): boolean {
    return (this.#present & (1 << field)) !== 0;
  }

  /** Is one of these there? `bitsOf` makes a set of fields. */
  hasAny(fields: number): boolean {
    return (this.#present & fields) !== 0;
  }

  /** The buffer, and below the range in it, that hold a field which `has()` said is there. */
  bufferOf(field: number): Buffer {
    return this.#ranges[field * 2] >= SCRATCH ? this.#scratch : this.bytes;
  }

  startOf(field: number): number {
    return this.#ranges[field * 2] & (SCRATCH - 1);
  }

  endOf(field: number): number {
    return this.#ranges[field * 2 + 1] & (SCRATCH - 1);
  }

  /** Makes a string: not for the hot path. */
  text(field: number): string | undefined {
    if (!this.has(field)) return undefined;
    return this.bufferOf(field).toString('utf8', this.startOf(field), this.endOf(field));
  }
}

/** Fields as a set, for `hasAny`. */
export const bitsOf = (...fields: number[]): number => fields.reduce((bits, field) => bits | (1 << field), 0);
