// Work on bodies is done in slices, so that a large or costly one cannot keep other requests, commits and the dashboard waiting.
// There is one slice for the whole process: when its time is up, whoever has more to do queues, and the event loop goes round
// once between one slice and the next.

/** The longest that work on bodies keeps the event loop, but for one step: 256 records, or some 100 KiB. */
const SLICE_MS = 10;

export class Turns {
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #since = 0;
  #isOpen = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
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

  /** For loops that await anyway: undefined while the slice lasts, otherwise when it is one's turn again. */
  due(): Promise<void> | undefined {
    return this.#isOver() ? this.#wait() : undefined;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #later(step: () => boolean): Promise<void> {
    for (;;) {
      await this.#wait();
      do if (step()) return;
      while (!this.#isOver());
    }
  }

  #isOver(): boolean {
    if (this.#isOpen) return this.#now() - this.#since >= SLICE_MS;
    this.#isOpen = true;
    this.#since = this.#now();
    setImmediate(this.#next);
    return false;
  }

  /** A new slice: for whoever waits longest, or for the first to come. */
  readonly #next = (): void => {
    const first = this.#waiting.shift();
    this.#isOpen = first !== undefined;
    if (first === undefined) return;
    this.#since = this.#now();
    setImmediate(this.#next);
    first();
  };
}

/** The one of this process: there is one event loop to share. */
export const turns = new Turns();
