// What an OpenTelemetry attribute set says of an HTTP exchange, in both spellings of the semantic conventions: the stable one
// (http.response.status_code) and the one before it (http.status_code), which most of the field still sends.
import { HOST, METHOD, ROUTE, type Hit } from '../core/hit.ts';
import { hitFromAttributes, type AttributeValue } from '../formats/attributes.ts';
import type { Miss } from '../formats/format.ts';
import type { Batch } from './batch.ts';
import type { Attributes, Value } from './otlp-message.ts';
import { cleanSource } from './source-name.ts';

/** In order of preference. The names with underscores are what Prometheus makes of the others. */
const STATUS = ['http.response.status_code', 'http.status_code', 'http_response_status_code', 'http_status_code'];
/** Names that only mean an HTTP status where it is known already that requests are counted. */
const STATUS_IN_METRICS = [
  ...STATUS,
  'status_code',
  'response_code',
  'code',
  'status',
  'http.response.status',
  'http.status',
];

/** Of metric points, which have few attributes: each is a time series. */
const FIELDS: readonly (readonly [field: number, keys: readonly string[]])[] = [
  [METHOD, ['http.request.method', 'http.method', 'http_request_method', 'http_method', 'method']],
  [ROUTE, ['http.route', 'http_route', 'route']],
  [HOST, ['server.address', 'http.host', 'http.server_name', 'net.host.name', 'server_address', 'host']],
];

/** `undefined`: there is none. `string`: one is there, and is no code (a class such as "5xx", text). */
export type Status = number | string | undefined;

export const statusOf = (attributes: Attributes): Status => status(attributes, STATUS);
export const metricStatusOf = (attributes: Attributes): Status => status(attributes, STATUS_IN_METRICS);

function status(attributes: Attributes, keys: readonly string[]): Status {
  for (const key of keys) {
    const given = attributes.get(key);
    if (given === undefined || given === '') continue;
    const code =
      typeof given === 'number' ? given : typeof given === 'string' && /^\d{1,3}$/.test(given) ? Number(given) : NaN;
    return Number.isInteger(code) && code >= 0 && code <= 999 ? code : String(given).slice(0, 40);
  }
  return undefined;
}

/** Fills `hit` from the attributes of a SERVER span. False when they describe no exchange. */
export function fillHit(hit: Hit, attributes: Attributes): boolean {
  return hitFromAttributes(plain(attributes, ''), hit, { sure: statusOf(attributes) !== undefined }) === undefined;
}

/** Fills `hit` from the attributes or the body of a log record that `scope` wrote; or says why not. */
export function fillFromRecord(hit: Hit, fields: Attributes, scope: string): Miss | undefined {
  return hitFromAttributes(ofScope(fields, scope), hit, { record: statusOf(fields) !== undefined });
}

function* ofScope(fields: Attributes, scope: string): Generator<readonly [string, AttributeValue]> {
  if (scope !== '') yield ['otel.scope.name', scope];
  yield* plain(fields, '');
}

/** Maps in maps (`req: { method, url }`) as the dotted names that they stand for. */
function* plain(attributes: Attributes, prefix: string): Generator<readonly [string, AttributeValue]> {
  for (const [key, value] of attributes) {
    if (value instanceof Map) yield* plain(value, `${prefix}${key}.`);
    else yield [`${prefix}${key}`, value as AttributeValue];
  }
}

/** Fills `hit` from a metric point's attributes, all but time, code and count. */
export function setFields(hit: Hit, attributes: Attributes): void {
  for (const [field, keys] of FIELDS) {
    const found = firstText(attributes, keys);
    if (found !== undefined) hit.setText(field, found);
  }
}

/** Longer values are cut: they are dimensions, not documents. */
const TEXT_LENGTH_MAX = 2048;

export function firstText(attributes: Attributes, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const given: Value = attributes.get(key);
    if (typeof given === 'string' && given !== '') return given.slice(0, TEXT_LENGTH_MAX);
  }
  return undefined;
}

/** What stands for the sender, best first. An SDK that was not told its name says "unknown_service:…": better than none. */
const SOURCES = [
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.container.name',
  'container.name',
  'host.name',
];

/** Of a resource: what the key that was chosen names, or the service. */
export function sourceOf(resource: Attributes, batch: Pick<Batch, 'named'>): string | undefined {
  const chosen = batch.named(resource);
  if (chosen !== undefined) return chosen;
  const service = firstText(resource, ['service.name']);
  const named =
    service !== undefined && !service.startsWith('unknown_service')
      ? service
      : (firstText(resource, SOURCES) ?? service);
  return named === undefined ? undefined : cleanSource(named);
}
