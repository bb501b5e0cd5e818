// Maps for what the outside names: at most so many entries, the one unused for longest goes first.

export class Bounded<V> {
  readonly #entries = new Map<string, V>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  /** The entry, made if there is none; it is now the youngest. */
  of(key: string, make: () => V): V {
    const old = this.#entries.get(key);
    const value = old ?? make();
    this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    if (!this.#entries.delete(key) && this.#entries.size >= this.#max)
      this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  [Symbol.iterator](): IterableIterator<[string, V]> {
    return this.#entries[Symbol.iterator]();
  }
}

/** The largest `n` by a measure. */
export const largest = <T>(items: Iterable<T>, n: number, of: (item: T) => number): T[] =>
  [...items].sort((a, b) => of(b) - of(a)).slice(0, n);
