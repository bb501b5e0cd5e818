// A diagnosis: who failed, the evidence, where, and what to do next.
import { Type, type Static } from 'typebox';
import { CULPRITS } from '../exchange.ts';
import { DIMENSIONS } from './counts.ts';
import { Count, Nullable, Share, oneOf } from './base.ts';

export const RankedCause = Type.Object({
  cause: Type.String(),
  culprit: oneOf(CULPRITS),
  title: Type.String(),
  share: Share,
  hits: Count,
  /** 'certain' | 'very likely' | 'likely' | 'possible', or 'unknown': words that match the numbers. */
  confidence: Type.String(),
  evidence: Type.Array(Type.String()),
  meaning: Type.String(),
  owner: Type.String(),
  checks: Type.Array(Type.Object({ say: Type.String(), run: Type.Optional(Type.String()) })),
  fixes: Type.Array(Type.String()),
  notToConfuse: Type.Array(Type.String()),
  references: Type.Array(Type.String()),
});
export type RankedCause = Static<typeof RankedCause>;

export const Where = Type.Object({
  dimension: oneOf(DIMENSIONS),
  value: Type.String(),
  hits: Count,
  share: Share,
  trafficShare: Nullable(Share),
  baselineShare: Nullable(Share),
  lift: Type.Number(),
});
export type Where = Static<typeof Where>;

/** What `explain` and the incident page show. */
export const Diagnosis = Type.Object({
  code: Type.Integer(),
  total: Count,
  hits: Count,
  /** Who failed, in one line: "The proxy cannot connect to 10.0.0.3:8080". */
  headline: Type.String(),
  causes: Type.Array(RankedCause),
  where: Type.Array(Where),
  /** 'one instance', 'keep-alive race', 'timeout pinned at 60 s', 'deploy just before', … with its sentence. */
  refinements: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), evidence: Type.String() })),
  /** Other codes that show a fault in the same time range, worst first. */
  also: Type.Array(Type.Object({ code: Type.Integer(), hits: Count })),
  next: Type.Array(Type.String()),
  /** The answer to "the backend answers me locally, so why this code?"; null where the question does not arise. */
  localCheck: Nullable(Type.String()),
  /** For `unknown`: the variables to add, and the line to paste. */
  addToLog: Nullable(Type.Object({ why: Type.String(), paste: Type.String() })),
});
export type Diagnosis = Static<typeof Diagnosis>;
