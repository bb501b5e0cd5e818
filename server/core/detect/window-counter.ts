// The last hour of one number, in slots of 10 s, with running sums over the detector's windows: a count costs a handful
// of additions, a slot's end a handful of subtractions, and a window's sum nothing.

/** Seconds in a slot. */
export const SLOT = 10;
/** Windows, in slots: 10 s, 20 s, 30 s, 1 min, 2 min, 5 min, 10 min, 20 min, 1 h. */
export const WINDOWS = [1, 2, 3, 6, 12, 30, 60, 120, 360] as const;
export const W10S = 0,
  W20S = 1,
  W30S = 2,
  W1M = 3,
  W2M = 4,
  W5M = 5,
  W10M = 6,
  W20M = 7,
  W1H = 8;
export const RING = WINDOWS[W1H];

export class WindowCounter {
  readonly ring = new Float64Array(RING);
  readonly sums = new Float64Array(WINDOWS.length);

  /** Count into the slot that lies `age` slots before the one at `at`. */
  add(at: number, age: number, count: number): void {
    this.ring[(at - age + RING) % RING] += count;
    for (let w = 0; w < WINDOWS.length; w++) if (age < WINDOWS[w]) this.sums[w] += count;
  }

  /** Move on to slot `at`; what leaves the hour is returned. */
  turn(at: number): number {
    const { ring, sums } = this;
    for (let w = 0; w < W1H; w++) sums[w] -= ring[(at - WINDOWS[w] + RING) % RING];
    const leaving = ring[at];
    sums[W1H] -= leaving;
    ring[at] = 0;
    return leaving;
  }

  /** Sum of the slots from `from` to `to` slots before `at`, `to` not included. */
  between(at: number, from: number, to: number): number {
    let sum = 0;
    for (let age = from; age < to; age++) sum += this.ring[(at - age + RING) % RING];
    return sum;
  }

  /** Only the last `ages` slots are left. */
  forget(at: number, ages: number): void {
    for (let age = ages; age < RING; age++) this.ring[(at - age + RING) % RING] = 0;
    for (let w = 0; w < WINDOWS.length; w++) this.sums[w] = this.between(at, 0, WINDOWS[w]);
  }

  clear(): void {
    this.ring.fill(0);
    this.sums.fill(0);
  }
}
