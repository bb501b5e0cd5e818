// What troubles the server itself.
import { Type, type Static } from 'typebox';
import { Count, Nullable, Time, oneOf } from './base.ts';

export const Trouble = Type.Object({
  /** A part of the work threw, and the rest went on; something that people should know of; or something that is so until it ends. */
  kind: oneOf(['error', 'notice', 'ongoing'] as const),
  /** The part: 'detection', 'diagnosis', 'clock', …; of what goes on, what it is: 'disk-full', 'write-failed', 'wal-held'. */
  step: Type.String(),
  /** What it was about: a source's name, "incident 7". */
  of: Nullable(Type.String()),
  text: Type.String(),
  /** What to do, where that is known. */
  hint: Nullable(Type.String()),
  /** Lines get a 503 as long as it lasts. */
  refusing: Type.Boolean(),
  count: Count,
  firstAt: Time,
  lastAt: Time,
});
export type Trouble = Static<typeof Trouble>;
/** GET /api/troubles: what goes on, then what happened in the last minutes, newest first. */
export const Troubles = Type.Object({ troubles: Type.Array(Trouble) });
export type Troubles = Static<typeof Troubles>;
