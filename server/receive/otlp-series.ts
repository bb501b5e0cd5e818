// From a stream of metric points to counts: the receiver's side of OpenTelemetry's temporality rules (metrics data model).
// A point's contribution is the number of requests since the one before, and the interval in which they happened. The state
// of a resource's series is one small JSON document that is committed together with the counts it stands for.
import type { Point } from './otlp-message.ts';

/** What a point adds: `count` requests in (from, to], ms. Zero when it only sets a reference. */
export interface Increment {
  readonly count: number;
  readonly from: number;
  readonly to: number;
  /** What was odd about it: told to the sender as a warning. */
  readonly note?: Note;
}

export type Note = 'second writer' | 'restart' | 'unknown start' | 'value fell';

/** Why a point counts nothing. The first three are as it should be; the last two are refused. */
export type Ignored = 'duplicate' | 'late' | 'no recorded value' | 'not a count' | 'too many series';

/** Cumulative: the last point. */
type Cumulative = readonly [start: number, time: number, value: number];
/** Delta: the last intervals, oldest first. */
type Delta = readonly (readonly [start: number, time: number])[];

interface Kept {
  /** The metric whose points are counted for this resource. */
  family?: string;
  /** By metric: the times of its last two exports. */
  exports: [metric: string, last: number, before: number][];
  cumulative: [series: string, ...Cumulative][];
  delta: [series: string, ...Delta[number][]][];
}

/** Attribute values come from requests: an unbounded one must not grow the state without end. */
const SERIES_MAX = 2000;
const METRICS_MAX = 50;
/** Delta intervals remembered: exports that are retried in parallel arrive out of order, and some twice. */
const INTERVALS_MAX = 16;

export class ResourceSeries {
  family: string | undefined;
  readonly #exports = new Map<string, [last: number, before: number]>();
  readonly #cumulative = new Map<string, Cumulative>();
  readonly #delta = new Map<string, Delta>();

  constructor(kept?: Buffer) {
    if (kept === undefined) return;
    const state = JSON.parse(kept.toString()) as Kept;
    this.family = state.family;
    for (const [metric, last, before] of state.exports) this.#exports.set(metric, [last, before]);
    for (const [series, ...point] of state.cumulative) this.#cumulative.set(series, point);
    for (const [series, ...intervals] of state.delta) this.#delta.set(series, intervals);
  }

  toBuffer(): Buffer {
    const state: Kept = {
      family: this.family,
      exports: [...this.#exports].slice(-METRICS_MAX).map(([metric, times]) => [metric, ...times]),
      cumulative: [...this.#cumulative].map(([series, point]) => [series, ...point]),
      delta: [...this.#delta].map(([series, intervals]) => [series, ...intervals]),
    };
    return Buffer.from(
      JSON.stringify(state, (_, v: unknown) => (typeof v === 'number' && !Number.isFinite(v) ? null : v)),
    );
  }

  /** `series` identifies the stream of points within the resource: metric, unit, scope, kind, attributes. */
  take(metric: string, series: string, temporality: 'delta' | 'cumulative', point: Point): Increment | Ignored {
    if (point.noRecordedValue) return 'no recorded value';
    if (!Number.isSafeInteger(Math.round(point.value)) || point.value < 0 || !(point.time > 0)) return 'not a count';
    const known = temporality === 'delta' ? this.#delta.has(series) : this.#cumulative.has(series);
    if (!known && this.#delta.size + this.#cumulative.size >= SERIES_MAX) return 'too many series';
    const increment =
      temporality === 'delta' ? this.#takeDelta(series, point) : this.#takeCumulative(metric, series, point);
    this.#exported(metric, point.time);
    return increment;
  }

  #takeDelta(series: string, { start, time, value }: Point): Increment | Ignored {
    const intervals = this.#delta.get(series) ?? [];
    const from = start < time ? start : time;
    if (intervals.some(([s, t]) => s === from && t === time)) return 'duplicate';
    if (intervals.length === INTERVALS_MAX && time <= intervals[0][1]) return 'late';
    this.#delta.set(series, [...intervals, [from, time] as const].sort((a, b) => a[1] - b[1]).slice(-INTERVALS_MAX));
    // A gap is no news: a series without requests in an interval is not exported for it.
    const overlaps = intervals.some(([s, t]) => from < t && time > s);
    return { count: Math.round(value), from, to: time, note: overlaps ? 'second writer' : undefined };
  }

  #takeCumulative(metric: string, series: string, { start, time, value }: Point): Increment | Ignored {
    const last = this.#cumulative.get(series);
    const hasStart = start > 0 && start <= time;
    if (last === undefined) {
      this.#cumulative.set(series, [hasStart ? start : 0, time, value]);
      // A reference point: what came before it happened at times unknown.
      if (!hasStart || start === time) return { count: 0, from: time, to: time, note: 'unknown start' };
      // The sender's earlier exports did not have this series, so all of it (a first 502, say) came after the last of them.
      return { count: Math.round(value), from: Math.max(start, this.#exportBefore(metric, time)), to: time };
    }
    const [lastStart, lastTime, lastValue] = last;
    if (time < lastTime || (hasStart && start < lastStart)) return 'late';
    if (time === lastTime && (start === lastStart || !hasStart)) return 'duplicate';
    this.#cumulative.set(series, [hasStart ? start : lastStart, time, value]);
    if (hasStart && start > lastStart && lastStart > 0)
      return { count: start === time ? 0 : Math.round(value), from: start, to: time, note: 'restart' };
    if (value < lastValue)
      return { count: Math.round(value), from: lastTime, to: time, note: hasStart ? 'value fell' : 'restart' };
    return { count: Math.round(value) - Math.round(lastValue), from: lastTime, to: time };
  }

  #exported(metric: string, time: number): void {
    const times = this.#exports.get(metric);
    if (times === undefined) this.#exports.set(metric, [time, 0]);
    else if (time > times[0]) this.#exports.set(metric, [time, times[0]]);
  }

  /** When this metric was exported last before `time`; 0 when it never was. Points of one export share their time. */
  #exportBefore(metric: string, time: number): number {
    const [last, before] = this.#exports.get(metric) ?? [0, 0];
    return last < time ? last : before < time ? before : 0;
  }
}

/** How finely a count is spread over its interval: what an hour's export says of one second is nothing. */
const GRAINS: readonly [upTo: number, grain: number][] = [
  [600_000, 10_000],
  [6 * 3_600_000, 60_000],
  [Infinity, 3_600_000],
];
const PIECES_MAX = 1000;

/** Cuts (from, to] into even pieces whose counts sum to `count` exactly; calls `piece` for those that have any. */
export function spread({ count, from, to }: Increment, piece: (ts: number, count: number) => void): void {
  const length = to - from;
  const grain = GRAINS.find(([upTo]) => length <= upTo)![1];
  const pieces = Math.max(1, Math.min(PIECES_MAX, Math.ceil(length / grain)));
  for (let i = 0, given = 0; i < pieces; i++) {
    const until = Math.floor((count * (i + 1)) / pieces);
    if (until > given) piece(from + ((i + 0.5) * length) / pieces, until - given);
    given = until;
  }
}
