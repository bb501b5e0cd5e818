// Attribute maps: what OTLP log records and spans carry, in both spellings of the semantic conventions, and the maps that
// Traefik and Envoy send under their own names. Also any record that came parsed (msgpack, a JSON object inside another).
import type { Hit } from '../core/hit.ts';
import type { Chunk, Miss } from './format.ts';
import { rivals } from './index.ts';
import { UNKNOWN } from './keyed/keys.ts';
import { keys, values } from './keyed/line-values.ts';
import { BARE, PLAIN } from './keyed/values.ts';
import { ENOUGH, NOT_ACCESS, SERVER_SIDE } from './served.ts';
import { otelAttributes } from './known/otel-attributes.ts';

/** All values of one map together; more than a line may hold is cut. */
const BYTES_MAX = 128 * 1024;

const bytes = Buffer.alloc(BYTES_MAX);

export type AttributeValue = string | number | bigint | boolean | null | undefined | readonly unknown[];

/**
 * Fill `hit` (reset here, its ranges in a buffer of this module's own, good until the next call) from key → value pairs. Keys are
 * dotted names. Returns why not when the map describes no HTTP exchange: a status alone is not one. With `sure` the
 * caller knows that it is (a SERVER span): a status code under one of its proper names is enough. So it is for a `record`, whose time
 * is known, unless something on it speaks against that: it may as well tell of a request that its writer sent.
 */
export function hitFromAttributes(
  attributes: Iterable<readonly [string, AttributeValue]>,
  hit: Hit,
  options?: { sure?: boolean; record?: boolean },
): Miss | undefined {
  values.begin();
  let at = 0;
  for (const [name, value] of attributes) {
    if (value === null || value === undefined || value === true || value === false) continue;
    const id = idOf(name);
    if (id === UNKNOWN) continue;
    const isText = typeof value === 'string';
    const end = at + bytes.write(isText ? value : Array.isArray(value) ? value.join(', ') : String(value), at, 'utf8');
    values.add(bytes, id, at, end, isText || Array.isArray(value) ? PLAIN : BARE);
    at = end;
  }
  values.done();
  // `text` has the same bytes, but only the fields that were set are ever looked for
  const chunk: Chunk = { bytes, text: '' };
  hit.reset(bytes);
  const keyed = rivals.owner();
  if (keyed === undefined) return NOT_ACCESS;
  const isRecord = options?.record === true;
  const known = options?.sure === true ? SERVER_SIDE | ENOUGH : isRecord ? ENOUGH : 0;
  const reader = known !== 0 && keyed.spec.marks === undefined ? otelAttributes.keyed : keyed;
  return reader.fillAnyway(chunk, hit, { isTimed: isRecord }, known);
}

/** Attribute names come again and again; those that nobody asks for too. */
const ids = new Map<string, number>();
const IDS_MAX = 4096;

function idOf(name: string): number {
  let id = ids.get(name);
  if (id === undefined) {
    id = keys.resolve(keys.root, name)?.id ?? UNKNOWN;
    if (ids.size < IDS_MAX) ids.set(name, id);
  }
  return id;
}
