// The histogram that durations are counted in: OpenTelemetry's explicit bounds, extended to where proxies time out, so
// that a timeout pinned at 60 s is one bucket. A bucket holds the durations up to and including its bound.

/** Seconds. */
export const DURATION_BOUNDS = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
  15,
  30,
  45,
  60,
  90,
  120,
  300,
  Infinity,
] as const;

/** Index of the bucket that `ms` falls into. */
export function durationBucket(ms: number): number {
  const seconds = ms / 1000;
  let i = 0;
  while (seconds > DURATION_BOUNDS[i]) i++;
  return i;
}

/** A bound as it is stored and shown: "0.25", "+Inf". */
export const boundText = (index: number): string =>
  DURATION_BOUNDS[index] === Infinity ? '+Inf' : String(DURATION_BOUNDS[index]);
