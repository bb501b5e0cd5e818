// The values that one dimension of one source is counted under: the heavy hitters by name, everyone else as `other`.
// Space-Saving with its newcomers held at the door: a value that finds the table full must first out-vote its neighbours
// in a small sketch and then the weakest resident, and only so many may move in at a time. So a flood of distinct
// values costs neither memory nor rows, and cannot push out what matters.

/** A bucket of the sketch remembers one candidate, by majority vote. */
const SKETCH = 256;
/** Counts are halved after this many hits per resident, so that yesterday's heavy hitter gives way. */
const HITS_PER_HALVING = 512;
/** So many hits, or a newer minute, let in another few. */
const HITS_PER_ALLOWANCE = 65_536;

export class ValueTable {
  size = 0;
  /** What each resident is counted under. */
  readonly ids: Uint32Array;
  readonly #weights: Uint32Array;
  readonly #h1: Int32Array;
  readonly #h2: Int32Array;
  readonly #capacity: number;
  /** Entry index + 1, or 0. */
  readonly #slots: Uint16Array;
  readonly #mask: number;
  readonly #seats: number;
  #sketch: { h1: Int32Array; h2: Int32Array; votes: Int32Array } | undefined;
  #hits = 0;
  #halveAt: number;
  #allowance: number;
  #allowanceAt = HITS_PER_ALLOWANCE;
  #minute = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.ids = new Uint32Array(capacity);
    this.#weights = new Uint32Array(capacity);
    this.#h1 = new Int32Array(capacity);
    this.#h2 = new Int32Array(capacity);
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.#slots = new Uint16Array(slots);
    this.#mask = slots - 1;
    this.#seats = this.#allowance = Math.max(4, capacity >> 4);
    this.#halveAt = capacity * HITS_PER_HALVING;
  }

  get full(): boolean {
    return this.size === this.#capacity;
  }

  /** Resident with this fingerprint, counted as seen; -1 if it is none. */
  find(h1: number, h2: number): number {
    const slots = this.#slots;
    let s = h1 & this.#mask;
    for (let e = slots[s]; e !== 0; e = slots[s]) {
      if (this.#h1[e - 1] === h1 && this.#h2[e - 1] === h2) {
        this.touch(e - 1);
        return e - 1;
      }
      s = (s + 1) & this.#mask;
    }
    return -1;
  }

  touch(entry: number): void {
    this.#weights[entry]++;
    if (++this.#hits >= this.#halveAt) this.#halve();
  }

  /** Takes a value in while there is room. */
  admit(h1: number, h2: number, id: number): number {
    const e = this.size++;
    this.#place(e, h1, h2, id, 1);
    return e;
  }

  /** With the table full: a vote for this newcomer at event minute `minute`. True when it has earned a seat: call `replace`. */
  vote(h1: number, h2: number, minute: number): boolean {
    this.#hits++;
    if (minute > this.#minute || this.#hits >= this.#allowanceAt) {
      this.#minute = Math.max(minute, this.#minute);
      this.#allowanceAt = this.#hits + HITS_PER_ALLOWANCE;
      this.#allowance = this.#seats;
    }
    const sketch = (this.#sketch ??= { h1: new Int32Array(SKETCH), h2: new Int32Array(SKETCH), votes: new Int32Array(SKETCH) });
    const k = h2 & (SKETCH - 1);
    if (sketch.votes[k] > 0 && (sketch.h1[k] !== h1 || sketch.h2[k] !== h2)) {
      sketch.votes[k]--;
      return false;
    }
    sketch.h1[k] = h1;
    sketch.h2[k] = h2;
    const votes = ++sketch.votes[k];
    if (votes < 2 || this.#allowance === 0 || votes <= this.#weights[this.#weakest()]) return false;
    this.#allowance--;
    sketch.votes[k] = 0;
    return true;
  }

  /** The weakest resident gives its seat to this newcomer. */
  replace(h1: number, h2: number, id: number): number {
    const e = this.#weakest();
    const weight = this.#weights[e] + 1;
    this.#h1[e] = h1;
    this.#h2[e] = h2;
    this.ids[e] = id;
    this.#weights[e] = weight;
    this.#slots.fill(0);
    for (let i = 0; i < this.size; i++) this.#index(i);
    return e;
  }

  #place(e: number, h1: number, h2: number, id: number, weight: number): void {
    this.#h1[e] = h1;
    this.#h2[e] = h2;
    this.ids[e] = id;
    this.#weights[e] = weight;
    this.#index(e);
  }

  #index(e: number): void {
    let s = this.#h1[e] & this.#mask;
    while (this.#slots[s] !== 0) s = (s + 1) & this.#mask;
    this.#slots[s] = e + 1;
  }

  #weakest(): number {
    let at = 0;
    for (let e = 1; e < this.size; e++) if (this.#weights[e] < this.#weights[at]) at = e;
    return at;
  }

  #halve(): void {
    for (let e = 0; e < this.size; e++) this.#weights[e] >>>= 1;
    this.#hits = 0;
    this.#allowanceAt = Math.max(0, this.#allowanceAt - this.#halveAt);
  }
}
