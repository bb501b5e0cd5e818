// A few of something (large buffers, turns) for many: the bound on memory and on open files. Who waits longest gets the
// next.

export class Pool<T> {
  readonly #free: T[];
  readonly #waiting: ((one: T) => void)[] = [];

  constructor(all: readonly T[]) {
    this.#free = [...all];
  }

  async with<R>(work: (one: T) => Promise<R>): Promise<R> {
    const one =
      this.#free.length > 0 ? this.#free.pop()! : await new Promise<T>((resolve) => this.#waiting.push(resolve));
    try {
      return await work(one);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(one);
      else next(one);
    }
  }
}
