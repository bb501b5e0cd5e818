// What the API's routes share: the typed app, what they are handed, and the query parameters that most of them take.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type TObject, type TProperties } from 'typebox';
import { parseTime } from '#shared/time-range.ts';
import { CLASSES } from '#shared/status.ts';
import { errors } from '../errors.ts';

declare module 'fastify' {
  /** For the OpenAPI description. */
  interface FastifySchema {
    summary?: string;
    description?: string;
  }
}

/** Routes read their types from their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Query parameters; what is not listed is refused, so that a misspelt one never passes for a filter. */
export const query = <T extends TProperties>(properties: T): TObject<T> =>
  Type.Object(properties, { additionalProperties: false }) as TObject<T>;

const time = (description: string) =>
  Type.Optional(
    Type.String({ description: `${description} ms or s since the epoch, ISO 8601, or now-15m.`, maxLength: 40 }),
  );
export const range = { from: time('Start, one hour ago by default.'), to: time('End (not included), now by default.') };
export const source = Type.Optional(Type.String({ description: 'Only this source.', maxLength: 120 }));
export const code = Type.Optional(Type.Integer({ description: 'Only this status code.', minimum: 0, maximum: 999 }));
export const statusClass = Type.Optional(
  Type.Unsafe<(typeof CLASSES)[number]>(Type.Enum([...CLASSES], { description: 'Only codes of this class.' })),
);

const HOUR = 3_600_000;

/** ms; throws errors.badTime. */
export function timesOf(
  given: { from?: string; to?: string },
  now: number,
  lengthMs = HOUR,
): { from: number; to: number } {
  const to = given.to === undefined ? now : timeOf(given.to, 'to', now);
  const from = given.from === undefined ? to - lengthMs : timeOf(given.from, 'from', now);
  if (from >= to) throw errors.badTime('`from` must be before `to`.');
  return { from, to };
}

function timeOf(text: string, name: string, now: number): number {
  const time = parseTime(text, now);
  if (time === undefined) throw errors.badTime(`\`${name}\` is not a valid time: "${text}".`);
  return time;
}
