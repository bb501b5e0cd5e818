// The histogram that durations are counted in: OpenTelemetry's explicit bounds, extended to where proxies time out, so
// that a timeout pinned at 60 s is one bucket. A bucket holds the durations up to and including its bound.

/** Seconds. */
export const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30, 45, 60, 90, 120, 300, Infinity] as const;

/** Index of the bucket that `ms` falls into. */
export function durationBucket(ms: number): number {
  const seconds = ms / 1000;
  let i = 0;
  while (seconds > DURATION_BOUNDS[i]) i++;
  return i;
}

/** A bound as it is stored and shown: "0.25", "+Inf". */
export const boundText = (index: number): string => (DURATION_BOUNDS[index] === Infinity ? '+Inf' : String(DURATION_BOUNDS[index]));

/**
 * The quantile `q` (0–1) of a histogram given as text bound → count, in seconds, by linear interpolation within its
 * bucket as Prometheus does; the last finite bound for what lies past it. NaN when it is empty.
 */
export function quantile(q: number, histogram: ReadonlyMap<string, number>): number {
  const counts = DURATION_BOUNDS.map((_, i) => histogram.get(boundText(i)) ?? 0);
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return NaN;
  let left = q * total;
  for (let i = 0; i < counts.length; i++) {
    if (left > counts[i] || counts[i] === 0) {
      left -= counts[i];
      continue;
    }
    const low = i === 0 ? 0 : DURATION_BOUNDS[i - 1];
    return DURATION_BOUNDS[i] === Infinity ? low : low + ((DURATION_BOUNDS[i] - low) * left) / counts[i];
  }
  return DURATION_BOUNDS[DURATION_BOUNDS.length - 2];
}
