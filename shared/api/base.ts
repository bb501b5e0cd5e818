// What the schemas of the API are made of.
import { Type, type Static, type TSchema } from 'typebox';

export const Nullable = <T extends TSchema>(t: T) => Type.Union([t, Type.Null()]);
export const Time = Type.Integer({ description: 'ms since the epoch' });
export const Count = Type.Integer({ minimum: 0 });
export const Share = Type.Number({ description: '0–1' });
export const oneOf = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.Enum([...values]));
/** A name to show, "" when nobody said. */
export const By = Type.Optional(Type.String({ maxLength: 80 }));

export const ApiError = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), hint: Type.Optional(Type.String()) }),
});
export type ApiError = Static<typeof ApiError>;
