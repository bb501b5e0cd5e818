// Which of a source's counts are judged, and at what time: live ones at their own, those of a clock that is steadily wrong at
// arrival, late ones and backfills not at all.
import type { Watched } from '../core/detect/watched.ts';

/** Older than this on arrival is late: counted, never paged. s */
const LIVE_FOR = 600;
/** A clock is taken to be wrong once hits have been off by the same (± DRIFT) for STEADY_FOR seconds of arrivals. */
const STEADY_FOR = 180,
  DRIFT = 30;
/** A source's usual delay: the longest seen, fading by half in ten minutes; never believed past a minute. */
const LAG_MAX = 60,
  LAG_KEEP = Math.exp(-1 / 866);

export class Feed {
  readonly watched: Watched;
  /** Added to event times: how far the source's clock is behind. */
  shift = 0;
  #offBy = NaN;
  #offSince = NaN;
  /** Age on arrival of the oldest live hit since lag was measured, s. */
  #latest = 0;
  /** Stretch of late data not looked at yet (s), and when the last of it came. */
  late: { from: number; to: number; arrived: number } | undefined;

  constructor(watched: Watched) {
    this.watched = watched;
  }

  /** The second to judge a count at, or undefined when it is late. `now` in s. */
  secondOf(second: number, now: number): number | undefined {
    const age = now - second;
    if (age <= LIVE_FOR) {
      if (age > this.#latest) this.#latest = age;
      if (this.shift > 0) this.#clockIsRight();
      return Math.min(second, Math.floor(now));
    }
    if (this.shift > 0 && Math.abs(age - this.shift) <= DRIFT) return Math.min(second + this.shift, Math.floor(now));
    this.#watchClock(age, now);
    if (this.late) {
      this.late.from = Math.min(this.late.from, second);
      this.late.to = Math.max(this.late.to, second);
      this.late.arrived = now;
    } else this.late = { from: second, to: second, arrived: now };
    return undefined;
  }

  #watchClock(age: number, now: number): void {
    if (!(Math.abs(age - this.#offBy) <= DRIFT)) {
      this.#offBy = age;
      this.#offSince = now;
    } else if (now - this.#offSince >= STEADY_FOR) {
      this.shift = Math.round(this.#offBy);
      this.late = undefined;
    }
  }

  #clockIsRight(): void {
    this.shift = 0;
    this.#offBy = NaN;
  }

  /** Once a second, before what came is counted: how late has it come? Silence is no lateness. */
  measureLag(now: number): void {
    const { state } = this.watched;
    state.lag = Math.max(state.lag * LAG_KEEP, Math.min(LAG_MAX, this.#latest - 1));
    this.#latest = 0;
    if (state.lag > LAG_MAX / 2 && now - state.last > 2 * LAG_MAX) state.lag = LAG_MAX / 2;
  }
}
