// Work on bodies is done in slices, so that a large or costly one cannot keep other requests, commits and the dashboard waiting.
// There is one slice for the whole process in each round of the event loop. Whoever has more to do queues for a turn in the next:
// the more wait, the shorter a turn is, so that a cheap body is not held up by as many slices as there are costly ones.

/** The longest that work on bodies keeps the event loop, but for one step: 256 records, or some 100 KiB. */
const SLICE_MS = 10;
const TURN_MS_MIN = 1;
/** The longest that work is put off for those who only need the loop to go round. */
const HURRY_MS_MAX = 32;

export class Turns {
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #isOpen = false;
  #sliceEnd = 0;
  #turnEnd = 0;
  #isHurried = false;
  #isPutOff = false;
  /** When a slice was given to work last. */
  #workedAt = -Infinity;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Pieces of work that did not fit into the current slice. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Connections are being accepted instead: what can wait for some ms does. */
  get isPutOff(): boolean {
    return this.#isPutOff;
  }

  /**
   * A connection was accepted, and there may be more: the system's loop takes one a round, so four hundred would wait for four
   * hundred slices. Work is put off while that goes on, but not for long.
   */
  hurry(): void {
    this.#isHurried = true;
  }

  /**
   * Calls `step` until it returns true. Returns undefined if that fitted into the current slice, otherwise a promise of the end.
   * What a step throws is thrown, or rejects the promise.
   */
  run(step: () => boolean): Promise<void> | undefined {
    // Those who wait were here first.
    if (this.#waiting.length > 0 || this.#isOver()) return this.#later(step);
    while (!step()) if (this.#isOver()) return this.#later(step);
    return undefined;
  }

  /** Runs a generator to its end; it yields where it can be interrupted. */
  runAll(work: Iterator<unknown>): Promise<void> | undefined {
    return this.run(() => work.next().done === true);
  }

  /** For loops that await anyway: undefined while the turn lasts, otherwise when the next one comes. */
  due(): Promise<void> | undefined {
    if (!this.#isOver()) return undefined;
    const mine = this.#turn();
    this.#handOver();
    return mine;
  }

  async #later(step: () => boolean): Promise<void> {
    let turn: Promise<void> | undefined = this.#turn();
    try {
      for (; ; turn = this.due()) {
        if (turn !== undefined) await turn;
        if (step()) return;
      }
    } finally {
      this.#handOver();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #isOver(): boolean {
    if (!this.#isOpen) this.#open();
    return this.#now() >= this.#turnEnd;
  }

  #open(): void {
    const now = this.#now();
    this.#isPutOff = this.#isHurried && now - this.#workedAt < HURRY_MS_MAX;
    this.#isOpen = true;
    this.#isHurried = false;
    this.#turnEnd = this.#sliceEnd = this.#isPutOff ? now : now + SLICE_MS;
    if (!this.#isPutOff) this.#workedAt = now;
    setImmediate(this.#nextSlice);
  }

  readonly #nextSlice = (): void => {
    this.#isOpen = this.#isPutOff = false;
    if (this.#waiting.length === 0) return;
    this.#open();
    this.#handOver();
  };

  /** The rest of the slice goes to whoever waits longest. */
  #handOver(): void {
    const now = this.#now();
    if (now >= this.#sliceEnd) return;
    const next = this.#waiting.shift();
    this.#turnEnd = Math.min(this.#sliceEnd, now + Math.max(TURN_MS_MIN, SLICE_MS / (this.#waiting.length + 1)));
    if (next === undefined) this.#turnEnd = this.#sliceEnd;
    else next();
  }
}

/** The one of this process: there is one event loop to share. */
export const turns = new Turns();
