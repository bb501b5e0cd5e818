// Counts by a row of 32-bit keys, for what has more than two: PairCounter's open addressing and dense entries, with rows of any
// width. The row to look for is written into `row`, so that counting allocates nothing.

/** Small: ten thousand batches of a line each may wait for a commit. */
const SLOTS_MIN = 64;

export class RowCounter {
  /** Entries in use: 0 … size - 1. */
  size = 0;
  /** What `entry` and `find` look for. */
  readonly row: Uint32Array;
  /** Entry e has keys[e·width] … keys[e·width + width - 1]. */
  keys: Uint32Array;
  /** Exact up to 2^53. */
  counts = new Float64Array(SLOTS_MIN / 2);
  readonly #width: number;
  /** Entry index + 1, or 0; the first #mask + 1 are in use, at most half of them taken. */
  #slots = new Int32Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;

  constructor(width: number) {
    this.#width = width;
    this.row = new Uint32Array(width);
    this.keys = new Uint32Array((width * SLOTS_MIN) / 2);
  }

  /** Index of the entry of `row`, made if it is new. */
  entry(): number {
    const slot = this.#slotOf(this.row, 0);
    const e = this.#slots[slot] - 1;
    return e === -1 ? this.#add(slot) : e;
  }

  /** Index of the entry of `row`; -1 when there is none. */
  find(): number {
    return this.#slots[this.#slotOf(this.row, 0)] - 1;
  }

  add(count: number): void {
    // The entry comes first: making it may replace the array.
    const e = this.entry();
    this.counts[e] += count;
  }

  /** Column `i` of an entry. */
  key(entry: number, i: number): number {
    return this.keys[entry * this.#width + i];
  }

  /** Begins small again, in the memory it has. */
  clear(): void {
    this.size = 0;
    this.#slots.fill(0, 0, this.#mask + 1);
    this.#mask = SLOTS_MIN - 1;
  }

  get byteLength(): number {
    return this.#slots.length * 4 + this.keys.length * 4 + this.counts.length * 8;
  }

  /** The slot of the row that begins at words[at], or the free one where it belongs. */
  #slotOf(words: Uint32Array, at: number): number {
    const width = this.#width,
      slots = this.#slots,
      keys = this.keys;
    let h = 0;
    for (let i = 0; i < width; i++) {
      h = Math.imul(h ^ words[at + i], 0x9e3779b1);
      h ^= h >>> 15;
    }
    for (let slot = h & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const e = slots[slot] - 1;
      if (e === -1) return slot;
      let i = 0;
      while (i < width && keys[e * width + i] === words[at + i]) i++;
      if (i === width) return slot;
    }
  }

  #add(slot: number): number {
    const e = this.size++;
    if (e * 2 > this.#mask) {
      this.#grow(e);
      slot = this.#slotOf(this.row, 0);
    }
    this.#slots[slot] = e + 1;
    this.keys.set(this.row, e * this.#width);
    this.counts[e] = 0;
    return e;
  }

  #grow(entries: number): void {
    const slots = (this.#mask + 1) * 4;
    if (slots > this.#slots.length) this.#allocate(slots);
    else this.#slots.fill(0, 0, this.#mask + 1);
    this.#mask = slots - 1;
    for (let e = 0; e < entries; e++) this.#slots[this.#slotOf(this.keys, e * this.#width)] = e + 1;
  }

  #allocate(slots: number): void {
    const { keys, counts } = this;
    this.keys = new Uint32Array((slots / 2) * this.#width);
    this.keys.set(keys);
    this.counts = new Float64Array(slots / 2);
    this.counts.set(counts);
    this.#slots = new Int32Array(slots);
  }
}
