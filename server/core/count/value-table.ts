// The values that one dimension of one source is counted under: the heavy hitters by name, everyone else as `other`.
// Space-Saving with its newcomers held at the door: a value that finds the table full must first out-vote its neighbours
// in a small sketch and then the weakest resident, and only so many may move in at a time. So a flood of distinct
// values costs neither memory nor rows, and cannot push out what matters.

/** A resident's words, side by side so that they come with one cache line. */
const ID = 0,
  WEIGHT = 1,
  H1 = 2,
  H2 = 3,
  WORDS = 4;
/** A bucket of the sketch remembers one candidate, by majority vote. */
const SKETCH = 256;
/** Counts are halved after this many hits per resident, so that yesterday's heavy hitter gives way. */
const HITS_PER_HALVING = 512;
/** With this share of the hits, a resident keeps its seat when others are put out. */
const HEAVY_SHARE = 0.01;
/** So many residents, those with the most hits, have durations of their own; who they are is looked at again after so many hits. */
const MEASURED = 50;
const HITS_PER_ELECTION = { first: 1024, later: 16_384 };
/** So many hits, or a newer minute, let in another few. */
const HITS_PER_ALLOWANCE = 65_536;

export class ValueTable {
  size = 0;
  readonly #words: Int32Array;
  readonly #capacity: number;
  /** Entry index + 1, or 0. */
  readonly #slots: Uint16Array;
  readonly #mask: number;
  readonly #seats: number;
  #sketch: { h1: Int32Array; h2: Int32Array; votes: Int32Array } | undefined;
  #hits = 0;
  #halveAt: number;
  /** 1: its durations are kept. */
  readonly #measured: Uint8Array;
  #electAt = HITS_PER_ELECTION.first;
  /** Of halving and election, the next. */
  #dueAt: number;
  #allowance: number;
  #allowanceAt = HITS_PER_ALLOWANCE;
  #minute = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity * WORDS);
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.#slots = new Uint16Array(slots);
    this.#mask = slots - 1;
    this.#seats = this.#allowance = Math.max(4, capacity >> 4);
    this.#halveAt = capacity * HITS_PER_HALVING;
    this.#dueAt = Math.min(this.#halveAt, this.#electAt);
    this.#measured = new Uint8Array(capacity);
  }

  get full(): boolean {
    return this.size === this.#capacity;
  }

  /** Resident with this fingerprint, counted as seen; -1 if it is none. */
  find(h1: number, h2: number): number {
    const slots = this.#slots,
      words = this.#words;
    let s = h1 & this.#mask;
    for (let e = slots[s] - 1; e !== -1; e = slots[s] - 1) {
      if (words[e * WORDS + H1] === h1 && words[e * WORDS + H2] === h2) {
        this.touch(e);
        return e;
      }
      s = (s + 1) & this.#mask;
    }
    return -1;
  }

  /** What a resident is counted under. */
  id(entry: number): number {
    return this.#words[entry * WORDS + ID] >>> 0;
  }

  /** Is this resident among those that have most hits? */
  isMeasured(entry: number): boolean {
    return this.#measured[entry] === 1;
  }

  touch(entry: number): void {
    this.#words[entry * WORDS + WEIGHT]++;
    if (++this.#hits >= this.#dueAt) this.#due();
  }

  /** Takes a value in while there is room. */
  admit(h1: number, h2: number, id: number): number {
    const e = this.size++;
    this.#write(e, h1, h2, id, 1);
    this.#index(e);
    this.#measured[e] = e < MEASURED ? 1 : 0;
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
    const sketch = (this.#sketch ??= {
      h1: new Int32Array(SKETCH),
      h2: new Int32Array(SKETCH),
      votes: new Int32Array(SKETCH),
    });
    const k = h2 & (SKETCH - 1);
    if (sketch.votes[k] > 0 && (sketch.h1[k] !== h1 || sketch.h2[k] !== h2)) {
      sketch.votes[k]--;
      return false;
    }
    sketch.h1[k] = h1;
    sketch.h2[k] = h2;
    const votes = ++sketch.votes[k];
    if (votes < 2 || this.#allowance === 0 || votes <= this.#words[this.#weakest() * WORDS + WEIGHT]) return false;
    this.#allowance--;
    sketch.votes[k] = 0;
    return true;
  }

  /** The weakest resident gives its seat to this newcomer. */
  replace(h1: number, h2: number, id: number): number {
    const e = this.#weakest();
    this.#write(e, h1, h2, id, this.#words[e * WORDS + WEIGHT] + 1);
    this.#slots.fill(0);
    for (let i = 0; i < this.size; i++) this.#index(i);
    return e;
  }

  /** Puts out everyone with a small share of the hits. */
  keepHeavy(): void {
    const words = this.#words;
    let total = 0,
      kept = 0;
    for (let e = 0; e < this.size; e++) total += words[e * WORDS + WEIGHT];
    for (let e = 0; e < this.size; e++) {
      const at = e * WORDS;
      if (words[at + WEIGHT] >= total * HEAVY_SHARE)
        this.#write(kept++, words[at + H1], words[at + H2], words[at + ID], words[at + WEIGHT]);
    }
    words.fill(0, kept * WORDS);
    this.size = kept;
    this.#slots.fill(0);
    for (let e = 0; e < kept; e++) this.#index(e);
    this.#elect();
  }

  #write(e: number, h1: number, h2: number, id: number, weight: number): void {
    const at = e * WORDS;
    this.#words[at + ID] = id;
    this.#words[at + WEIGHT] = weight;
    this.#words[at + H1] = h1;
    this.#words[at + H2] = h2;
  }

  #index(e: number): void {
    let s = this.#words[e * WORDS + H1] & this.#mask;
    while (this.#slots[s] !== 0) s = (s + 1) & this.#mask;
    this.#slots[s] = e + 1;
  }

  #weakest(): number {
    let at = 0;
    for (let e = 1; e < this.size; e++) if (this.#words[e * WORDS + WEIGHT] < this.#words[at * WORDS + WEIGHT]) at = e;
    return at;
  }

  #due(): void {
    if (this.#hits >= this.#electAt) {
      this.#elect();
      this.#electAt = this.#hits + HITS_PER_ELECTION.later;
    }
    if (this.#hits >= this.#halveAt) this.#halve();
    this.#dueAt = Math.min(this.#halveAt, this.#electAt);
  }

  /** Those with the most hits; among equals those that were. */
  #elect(): void {
    const measured = this.#measured;
    if (this.size <= MEASURED) return void measured.fill(1, 0, this.size).fill(0, this.size);
    const weights = Int32Array.from({ length: this.size }, (_, e) => this.#words[e * WORDS + WEIGHT] * 2 + measured[e]);
    const least = weights.toSorted()[this.size - MEASURED];
    let left = MEASURED;
    for (const weight of weights) if (weight > least) left--;
    for (let e = 0; e < this.size; e++)
      measured[e] = weights[e] > least || (weights[e] === least && left-- > 0) ? 1 : 0;
  }

  #halve(): void {
    for (let e = 0; e < this.size; e++) this.#words[e * WORDS + WEIGHT] >>>= 1;
    this.#hits = 0;
    this.#electAt = HITS_PER_ELECTION.later;
    this.#allowanceAt = Math.max(0, this.#allowanceAt - this.#halveAt);
  }
}
