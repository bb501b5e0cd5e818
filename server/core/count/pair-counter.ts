// Counts by a pair of 32-bit keys: the table under every delta. Open addressing over typed arrays, entries kept dense in
// order of first sight, so that counting allocates nothing and merging, encoding and clearing walk only what is there.

/** Small: ten thousand batches of a line each may wait for a commit. */
const SLOTS_MIN = 64;

export class PairCounter {
  /** Entries in use: 0 … size - 1. */
  size = 0;
  /** The pairs, side by side so that both come with one cache line: a at 2·e, b at 2·e + 1. */
  keys = new Uint32Array(SLOTS_MIN);
  /** Doubles, because a `counts` line may add millions: exact up to 2^53. */
  counts = new Float64Array(SLOTS_MIN / 2);
  /** Entry index + 1, or 0; the first #mask + 1 are in use, at most half of them taken. */
  #slots = new Int32Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;

  /** Index of the entry of (a, b), made if it is new. */
  entry(a: number, b: number): number {
    const slots = this.#slots,
      keys = this.keys,
      mask = this.#mask;
    let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    h = (h ^ (h >>> 15)) & mask;
    for (;;) {
      const e = slots[h] - 1;
      if (e === -1) return this.#add(a, b, h);
      if (keys[e * 2] === a && keys[e * 2 + 1] === b) return e;
      h = (h + 1) & mask;
    }
  }

  a(entry: number): number {
    return this.keys[entry * 2];
  }

  b(entry: number): number {
    return this.keys[entry * 2 + 1];
  }

  add(a: number, b: number, count: number): void {
    // The entry comes first: making it may replace the array.
    const e = this.entry(a, b);
    this.counts[e] += count;
  }

  /** Begins small again, in the memory it has: slots far apart would each cost a cache line. */
  clear(): void {
    this.size = 0;
    this.#slots.fill(0, 0, this.#mask + 1);
    this.#mask = SLOTS_MIN - 1;
  }

  get byteLength(): number {
    return this.#slots.length * 4 + this.counts.length * 16;
  }

  #add(a: number, b: number, slot: number): number {
    const e = this.size++;
    if (e * 2 > this.#mask) {
      this.#grow(e);
      slot = this.#free(a, b);
    }
    this.#slots[slot] = e + 1;
    this.keys[e * 2] = a;
    this.keys[e * 2 + 1] = b;
    this.counts[e] = 0;
    return e;
  }

  #free(a: number, b: number): number {
    let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    h = (h ^ (h >>> 15)) & this.#mask;
    while (this.#slots[h] !== 0) h = (h + 1) & this.#mask;
    return h;
  }

  #grow(entries: number): void {
    const slots = (this.#mask + 1) * 4;
    if (slots > this.#slots.length) this.#allocate(slots);
    else this.#slots.fill(0, 0, this.#mask + 1);
    this.#mask = slots - 1;
    const { keys } = this;
    for (let e = 0; e < entries; e++) this.#slots[this.#free(keys[e * 2], keys[e * 2 + 1])] = e + 1;
  }

  #allocate(slots: number): void {
    const { keys, counts } = this;
    this.keys = new Uint32Array(slots);
    this.keys.set(keys);
    this.counts = new Float64Array(slots / 2);
    this.counts.set(counts);
    this.#slots = new Int32Array(slots);
  }
}
