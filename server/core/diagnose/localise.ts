// Where the fault sits: which upstream, route, host, method or client fails more than its traffic explains. A busy one that fails
// like all the others is not named.
import type { Dimension, Where } from '#shared/api.ts';
import type { Observed, ObservedValue } from './observed.ts';

/** What someone can act on counts for more when two dimensions separate alike: one route that only takes POST is a route. */
const WEIGHT: Partial<Record<Dimension, number>> = { upstream: 1, route: 0.98, host: 0.9, client: 0.6, method: 0.4 };
/** Fails at least this many times as often as everything else. */
const RATIO_MIN = 1.5;
/** Chance alone reaches this about once in a thousand values (χ², one degree of freedom). */
const SIGNIFICANT = 10.8;
/** Of many values one stands out by chance: each doubling asks for as much more as halves the odds. */
const significant = (values: number): number => SIGNIFICANT + 2 * Math.log(values);
const SHOWN_MAX = 8;

export interface Located extends Where {
  /** Failure rate here over the failure rate elsewhere; Infinity when nothing else fails. */
  ratio: number;
}

/** The values that stand out, strongest first. */
export function localise(o: Observed): Located[] {
  const found: { at: Located; score: number }[] = [];
  for (const [dimension, weight] of Object.entries(WEIGHT) as [Dimension, number][]) {
    const values = o.dimensions[dimension] ?? [],
      enough = significant(values.length);
    for (const v of values) {
      const at = stands(o, dimension, v, enough);
      if (at) found.push({ at, score: weight * gain(o, v) });
    }
  }
  return found
    .sort((a, b) => b.score - a.score || b.at.share - a.at.share)
    .slice(0, SHOWN_MAX)
    .map(({ at }) => at);
}

function stands(o: Observed, dimension: Dimension, v: ObservedValue, enough: number): Located | undefined {
  if (v.hits === 0 || v.value === '' || v.value === '-') return undefined;
  const share = v.hits / o.hits;
  if (v.traffic === null) {
    // Only failures are counted by this dimension: named when it has most of them, and never as a lift.
    if (share < 0.6 || v.hits < 5) return undefined;
    return {
      dimension,
      value: v.value,
      hits: v.hits,
      share,
      trafficShare: null,
      baselineShare: v.before,
      lift: 1,
      ratio: 1,
    };
  }
  const trafficShare = v.traffic / o.total;
  const inside = v.hits / v.traffic;
  const elsewhere = o.total - v.traffic;
  const outside = elsewhere > 0 ? (o.hits - v.hits) / elsewhere : 0;
  // All traffic has this value: it tells nothing.
  if (elsewhere <= 0) return undefined;
  const ratio = outside === 0 ? Infinity : inside / outside;
  if (ratio < RATIO_MIN || gain(o, v) < enough) return undefined;
  const baselineShare = v.before ?? trafficShare;
  // Against what it normally takes, or takes now, whichever is more: retries and failing fast both draw traffic.
  return {
    dimension,
    value: v.value,
    hits: v.hits,
    share,
    trafficShare,
    baselineShare,
    lift: round(share / Math.max(trafficShare, baselineShare)),
    ratio,
  };
}

const round = (lift: number): number => Math.round(lift * 100) / 100;

/** How much knowing this value tells about failing: the log-likelihood ratio of the 2×2 table, 0 when it fails less than the rest. */
function gain(o: Observed, v: ObservedValue): number {
  if (v.traffic === null) return SIGNIFICANT;
  const elsewhere = o.total - v.traffic;
  const cells: readonly [number, number, number][] = [
    [v.hits, v.traffic, o.hits],
    [v.traffic - v.hits, v.traffic, o.total - o.hits],
    [o.hits - v.hits, elsewhere, o.hits],
    [elsewhere - (o.hits - v.hits), elsewhere, o.total - o.hits],
  ];
  let sum = 0;
  for (const [seen, row, column] of cells) {
    const expected = (row * column) / o.total;
    if (seen > 0 && expected > 0) sum += seen * Math.log(seen / expected);
  }
  return v.hits * o.total > o.hits * v.traffic ? 2 * sum : 0;
}
