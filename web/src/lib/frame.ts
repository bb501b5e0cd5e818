// What a timeline draws: counts per code in equal buckets, with the stretches of which nothing is known.
import type { Series } from '#shared/api.ts';
import { CLASSES, classOf, type StatusClass } from '#shared/status.ts';

export interface Frame {
  from: number;
  step: number;
  n: number;
  byCode: Map<number, number[]>;
  gaps: readonly { from: number; to: number }[];
  /** Oldest bucket that is still kept, or null. */
  oldest: number | null;
  /** The moment the data is of: buckets after it are not yet full. */
  asOf: number;
}

export const frameTo = (f: Frame): number => f.from + f.step * f.n;
export const bucketAt = (f: Frame, i: number): number => f.from + f.step * i;

export function frameOfSeries(series: Series, asOf: number): Frame {
  const n = Math.max(1, Math.ceil((series.to - series.from) / series.step));
  const byCode = new Map<number, number[]>();
  for (const { key, counts } of series.series) byCode.set(Number(key), pad(counts, n));
  return { from: series.from, step: series.step, n, byCode, gaps: series.gaps, oldest: series.oldest, asOf };
}

const pad = (counts: number[], n: number): number[] =>
  counts.length >= n ? counts.slice(0, n) : [...counts, ...new Array<number>(n - counts.length).fill(0)];

/** The codes that a filter leaves: a class, one code, or everything. */
export function only(frame: Frame, cls: string | null, code: number | null): Frame {
  if (cls === null && code === null) return frame;
  const byCode = new Map([...frame.byCode].filter(([c]) => (code === null ? classOf(c) === cls : c === code)));
  return { ...frame, byCode };
}

export type ByClass = Record<StatusClass, number[]>;

export function byClass(frame: Frame): ByClass {
  const out = Object.fromEntries(CLASSES.map((c) => [c, new Array<number>(frame.n).fill(0)])) as ByClass;
  for (const [code, counts] of frame.byCode) {
    const row = out[classOf(code)];
    for (let i = 0; i < frame.n; i++) row[i] += counts[i];
  }
  return out;
}

export const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
export const totalOf = (frame: Frame): number => [...frame.byCode.values()].reduce((a, row) => a + sum(row), 0);
export const isGap = (frame: Frame, i: number): boolean => {
  const middle = bucketAt(frame, i) + frame.step / 2;
  return frame.gaps.some((g) => g.from <= middle && middle < g.to);
};

/** How many buckets are over: the one that is being filled would draw every line downwards. */
export const fullOf = (f: Frame): number => Math.max(1, Math.min(f.n, Math.floor((f.asOf - f.from) / f.step)));

/** `xs` in at most `n` means, for a line too small for every bucket: of groups that are not of one size, sums would go up and down. */
export function thin(xs: readonly number[], n: number): number[] {
  if (xs.length <= n) return [...xs];
  return Array.from({ length: n }, (_, g) => {
    const group = xs.slice(Math.ceil((g * xs.length) / n), Math.ceil(((g + 1) * xs.length) / n));
    return sum(group) / group.length;
  });
}
