// The newest seconds of a source one by one, to tell a second's hiccup from ten bad seconds.
import { SLOT } from './window-counter.ts';

const SECONDS = 32;

export class LastSeconds {
  readonly #second = new Float64Array(SECONDS).fill(-1);
  readonly #bad = new Float64Array(SECONDS);
  readonly #all = new Float64Array(SECONDS);

  count(second: number, bad: number, all: number): void {
    const i = second % SECONDS;
    if (this.#second[i] !== second) {
      if (this.#second[i] > second) return;
      this.#second[i] = second;
      this.#bad[i] = this.#all[i] = 0;
    }
    this.#bad[i] += bad;
    this.#all[i] += all;
  }

  /** So many failures turned out to be another's. */
  withdraw(second: number, count: number): void {
    const i = second % SECONDS;
    if (this.#second[i] !== second) return;
    this.#bad[i] = Math.max(0, this.#bad[i] - count);
    this.#all[i] = Math.max(0, this.#all[i] - count);
  }

  /**
   * How long the present run of bad seconds (a tenth of requests failing, or more) has lasted at `now`, s; at most about half a
   * minute. Silence after a bad second does not end it: only a better second would. `last`: the newest second with data;
   * `resolution`: what a count stands for, s.
   */
  badSpan(now: number, last: number, resolution: number): number {
    let from = Infinity,
      to = -Infinity;
    for (let i = 0; i < SECONDS; i++) {
      const second = this.#second[i];
      if (second < last - SECONDS || this.#bad[i] * 10 < this.#all[i] || this.#bad[i] === 0) continue;
      if (second < from) from = second;
      if (second > to) to = second;
    }
    if (to === last) to = Math.max(to, Math.min(now - resolution, to + SECONDS));
    return to < from ? 0 : to - from + resolution;
  }

  /** [second, failures, requests] */
  toArray(last: number): [number, number, number][] {
    return Array.from(this.#second, (second, i): [number, number, number] => [
      second,
      this.#bad[i],
      this.#all[i],
    ]).filter(([second]) => second >= last - SECONDS);
  }

  restore(kept: readonly (readonly [number, number, number])[], last: number): void {
    // of whole slots the counts told
    for (let i = 0; i < SECONDS; i++) if (this.#second[i] - (this.#second[i] % SLOT) <= last) this.#second[i] = -1;
    for (const [second, bad, all] of kept) this.count(second, bad, all);
  }
}
