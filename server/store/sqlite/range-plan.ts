// Cuts a range of time into the stretches that are summed from each resolution: hours inside, minutes and tens of seconds at
// the edges. Where retention has taken the fine rows, the range is widened to what is held. All in seconds.

export interface Stretch {
  /** Index into the tiers it was cut for. */
  tier: number;
  from: number;
  to: number;
}

export interface RangePlan {
  from: number;
  to: number;
  stretches: Stretch[];
}

/** `seconds` of each tier, finest first, each dividing the next; `marks`: rows of the tier before it are gone. */
export function planRange(from: number, to: number, seconds: readonly number[], marks: readonly number[]): RangePlan {
  const low = widen(from, -1, seconds, marks),
    high = Math.max(low, widen(to, 1, seconds, marks));
  const stretches: Stretch[] = [];
  let left = low,
    right = high;
  // Up the tiers, peeling off what does not fill a bucket of the next.
  for (let tier = 0; tier < seconds.length - 1 && left < right; tier++) {
    const next = seconds[tier + 1];
    const innerFrom = Math.ceil(left / next) * next,
      innerTo = Math.floor(right / next) * next;
    if (innerFrom >= innerTo) {
      // Too short for a bucket of the next tier on its own, but the two ends may still be: from one bucket into the next.
      stretches.push({ tier, from: left, to: right });
      return { from: low, to: high, stretches };
    }
    if (left < innerFrom) stretches.push({ tier, from: left, to: innerFrom });
    if (innerTo < right) stretches.push({ tier, from: innerTo, to: right });
    left = innerFrom;
    right = innerTo;
  }
  if (left < right) stretches.push({ tier: seconds.length - 1, from: left, to: right });
  return { from: low, to: high, stretches };
}

/** The nearest bound outwards at which a bucket of some tier that is still held begins or ends. */
function widen(at: number, direction: -1 | 1, seconds: readonly number[], marks: readonly number[]): number {
  for (let tier = 0; tier < seconds.length - 1; tier++) {
    const width = seconds[tier],
      next = seconds[tier + 1];
    const bound = (direction < 0 ? Math.floor(at / width) : Math.ceil(at / width)) * width;
    // The fine rows on both sides, as far as the next tier's bounds, must be there.
    if (bound % next !== 0 && Math.floor(bound / next) * next >= marks[tier]) return bound;
  }
  const width = seconds[seconds.length - 1];
  return (direction < 0 ? Math.floor(at / width) : Math.ceil(at / width)) * width;
}
