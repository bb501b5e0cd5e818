// Reading lines on trial: the Setup page; nothing is counted.
import { Type, type Static } from 'typebox';
import { Nullable, oneOf } from './base.ts';

/** POST /api/parse; `format` is a name, 'auto', or a log_format / LogFormat / GoAccess string. */
export const ParseRequest = Type.Object(
  {
    format: Type.String({ maxLength: 8_192 }),
    lines: Type.Array(Type.String({ maxLength: 65_536 }), { maxItems: 50 }),
  },
  { additionalProperties: false },
);
export type ParseRequest = Static<typeof ParseRequest>;
export const ParsedLine = Type.Object({
  kind: oneOf(['hit', 'rejected', 'skipped'] as const),
  /** Why not, with the field that failed; null for a hit. */
  reason: Nullable(Type.String()),
  /** Each thing read; `from`–`to` is where in the line it was found, in characters, null where it is derived (class, route, cause). */
  fields: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Type.String(),
      from: Nullable(Type.Integer()),
      to: Nullable(Type.Integer()),
    }),
  ),
});
export type ParsedLine = Static<typeof ParsedLine>;
export const ParseAnswer = Type.Object({
  /** Name of the format the lines were read with; null if none fits or it was refused. */
  format: Nullable(Type.String()),
  /** Why the format string cannot be used; null when it can. */
  error: Nullable(Type.String()),
  lines: Type.Array(ParsedLine),
});
export type ParseAnswer = Static<typeof ParseAnswer>;
