// The two questions put to every window: how unlikely is this many failures, and what share of requests fails at the very least.

/** Lanczos approximation of ln Γ(x), x > 0; good to 1e-10. */
function lnGamma(x: number): number {
  const y = x + 5.5;
  const t = y - (x + 0.5) * Math.log(y);
  const series =
    1.000000000190015 +
    76.18009172947146 / (x + 1) -
    86.50532032941677 / (x + 2) +
    24.01409824083091 / (x + 3) -
    1.231739572450155 / (x + 4) +
    0.001208650973866179 / (x + 5) -
    0.000005395239384953 / (x + 6);
  return -t + Math.log((2.5066282746310005 * series) / x);
}

/**
 * −log10 P(K ≥ k) of a beta-binomial: n requests, each failing with a probability that itself varies as Beta(a, b).
 * An upper bound of the tail, tight where it matters: far above the mean the terms fall geometrically. 0 below the mean.
 */
export function improbability(k: number, n: number, a: number, b: number): number {
  if (k <= 0 || k <= (n * a) / (a + b)) return 0;
  const ln =
    lnGamma(n + 1) -
    lnGamma(k + 1) -
    lnGamma(n - k + 1) +
    lnGamma(k + a) +
    lnGamma(n - k + b) -
    lnGamma(n + a + b) +
    lnGamma(a + b) -
    lnGamma(a) -
    lnGamma(b);
  // ratio of the next term to this one; the tail is at most term / (1 − ratio)
  const ratio = k >= n ? 0 : ((n - k) / (k + 1)) * ((k + a) / (n - k - 1 + b));
  const tail = ln - Math.log(Math.max(1e-3, 1 - ratio));
  return Math.max(0, -tail / Math.LN10);
}

/** Wilson's lower bound of a share seen as k of n. */
export function shareLowerBound(k: number, n: number, z: number): number {
  if (n <= 0) return 0;
  const p = k / n,
    zz = z * z;
  return Math.max(0, (p + zz / (2 * n) - z * Math.sqrt((p * (1 - p)) / n + zz / (4 * n * n))) / (1 + zz / n));
}

/** Wilson's upper bound. */
export function shareUpperBound(k: number, n: number, z: number): number {
  return n <= 0 ? 1 : 1 - shareLowerBound(n - k, n, z);
}
