// Admission before work. Whoever would be answered later than a sender waits is refused on the headers alone and told when to come
// again; the others wait with their bodies unread until there is room in the queue for the processor. Those who hold no work for
// it, because their bodies come slowly or not at all, take no room. How fast work is done is measured while there is more of it
// than can be done at once.

/** A request as far as admission is concerned. */
export interface Load {
  /** Decoded bytes that are expected. */
  readonly bytes: number;
  /** How much of them has come, 0 to 1. */
  received(): number;
  /** It may be worked on now. */
  begin(): void;
}

export interface AdmissionOptions {
  /** ms. */
  now(): number;
  /** Pieces of work that wait for the processor. */
  queued(): number;
}

/** All that has been admitted may take so long when a batch of lines is let in, and so long when it is one line. */
const BACKLOG_MS_MAX = 1000,
  BACKLOG_MS_MAX_SMALL = 2400;
/** Of it, what is in front of a request. */
const WAIT_MS_MAX = 1400;
/** Enough for the processor to have work until more is fetched, and few enough for each to get on. */
const QUEUED_MAX = 8;
/** What a request costs beside its bytes, as bytes. */
const OVERHEAD_BYTES = 16 * 1024;
/** A request goes in front of those that came so much earlier and have this many bytes, or more: a line does not wait for batches. */
const YIELD_MS = 1000,
  BATCH_BYTES = 64 * 1024;
/** Bytes a second, until there is a measure. */
const RATE_FIRST = 32 * 1024 * 1024,
  RATE_MIN = 1024 * 1024;
/** Some bodies are worked on as they come, others when they are whole: so much counts as done once it has come, the rest with the answer. */
const DONE_ON_RECEIPT = 0.5;
/** How far what is owed looks ahead. */
const SOON_MS = 2000;
/** The measure is of about the last so many ms. */
const RATE_MS = 500;
export const ADMISSION_TICK_MS = 50;

interface Entry {
  readonly load: Load;
  readonly bytes: number;
  /** The lower, the sooner it begins. */
  readonly order: number;
  /** Of its bytes, what has been counted as done. */
  done: number;
  /** Of what is left, what is expected to come before those who enter now are answered. */
  owed: number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #begun = new Set<Entry>();
  /** By `order`. */
  readonly #waiting: Entry[] = [];
  #waitingBytes = 0;
  #owedBytes = 0;
  #doneBytes = 0;
  #rate = RATE_FIRST;
  #tickedAt: number;
  /** Something has been waiting since the last tick. */
  #isBusy = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#tickedAt = options.now();
  }

  /** Requests under way: while there are any, `tick` is to be called every ADMISSION_TICK_MS. */
  get size(): number {
    return this.#begun.size + this.#waiting.length;
  }

  /** Those that wait: while there are any, `fill` is to be called once a round of the event loop. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * False for a load that would be answered too late. Otherwise what to call when it has been answered, or is gone; its `begin` is
   * called when it may be worked on, at once if there is room.
   */
  enter(load: Load): false | (() => void) {
    const { now, queued } = this.#options;
    const bytes = load.bytes + OVERHEAD_BYTES;
    const size = Math.min(1, load.bytes / BATCH_BYTES),
      order = now() + size * YIELD_MS;
    const entry: Entry = { load, bytes, order, done: 0, owed: bytes };
    if (this.#waiting.length === 0 && queued() < QUEUED_MAX) this.#begin(entry);
    else {
      let place = this.#waiting.length,
        before = this.#waitingBytes;
      while (place > 0 && this.#waiting[place - 1].order > order) before -= this.#waiting[--place].bytes;
      const backlogMsMax = BACKLOG_MS_MAX_SMALL + size * (BACKLOG_MS_MAX - BACKLOG_MS_MAX_SMALL);
      // Those who have begun take turns: none of them has more done than this one until it is through.
      const beside = Math.min(this.#owedBytes, this.#begun.size * bytes);
      if (this.#ms(before + beside) > WAIT_MS_MAX || this.#ms(this.#waitingBytes + this.#owedBytes) > backlogMsMax)
        return false;
      this.#waiting.splice(place, 0, entry);
      this.#waitingBytes += bytes;
    }
    return () => this.#leave(entry);
  }

  /** Begins what there is room for. */
  fill(): void {
    for (let room = QUEUED_MAX - this.#options.queued(); room > 0 && this.#waiting.length > 0; room--) {
      const entry = this.#waiting.shift()!;
      this.#waitingBytes -= entry.bytes;
      this.#begin(entry);
    }
    this.#isBusy &&= this.#waiting.length > 0;
  }

  tick(): void {
    const now = this.#options.now(),
      ms = Math.max(1, now - this.#tickedAt);
    for (const entry of this.#begun) {
      const received = entry.load.received(),
        done = entry.bytes * received * DONE_ON_RECEIPT;
      // As fast as until now: a body that trickles in keeps nobody waiting, whatever its length is said to be.
      const soon = received === 1 ? Infinity : ((done - entry.done) / ms) * SOON_MS;
      this.#progress(entry, done, Math.min(entry.bytes - done, soon));
    }
    if (this.#isBusy) {
      const share = Math.min(1, ms / RATE_MS);
      this.#rate = Math.max(RATE_MIN, this.#rate + share * ((this.#doneBytes / ms) * 1000 - this.#rate));
    }
    this.#doneBytes = 0;
    this.#tickedAt = now;
    this.#isBusy = this.#waiting.length > 0;
  }

  /** What it takes to do so much. */
  #ms(bytes: number): number {
    return (bytes / this.#rate) * 1000;
  }

  #progress(entry: Entry, done: number, owed: number): void {
    this.#doneBytes += done - entry.done;
    this.#owedBytes += owed - entry.owed;
    entry.done = done;
    entry.owed = owed;
  }

  #begin(entry: Entry): void {
    this.#owedBytes += entry.owed;
    this.#begun.add(entry);
    entry.load.begin();
  }

  #leave(entry: Entry): void {
    if (this.#begun.delete(entry)) return this.#progress(entry, entry.bytes, 0);
    const place = this.#waiting.indexOf(entry);
    if (place === -1) return;
    this.#waiting.splice(place, 1);
    this.#waitingBytes -= entry.bytes;
  }
}
