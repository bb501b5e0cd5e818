// Which codes made a rule fire: those seen within its window, most first.

export class CodesSeen {
  readonly #window: number;
  readonly #codes = new Map<number, { count: number; last: number }>();

  /** s */
  constructor(window: number) {
    this.#window = window;
  }

  add(second: number, code: number, count: number): void {
    const seen = this.#codes.get(code);
    if (!seen || second - seen.last > this.#window) this.#codes.set(code, { count, last: second });
    else {
      seen.count += count;
      seen.last = Math.max(seen.last, second);
    }
  }

  list(now: number): number[] {
    return [...this.#codes]
      .filter(([, { last }]) => now - last <= this.#window)
      .sort((a, b) => b[1].count - a[1].count)
      .slice(0, 20)
      .map(([code]) => code);
  }
}
