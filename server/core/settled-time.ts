// A clock that may jump, held against its own past. Time that runs moves it on; a jump, ahead or back, counts only once it has held
// for so long of running time. Whatever the clock says meanwhile, `now` is never ahead of the true time by more than the clock has
// been for all of that long: what is done by it (deleting above all) is not done too early because of a jump that is soon undone.

/** Less is a correction: clocks are set right by seconds all the time. */
export const JUMP_MS = 60_000;
/** Clocks are also slewed; from here on it is looked at. */
const SLIGHT_MS = 1000;
/** A clock that jumps more often than this while it is held against its past: the oldest two count as the earlier of them. */
const STRETCHES_MAX = 500;

/** While the clock went on without a jump: from when, and how far it was ahead of the running time, ms. */
type Stretch = [since: number, offset: number];

export interface KeptTime {
  /** The clock, and the running time, when it was last looked at. */
  wall: number;
  running: number;
  offset: number;
  stretches: Stretch[];
}

export class SettledTime {
  readonly #hold: number;
  #wall = NaN;
  #elapsed: number | undefined;
  /** Time that has passed while somebody looked, ms. Goes on after a restart: what lies between counts for nothing. */
  #running = 0;
  /** What `now` is ahead of it. */
  #offset = NaN;
  /** Of the last `hold`, the newest last. */
  #stretches: Stretch[] = [];

  constructor(hold: number, kept?: KeptTime) {
    this.#hold = hold;
    if (kept === undefined) return;
    ({ wall: this.#wall, running: this.#running, offset: this.#offset } = kept);
    this.#stretches = kept.stretches.map(([since, offset]): Stretch => [since, offset]);
  }

  /** The first time that is known, where nothing was kept of it. */
  static of(wall: number): KeptTime {
    return { wall, running: 0, offset: wall, stretches: [[0, wall]] };
  }

  /** What was kept as JSON; undefined for what cannot be it. */
  static read(text: string): KeptTime | undefined {
    try {
      const kept = JSON.parse(text) as KeptTime;
      const numbers = [kept.wall, kept.running, kept.offset, ...kept.stretches.flat()];
      return kept.stretches.length > 0 &&
        kept.stretches.every((each) => each.length === 2) &&
        numbers.every(Number.isFinite)
        ? kept
        : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Looks at the clock, and gives by how much it has jumped, ms. `elapsed` (ms) is a clock that cannot be set and has no beginning;
   * without one, of a step that is too long nobody knows how much of it has passed.
   */
  look(wall: number, elapsed?: number): number {
    if (this.#stretches.length === 0) {
      this.#offset = wall - this.#running;
      this.#stretches.push([this.#running, this.#offset]);
    } else {
      const step = wall - this.#wall;
      if (elapsed !== undefined && this.#elapsed !== undefined) this.#running += Math.max(0, elapsed - this.#elapsed);
      else if (Math.abs(step) <= JUMP_MS) this.#running += step;
    }
    this.#wall = wall;
    this.#elapsed = elapsed;
    const offset = wall - this.#running,
      moved = offset - this.#stretches[this.#stretches.length - 1][1];
    if (Math.abs(moved) >= SLIGHT_MS) this.#stretches.push([this.#running, offset]);
    this.#settle();
    return Math.abs(moved) > JUMP_MS ? moved : 0;
  }

  /** As far as the whole of the last `hold` agrees. */
  #settle(): void {
    const stretches = this.#stretches;
    while (stretches.length > 1 && stretches[1][0] <= this.#running - this.#hold) stretches.shift();
    if (stretches.length > STRETCHES_MAX)
      stretches.splice(0, 2, [stretches[0][0], Math.min(stretches[0][1], stretches[1][1])]);
    let least = Infinity,
      most = -Infinity;
    for (const [, offset] of stretches) {
      if (offset < least) least = offset;
      if (offset > most) most = offset;
    }
    this.#offset = Math.max(least, Math.min(most, this.#offset));
  }

  /** ms; what the clock says while nothing speaks against it. */
  get now(): number {
    return this.#stretches.length === 1 ? this.#wall : this.#running + this.#offset;
  }

  get kept(): KeptTime {
    return { wall: this.#wall, running: this.#running, offset: this.#offset, stretches: this.#stretches };
  }
}
