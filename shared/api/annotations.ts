// What is marked on the timeline: deploys, restarts, notes, gaps, late news.
import { Type, type Static } from 'typebox';
import { Nullable, Time, oneOf } from './base.ts';

export const Annotation = Type.Object({
  id: Type.Integer(),
  at: Time,
  kind: oneOf(['deploy', 'restart', 'note', 'gap', 'incident'] as const),
  text: Type.String(),
  source: Nullable(Type.String()),
});
export type Annotation = Static<typeof Annotation>;
/** POST /api/annotations; `at` defaults to now, `kind` to deploy. GET takes from, to. */
export const NewAnnotation = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 200 }),
    kind: Type.Optional(oneOf(['deploy', 'note'] as const)),
    source: Type.Optional(Type.String({ maxLength: 120 })),
    at: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false },
);
export type NewAnnotation = Static<typeof NewAnnotation>;
export const Annotations = Type.Object({ annotations: Type.Array(Annotation) });
export type Annotations = Static<typeof Annotations>;
