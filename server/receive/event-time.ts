// The time that a hit is counted at. Here, at the edge, times become whole milliseconds: senders give nanoseconds, fractions of
// seconds and nonsense, and everything behind this counts, compares and stores integers.
import { SECOND_MAX } from '../core/count/delta.ts';

/** A clock further ahead than this is wrong: its hits are counted at arrival. */
export const AHEAD_MS_MAX = 5 * 60_000;
/** A hit this far behind its source's newest, or this old at arrival, is late: counted, but no news. */
export const LATE_BEHIND_MS = 60_000;
export const LATE_AGE_MS = 15 * 60_000;

const MS_MAX = SECOND_MAX * 1000;

/** Whole ms since the epoch; NaN for what is not a time (negative, infinite, past 2106): its record has none. */
export const wholeTime = (ts: number): number => (ts >= 0 && ts <= MS_MAX ? Math.floor(ts) : NaN);
