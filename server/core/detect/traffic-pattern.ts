// When a source speaks: how much lately, how much on average, and how long it is usually silent at each hour of its week.
import { SLOT } from './window-counter.ts';

const HOURS = 168;
/** Silences this long are a matter of the day of the week, and say nothing of the same hour on other days, s. */
const DAYS_LONG = 20 * 3600;
/** The level follows ten minutes; the average a week. */
const LEVEL_KEEP = Math.exp(-SLOT / 600);
const MEAN_KEEP = Math.exp(-SLOT / (7 * 86_400));

/** A fall has ended when traffic is back at this part of the level before. */
const LULL_OVER = 0.5;
const LULL_FADES = 2 ** (SLOT / (7 * 86_400));

/** The level of each ten minutes of the week is remembered, s. */
const PART = 600,
  PARTS_OF_DAY = 144,
  LEVELS = 7 * PARTS_OF_DAY;
/** Most of an hour, at no more than this many times as much, is as low. */
const LOW_PARTS = 6,
  LOW_AS = 3;

export class TrafficPattern {
  /** Requests per slot lately (silence pulls it down). */
  level = 0;
  #levelWeight = 0;
  #sum = 0;
  #slots = 0;
  /** Longest silence that touched each hour of the week, s, fading by a fifth a week; NaN where the hour has not been seen. */
  readonly gaps = new Float32Array(HOURS).fill(NaN);

  /** Requests a slot in each ten minutes of the week, as they last were; NaN where they have not been seen. */
  readonly levels = new Float32Array(LEVELS).fill(NaN);
  #part = -1;
  #partSum = 0;

  /** The lowest that its traffic has fallen to within two minutes by itself, of the level before; forgotten by half in a week. */
  lull = 1;
  /** The lowest of the fall that has not ended yet. */
  #dip = 1;

  /** Traffic is now at this part of the level before; NaN when there is too little to say. */
  fallen(part: number): void {
    this.lull = Math.min(1, this.lull * LULL_FADES);
    if (part < LULL_OVER) this.#dip = Math.min(this.#dip, part);
    else {
      this.lull = Math.min(this.lull, this.#dip);
      this.#dip = 1;
    }
  }

  /** Has it been as low as this at this time yesterday, or a week ago, and for an hour? `rate`: requests a slot. */
  wasAsLow(second: number, rate: number): boolean {
    return [1, 7].some((days) => {
      const at = Math.floor(second / PART) - days * PARTS_OF_DAY;
      let low = 0;
      for (let part = 0; part < LOW_PARTS; part++) {
        const level = this.levels[(at + part + LEVELS) % LEVELS];
        if (level <= LOW_AS * rate + 1) low++;
      }
      return low > LOW_PARTS / 2;
    });
  }

  /** The fall was no habit: it has woken someone. */
  forgetFall(): void {
    this.#dip = 1;
  }

  /** A slot has ended. `learn` is false while something is wrong. */
  slot(total: number, learn: boolean, second: number): void {
    this.#countPart(total, second);
    this.level = this.level * LEVEL_KEEP + total * (1 - LEVEL_KEEP);
    this.#levelWeight = this.#levelWeight * LEVEL_KEEP + (1 - LEVEL_KEEP);
    if (!learn) return;
    this.#sum = this.#sum * MEAN_KEEP + total;
    this.#slots = this.#slots * MEAN_KEEP + 1;
  }

  #countPart(total: number, second: number): void {
    const part = Math.floor(second / PART);
    if (part !== this.#part) {
      if (this.#part >= 0) this.levels[this.#part % LEVELS] = this.#partSum / (PART / SLOT);
      this.#part = part;
      this.#partSum = 0;
    }
    this.#partSum += total;
  }

  /** Requests per slot over the last ten minutes or so. */
  lately(): number {
    return this.#levelWeight > 0 ? this.level / this.#levelWeight : 0;
  }

  /** Requests per slot on average. */
  usual(): number {
    return this.#slots > 0 ? this.#sum / this.#slots : 0;
  }

  /** The source was silent from `from` to `to` (s) and nothing was wrong. */
  gap(from: number, to: number): void {
    const length = to - from;
    const hours = Math.min(HOURS - 1, Math.floor(to / 3600) - Math.floor(from / 3600));
    for (let h = 0; h <= hours; h++) {
      const i = (Math.floor(from / 3600) + h) % HOURS;
      this.gaps[i] = Math.max(length, Number.isNaN(this.gaps[i]) ? 0 : this.gaps[i]);
    }
  }

  /** An hour begins: what was learnt of it a week ago fades. */
  hour(second: number): void {
    const i = Math.floor(second / 3600) % HOURS;
    this.gaps[i] = Number.isNaN(this.gaps[i]) ? 0 : this.gaps[i] * 0.8;
  }

  /**
   * The longest silence that is natural at this time: of this hour of the week and its neighbours (clocks change by an hour)
   * and of the same hours of every other day, unless it is the silence of a weekend.
   */
  naturalGap(second: number): number {
    const now = Math.floor(second / 3600);
    let longest = 0;
    for (let d = 0; d < 7; d++) {
      for (let h = -1; h <= 1; h++) {
        const gap = this.gaps[(now + h + d * 24 + HOURS) % HOURS];
        if (gap > longest && (d === 0 || gap < DAYS_LONG)) longest = gap;
      }
    }
    return longest;
  }

  /** Whether this hour of the week has been seen before. */
  knows(second: number): boolean {
    return !Number.isNaN(this.gaps[Math.floor(second / 3600) % HOURS]);
  }

  longestGap(): number {
    let longest = 0;
    for (const gap of this.gaps) if (gap > longest) longest = gap;
    return longest;
  }

  toArray(): number[] {
    return [this.level, this.#levelWeight, this.#sum, this.#slots, ...this.gaps, this.lull, ...this.levels];
  }

  restore(kept: readonly (number | null)[]): void {
    [this.level, this.#levelWeight, this.#sum, this.#slots] = kept.slice(0, 4).map(Number);
    for (let h = 0; h < HOURS; h++) this.gaps[h] = kept[4 + h] ?? NaN;
    this.lull = kept[4 + HOURS] ?? 1;
    for (let i = 0; i < LEVELS; i++) this.levels[i] = kept[5 + HOURS + i] ?? NaN;
  }
}
