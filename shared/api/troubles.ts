// What troubles the server itself.
import { Type, type Static } from 'typebox';
import { Count, Nullable, Time, oneOf } from './base.ts';

export const Trouble = Type.Object({
  /** A part of the work threw, and the rest went on; or something that people should know of. */
  kind: oneOf(['error', 'notice'] as const),
  /** The part: 'detection', 'diagnosis', 'clock', … */
  step: Type.String(),
  /** What it was about: a source's name, "incident 7". */
  of: Nullable(Type.String()),
  text: Type.String(),
  count: Count,
  firstAt: Time,
  lastAt: Time,
});
export type Trouble = Static<typeof Trouble>;
/** GET /api/troubles: those of the last minutes, newest first. */
export const Troubles = Type.Object({ troubles: Type.Array(Trouble) });
export type Troubles = Static<typeof Troubles>;
