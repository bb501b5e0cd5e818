// Percentiles from the counts of a histogram: as exact as its bounds, and said so.
export interface Bucket {
  /** Upper bound in seconds; Infinity for the last. */ le: number;
  count: number;
}

/** Rows of the duration dimension (`value` is the upper bound in seconds, "+Inf" the last) in order. */
export const bucketsOf = (rows: readonly { value: string; count: number }[]): Bucket[] =>
  rows
    .map((r) => ({ le: /inf/i.test(r.value) ? Infinity : Number(r.value), count: r.count }))
    .filter((b) => !Number.isNaN(b.le))
    .sort((a, b) => a.le - b.le);

/** The bound under which a share `p` of all lies, in seconds; null when there are none. */
export function boundOf(buckets: readonly Bucket[], p: number): number | null {
  const total = buckets.reduce((a, b) => a + b.count, 0);
  let seen = 0;
  for (const b of buckets) if ((seen += b.count) >= p * total && total > 0) return b.le;
  return null;
}
