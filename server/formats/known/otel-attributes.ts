// Attribute maps: what OTLP log records and spans carry, in both spellings of the semantic conventions, and the maps that
// Traefik and Envoy send under their own names. Also any record that came parsed (msgpack, a JSON object inside another).
import type { Hit } from '../../core/hit.ts';
import { keyedFormatOf, NOT_ACCESS } from '../keyed/keyed-format.ts';
import { keys, values } from '../keyed/line-values.ts';
import type { Chunk, Miss } from '../format.ts';
import { jsonFormat } from '../keyed/json-format.ts';
import { UNKNOWN } from '../keyed/keys.ts';
import { NAMES } from '../keyed/names.ts';
import { BARE, PLAIN } from '../keyed/values.ts';

const semconv = {
  ...NAMES,
  code: ['http.response.status_code', 'http.status_code', 'http.response.status', ...NAMES.code!],
};

/** A JSON line that is an attribute map: `{"http.request.method":"GET","http.response.status_code":502,…}`. */
export const otelAttributes = jsonFormat({
  name: 'otel',
  title: 'OpenTelemetry attributes',
  proxy: 'otel',
  order: 6,
  marks: [
    'http.target',
    'http.flavor',
    'http.scheme',
    'net.host.name',
    'net.peer.ip',
    'network.protocol.version',
    'http.route',
    'user_agent.synthetic.type',
    'http.request.resend_count',
    'client.port',
    'server.port',
  ],
  reads: semconv,
  supplies: ['method', 'path', 'host', 'client', 'userAgent', 'route', 'size', 'durationMs'],
  samples: [
    {
      line: '{"http.request.method":"GET","url.scheme":"https","url.path":"/users/7","http.route":"/users/{id}","server.address":"a.example","http.response.status_code":503,"client.address":"192.0.2.7"}',
      hit: { code: 503, method: 'GET', path: '/users/7', host: 'a.example', client: '192.0.2.7' },
    },
    {
      line: '{"http.method":"POST","http.scheme":"http","http.target":"/v1/orders?x=1","http.host":"a.example:8080","http.status_code":"500","http.flavor":"1.1","net.peer.ip":"192.0.2.9"}',
      hit: { code: 500, method: 'POST', path: '/v1/orders?x=1', host: 'a.example:8080', client: '192.0.2.9' },
    },
  ],
});

/** All values of one map together; more than a line may hold is cut. */
const BYTES_MAX = 128 * 1024;

const bytes = Buffer.alloc(BYTES_MAX);

export type AttributeValue = string | number | bigint | boolean | null | undefined | readonly unknown[];

/**
 * Fill `hit` (reset here, its ranges in a buffer of this module's own, good until the next call) from key → value pairs. Keys are
 * dotted names. Returns why not when the map describes no HTTP exchange: a status alone is not one. With `sure` the
 * caller knows that it is (a SERVER span): a status code under one of its proper names is enough.
 */
export function hitFromAttributes(
  attributes: Iterable<readonly [string, AttributeValue]>,
  hit: Hit,
  options?: { sure?: boolean },
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
  const keyed = keyedFormatOf();
  if (keyed === undefined) return NOT_ACCESS;
  return (options?.sure === true ? (keyed.spec.marks === undefined ? otelAttributes.keyed : keyed) : keyed).fillAnyway(
    chunk,
    hit,
    options?.sure === true,
  );
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
