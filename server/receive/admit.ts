// Admission of HTTP requests: what of a request says how much work it will be, and how it gets on.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { count } from '#shared/numbers.ts';
import { errors, type Failure } from '../errors.ts';
import type { Ongoing } from '../troubles.ts';
import { Admission, ADMISSION_TICK_MS, type Load } from './admission.ts';
import { Drains } from './drains.ts';
import { turns } from './turns.ts';

/** How much logs grow when they are decoded. */
const GROWTH: Readonly<Record<string, number>> = { gzip: 8, 'x-gzip': 8, deflate: 8, zlib: 8, zstd: 10, snappy: 4 };
/** What senders cut their batches at, where a request does not say its length. */
const UNKNOWN_BYTES = 512 * 1024;
/** s, from the first to the last in turns: those who are refused together shall not come again together. */
const RETRY_AFTER = [1, 2, 3];

/** Refusals that come sooner than this after one another are one trouble. */
const TROUBLE_MS = 60_000;

export class Admitter {
  readonly #now: () => number;
  readonly #admission = new Admission({ now: () => performance.now(), queued: () => turns.waiting });
  readonly #drains = new Drains();
  /** Since the trouble at hand began. */
  #refused = 0;
  #firstAt = -Infinity;
  #lastAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isFilling = false;

  /** `now`: ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What people are told while requests are refused. */
  get trouble(): Ongoing | undefined {
    if (this.#now() - this.#lastAt >= TROUBLE_MS) return undefined;
    return {
      what: 'overload',
      since: this.#firstAt,
      text: `More lines are being sent than this server can count: ${count(this.#refused)} ${this.#refused === 1 ? 'request was' : 'requests were'} refused.`,
      hint: 'Senders were told to send again in some seconds. If it goes on, send less at once or give the server a faster processor.',
      refusing: false,
    };
  }

  /**
   * Calls `begin` when the body may be worked on, if that is now before it returns. Or gives an error, errors.overloaded: then the
   * body is read and dropped, so that its sender gets to read the response.
   */
  admit(request: IncomingMessage, response: ServerResponse, begin: () => void): Failure | undefined {
    let hasBegun = false,
      isPaused = false;
    const leave = this.#admission.enter({
      ...loadOf(request),
      begin() {
        hasBegun = true;
        if (isPaused) request.socket.resume();
        begin();
      },
    });
    if (leave === false) {
      this.#drains.add(request);
      return this.#refusal();
    }
    response.once('close', leave);
    this.#timer ??= setInterval(() => this.#tick(), ADMISSION_TICK_MS).unref();
    if (hasBegun) return undefined;
    isPaused = true;
    request.socket.pause();
    this.#fillSoon();
    return undefined;
  }

  #refusal(): Failure {
    if (this.trouble === undefined) {
      this.#refused = 0;
      this.#firstAt = this.#now();
    }
    this.#lastAt = this.#now();
    return errors.overloaded(
      'More is being sent than can be counted.',
      RETRY_AFTER[this.#refused++ % RETRY_AFTER.length],
    );
  }

  #tick(): void {
    this.#admission.tick();
    if (this.#admission.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #fillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    setImmediate(() => {
      this.#isFilling = false;
      if (!turns.isPutOff) this.#admission.fill();
      if (this.#admission.waiting > 0) this.#fillSoon();
    });
  }
}

function loadOf(request: IncomingMessage): Omit<Load, 'begin'> {
  const { headers, socket } = request;
  const length = Number(headers['content-length'] ?? NaN);
  const from = socket.bytesRead;
  return {
    bytes: (length >= 0 ? length : UNKNOWN_BYTES) * (GROWTH[headers['content-encoding'] ?? ''] ?? 1),
    received: () => (request.complete ? 1 : length > 0 ? Math.min(1, (socket.bytesRead - from) / length) : 0),
  };
}
