// The contract check: what the traffic says about the use of status codes.
import { Type, type Static } from 'typebox';
import { By, Count, Nullable, Time, oneOf } from './base.ts';

export const Finding = Type.Object({
  id: Type.Integer(),
  /** Which check found it: 'post-redirected', 'everything-200', … */
  check: Type.String(),
  source: Type.String(),
  /** One sentence: "POST /v1/orders is answered 301, and clients come back with GET". */
  title: Type.String(),
  level: oneOf(['problem', 'hint'] as const),
  evidence: Type.Array(Type.String()),
  /** What the standard says. */
  rule: Type.String(),
  fix: Type.String(),
  codes: Type.Array(Type.Integer()),
  hits: Count,
  firstAt: Time,
  lastAt: Time,
  dismissed: Nullable(Type.Object({ at: Time, by: Type.String() })),
});
export type Finding = Static<typeof Finding>;
/** GET /api/findings?[source]: dismissed ones included. */
export const Findings = Type.Object({ findings: Type.Array(Finding) });
export type Findings = Static<typeof Findings>;
/** POST /api/findings/ID/dismiss; `undo` takes it back. Answers the finding. */
export const Dismissal = Type.Object({ by: By, undo: Type.Optional(Type.Boolean()) }, { additionalProperties: false });
export type Dismissal = Static<typeof Dismissal>;
