// Sources: diagnostics of senders, and what a sender is answered.
import { Type, type Static } from 'typebox';
import { Count, Nullable, Time, oneOf } from './base.ts';

export const SourceStatus = Type.Object({
  name: Type.String(),
  /** The format its lines are read with; null before the first line. */
  format: Nullable(Type.String()),
  formatChosen: oneOf(['auto', 'set'] as const),
  /** How it sends: 'http', 'otlp', 'loki', 'syslog', 'tail', 'ship', … */
  receiver: Nullable(Type.String()),
  userAgent: Nullable(Type.String()),
  firstSeen: Time,
  /** Arrival of the last accepted or rejected line. */
  lastSeen: Time,
  /** Event time of the newest hit. */
  lastEvent: Nullable(Time),
  /** Arrival minus event time of recent hits, median, ms. */
  lagMs: Nullable(Type.Number()),
  /** How far its clock is ahead of ours, ms; null when it is not. */
  clockAheadMs: Nullable(Type.Number()),
  /** How far its clock is behind by a steady amount, ms: it is judged at arrival, and counted at its own time. */
  clockBehindMs: Nullable(Type.Number()),
  /** Its records name several services under this key: each could be a source of its own. The first few names seen since the start. */
  services: Nullable(Type.Object({ key: Type.String(), names: Type.Array(Type.String()) })),
  /** Hits per second over the minute of requests that ends with its newest; 0 when nothing came of late. */
  rate: Type.Number(),
  received: Count,
  accepted: Count,
  rejected: Count,
  skipped: Count,
  duplicate: Count,
  late: Count,
  reasons: Type.Array(
    Type.Object({ kind: oneOf(['rejected', 'skipped'] as const), reason: Type.String(), count: Count }),
  ),
  /** Newest first, as are the answers. */
  lastMisses: Type.Array(
    Type.Object({
      at: Time,
      kind: oneOf(['rejected', 'skipped'] as const),
      reason: Type.String(),
      sample: Type.String(),
    }),
  ),
  /** Our last answers to it. */
  answers: Type.Array(Type.Object({ at: Time, status: Type.Integer(), note: Type.String() })),
  /** 'sampled' (in the last day), 'errors-only', 'clock-ahead', 'no-time' or 'some-no-time' (of the last batches: they count at arrival), … */
  flags: Type.Array(Type.String()),
  /** Worst open incident's severity, if any. */
  alarm: Nullable(oneOf(['page', 'warn'] as const)),
});
export type SourceStatus = Static<typeof SourceStatus>;

/** Requests that look like a shipper's, to paths we do not serve. */
export const Stranger = Type.Object({
  method: Type.String(),
  path: Type.String(),
  userAgent: Nullable(Type.String()),
  count: Count,
  lastAt: Time,
  hint: Type.String({ description: 'what it looks like and what to change' }),
});
export type Stranger = Static<typeof Stranger>;
/** How many sources are kept apart, and the latest names (at most 20) that came after the last place was taken: their lines are counted as `other`. */
export const SourceLimit = Type.Object({ max: Count, used: Count, over: Type.Array(Type.String()) });
export type SourceLimit = Static<typeof SourceLimit>;
export const Sources = Type.Object({
  sources: Type.Array(SourceStatus),
  strangers: Type.Array(Stranger),
  limit: SourceLimit,
});
export type Sources = Static<typeof Sources>;

/** GET /api/sources/names: to choose one from. */
export const SourceNames = Type.Object({
  sources: Type.Array(Type.Object({ name: Type.String(), format: Nullable(Type.String()) })),
});
export type SourceNames = Static<typeof SourceNames>;

/** POST /ingest's answer. */
export const IngestAnswer = Type.Object({
  received: Count,
  accepted: Count,
  rejected: Count,
  skipped: Count,
  duplicate: Type.Boolean(),
  errors: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String(), sample: Type.String() })),
  /** What else the sender should know: that sources past maxSources are counted as `other`. */
  note: Type.Optional(Type.String()),
});
export type IngestAnswer = Static<typeof IngestAnswer>;
