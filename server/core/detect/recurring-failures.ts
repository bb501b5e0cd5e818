// Failures that come at the same minute of each hour or of each day and pass by themselves: a backup, a report, a cache rebuilt.
// The first two wake someone. From the third on they are a habit of the source, while they are no worse and last no longer.

interface Burst {
  from: number;
  to: number;
  peak: number;
}

/** Failures this far apart, s, are two bursts. */
const APART = 300;
/** What fails for longer, s, is no habit however often it comes. */
const SHORT = 600;
/** How far from the minute it may begin, s: it is seen after ten seconds or forty. */
const OFF = 90;
/** What comes hourly is looked for in the last hours, what comes daily in the last days, s. */
const PERIODS = [
  { period: 3600, within: 6.5 * 3600 },
  { period: 86_400, within: 4.5 * 86_400 },
];
const TIMES_MIN = 2;
/** How much worse, and how much longer, it may be than before. */
const WORSE = 1.5,
  LONGER = 1.5,
  LONGER_BY = 60;
/** Four days and a half of hourly ones. */
const KEPT = 110;

export class RecurringFailures {
  /** Oldest first. */
  #bursts: Burst[] = [];

  /** Failures worth a page show at `now` (s). */
  seen(now: number, share: number): void {
    const last = this.#current(now);
    if (!last) {
      this.#bursts.push({ from: now, to: now, peak: share });
      if (this.#bursts.length > KEPT) this.#bursts.shift();
      return;
    }
    last.to = now;
    last.peak = Math.max(last.peak, share);
  }

  #current(now: number): Burst | undefined {
    const last = this.#bursts.at(-1);
    return last && now - last.to <= APART ? last : undefined;
  }

  /** Have failures of this share, begun when these did, come and gone before? */
  excuse(now: number, share: number): boolean {
    const current = this.#current(now);
    const since = current?.from ?? now;
    return PERIODS.some(({ period, within }) => {
      let times = 0,
        longest = 0;
      for (const burst of this.#bursts) {
        const age = since - burst.from,
          off = Math.abs(age - Math.round(age / period) * period);
        if (
          burst === current ||
          age > within ||
          off > OFF ||
          burst.to - burst.from > SHORT ||
          share > WORSE * burst.peak
        )
          continue;
        times++;
        longest = Math.max(longest, burst.to - burst.from);
      }
      return times >= TIMES_MIN && now - since <= LONGER * longest + LONGER_BY;
    });
  }

  toArray(): number[][] {
    return this.#bursts.map(({ from, to, peak }) => [from, to, peak]);
  }

  restore(kept: readonly (readonly number[])[]): void {
    this.#bursts = kept.map(([from, to, peak]) => ({ from, to, peak }));
  }
}
