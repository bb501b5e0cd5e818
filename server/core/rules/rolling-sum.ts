// Sums over the last so many seconds, however many, in sixty steps at most: what rules that people write are measured on.

const STEPS_MAX = 60;

export class RollingSum {
  readonly seconds: number;
  readonly #step: number;
  readonly #steps: number;
  readonly #bad: Float64Array;
  readonly #total: Float64Array;
  #at = -Infinity;
  bad = 0;
  total = 0;

  constructor(seconds: number) {
    this.seconds = seconds;
    this.#step = Math.max(1, Math.ceil(seconds / STEPS_MAX));
    this.#steps = Math.ceil(seconds / this.#step);
    this.#bad = new Float64Array(this.#steps);
    this.#total = new Float64Array(this.#steps);
  }

  /** Forget what is older than the window at `second`. */
  advance(second: number): void {
    const to = Math.floor(second / this.#step);
    if (to <= this.#at) return;
    for (let step = Math.max(this.#at + 1, to - this.#steps + 1); step <= to; step++) {
      const i = step % this.#steps;
      this.bad -= this.#bad[i];
      this.total -= this.#total[i];
      this.#bad[i] = this.#total[i] = 0;
    }
    this.#at = to;
  }

  add(second: number, bad: number, total: number): void {
    this.advance(second);
    const step = Math.floor(second / this.#step);
    if (this.#at - step >= this.#steps) return;
    const i = step % this.#steps;
    this.#bad[i] += bad;
    this.#total[i] += total;
    this.bad += bad;
    this.total += total;
  }

  get share(): number {
    return this.total > 0 ? this.bad / this.total : 0;
  }

  get rate(): number {
    return this.bad / this.seconds;
  }
}
