// Exact counts: sums, series over time, breakdowns, and the codes there were.
import { Type, type Static } from 'typebox';
import { CLASSES } from '../status.ts';
import { Count, Nullable, Share, Time, oneOf } from './base.ts';

/** Of the sources asked for, those whose counts in these times may be of a sample: traces that do not say how they were sampled. */
const Sampled = Type.Array(Type.String());

/** GET /api/totals?from&to[&source] */
export const Totals = Type.Object({
  from: Time,
  to: Time,
  totals: Type.Array(Type.Object({ source: Type.String(), code: Type.Integer(), count: Count })),
  sampled: Sampled,
});
export type Totals = Static<typeof Totals>;

/** GET /api/series?from&to[&step][&source][&code][&by=class|code|source|cause]: `counts[i]` belongs to the bucket that starts at from + i·step. */
export const Series = Type.Object({
  from: Time,
  to: Time,
  step: Type.Integer({ description: 'ms per bucket; without one asked for, about 600 buckets' }),
  by: Type.String(),
  series: Type.Array(
    Type.Object({ key: Type.String({ description: 'class, code or source name' }), counts: Type.Array(Count) }),
  ),
  /** Stretches in which nothing was received at all (down, or before the first line): drawn hatched, never as zero. */
  gaps: Type.Array(Type.Object({ from: Time, to: Time })),
  /** Oldest bucket that retention still holds at this resolution. */
  oldest: Nullable(Time),
  sampled: Sampled,
});
export type Series = Static<typeof Series>;

export const DIMENSIONS = ['cause', 'upstream', 'route', 'method', 'host', 'client', 'duration'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** GET /api/breakdown?from&to&dimension[&source][&code][&class]: the values of a dimension among the hits asked for, most first. */
export const Breakdown = Type.Object({
  from: Time,
  to: Time,
  dimension: oneOf(DIMENSIONS),
  total: Count,
  rows: Type.Array(
    Type.Object({
      value: Type.String(),
      count: Count,
      share: Share,
      /** The same value's share of all traffic in the range. */
      trafficShare: Share,
      /** Its share among the same hits in the period before. */
      baselineShare: Nullable(Share),
      before: Count,
    }),
  ),
  /** Hits whose value was over the cap, or absent. */
  other: Count,
  sampled: Sampled,
});
export type Breakdown = Static<typeof Breakdown>;

/** What failing requests can be crossed by. */
export const CROSSED = ['code', 'cause', 'upstream', 'route', 'host'] as const;
export type Crossed = (typeof CROSSED)[number];

const CrossedValue = Type.Object({
  value: Nullable(
    Type.String({ description: 'null: the line does not say, or there are more values than are told apart' }),
  ),
  count: Count,
});
/** GET /api/crossings?rows&columns&from&to[&source][&code][&cause][&upstream][&route][&host]: failing requests by two things at once. */
export const Crossing = Type.Object({
  from: Time,
  to: Time,
  rows: Type.Array(CrossedValue),
  columns: Type.Array(CrossedValue),
  /** Of rows[row] and columns[column]; what is not here is none. */
  cells: Type.Array(Type.Object({ row: Type.Integer(), column: Type.Integer(), count: Count })),
  /** Failing requests, those in rows and columns past the limit included. */
  total: Count,
  /** What failed in the range before this time is not held, of one source at least. null when all is. */
  heldFrom: Nullable(Time),
  sampled: Sampled,
});
export type Crossing = Static<typeof Crossing>;

/** One code of the reference; shared/codes/code.ts says what each field holds. */
export const CodeEntry = Type.Object({
  code: Type.Integer(),
  name: Type.String(),
  official: Type.Boolean(),
  meaning: Type.String(),
  madeBy: Type.String(),
  retry: Type.String(),
  headers: Type.Optional(Type.Array(Type.Object({ name: Type.String(), why: Type.String() }))),
  caching: Type.String(),
  method: Type.Optional(Type.String()),
  source: Type.String(),
});
export const Comparison = Type.Object({
  id: Type.String(),
  title: Type.String(),
  codes: Type.Array(Type.Integer()),
  columns: Type.Array(Type.String()),
  rows: Type.Array(Type.Array(Type.String())),
  choose: Type.String(),
});
/** GET /api/codes/502: one code, whole, with its count over the range. */
export const CodeReference = Type.Object({
  entry: CodeEntry,
  class: oneOf(CLASSES),
  comparisons: Type.Array(Comparison),
  runbook: Nullable(
    Type.Object({
      code: Type.Integer(),
      whoFailed: Type.String(),
      whenSeen: Type.Array(Type.String()),
      check: Type.Array(Type.String()),
      differs: Type.Array(Type.Object({ code: Type.Integer(), how: Type.String() })),
    }),
  ),
  count: Count,
  share: Share,
});
export type CodeReference = Static<typeof CodeReference>;

/** GET /api/codes: live counts of the codes seen; GET /api/codes/502 gives one code of the reference, whole. */
export const CodeCount = Type.Object({
  code: Type.Integer(),
  name: Type.String(),
  class: oneOf(CLASSES),
  count: Count,
  before: Count,
  share: Share,
  /** About 30 buckets over the range. */
  trend: Type.Array(Count),
});
export type CodeCount = Static<typeof CodeCount>;
export const CodeCounts = Type.Object({
  from: Time,
  to: Time,
  total: Count,
  codes: Type.Array(CodeCount),
  sampled: Sampled,
});
export type CodeCounts = Static<typeof CodeCounts>;
