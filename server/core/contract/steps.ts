// Sums over steps of event time, the last so many of them: for what changed from before to now.

export class Steps<K extends string> {
  readonly #sums = new Map<number, Record<K, number>>();
  readonly #keys: readonly K[];
  readonly #stepMs: number;
  readonly #max: number;

  constructor(stepMs: number, max: number, keys: readonly K[]) {
    this.#stepMs = stepMs;
    this.#max = max;
    this.#keys = keys;
  }

  /** The sums of the step that `at` lies in, to add to; undefined when it is older than what is kept. */
  at(at: number): Record<K, number> | undefined {
    const start = at - (at % this.#stepMs);
    let sums = this.#sums.get(start);
    if (sums) return sums;
    if (this.#sums.size >= this.#max) {
      const oldest = Math.min(...this.#sums.keys());
      if (start < oldest) return undefined;
      this.#sums.delete(oldest);
    }
    sums = Object.fromEntries(this.#keys.map((key) => [key, 0])) as Record<K, number>;
    this.#sums.set(start, sums);
    return sums;
  }

  /** Oldest first. */
  all(): (Record<K, number> & { at: number })[] {
    return [...this.#sums].sort((a, b) => a[0] - b[0]).map(([at, sums]) => ({ ...sums, at }));
  }
}

export function total<K extends string>(steps: readonly Record<K, number>[], key: K): number {
  return steps.reduce((sum, step) => sum + step[key], 0);
}
