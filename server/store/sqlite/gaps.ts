// Which buckets of a series are unknown, not zero: nothing is there, and nobody was there to receive it.

/** In a log that was brought in later, a pause this long is taken for missing data; seconds. */
const PAUSE_MIN = 3600;

export interface GapQuery {
  /** Seconds: the first bucket's start, and the buckets' width. */
  from: number;
  width: number;
  /** 1 for buckets that hold something. */
  seen: Uint8Array;
  /** When the server ran, ms. */
  runs: readonly { from: number; to: number }[];
  /** Seconds; before it, there was no source to hear of. */
  firstEvent: number;
}

/** ms. */
export function findGaps({ from, width, seen, runs, firstEvent }: GapQuery): { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = [];
  const firstRun = runs.length === 0 ? Infinity : runs[0].from / 1000;
  const unknown = (i: number): boolean => {
    const start = from + i * width,
      end = start + width;
    return seen[i] === 0 && (end <= firstEvent || !runs.some((run) => run.from < end * 1000 && run.to > start * 1000));
  };
  for (let i = 0; i < seen.length; i++) {
    if (!unknown(i)) continue;
    const first = i;
    while (i + 1 < seen.length && unknown(i + 1)) i++;
    const gap = { from: from + first * width, to: from + (i + 1) * width };
    const withinImport = gap.from >= firstEvent && gap.to <= firstRun;
    if (!withinImport || gap.to - gap.from >= PAUSE_MIN) gaps.push({ from: gap.from * 1000, to: gap.to * 1000 });
  }
  return gaps;
}
