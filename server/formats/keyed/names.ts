// The names that people give to the fields of an access log when nobody prescribes them: nginx variables, Apache's, those of
// web frameworks and of Elastic's and OpenTelemetry's schemas. Best first; folded (keys.ts), so one spelling of each.
import type { KeyedFormatSpec } from './keyed-format.ts';
import { keys } from './line-values.ts';
import { REQUEST_NAMES } from './names-request.ts';
import { RESPONSE_NAMES } from './names-response.ts';

/** Objects that only hold a record: what stands in them could as well stand at the top. */
const WRAPPERS = [
  'nginx',
  'nginx.access',
  'nginx_access',
  'nginx.ingress_controller',
  'access',
  'access_log',
  'apache',
  'apache.access',
  'apache2',
  'apache2.access',
  'httpd',
  'httpd.access',
  'traefik',
  'traefik.access',
  'haproxy',
  'caddy',
  'envoy',
  'iis',
  'iis.access',
  'json',
  'data',
  'fields',
  'attributes',
  'properties',
  'json_payload',
  'log',
  'log_processed',
  'payload',
  'record',
  'records',
  'parsed',
  'transaction',
  'http_message',
  'state',
  'meta',
  'details',
  '_source',
  'message',
  'msg',
  'body',
  'structured',
  'context',
  'extra',
  'result',
  'event',
  'event_data',
  'access_log_entry',
  'http_access',
  'http_log',
  'rest',
  'span',
  'rack',
  'detail',
];
for (const name of WRAPPERS) keys.wrapper(name);

/** What the two halves of an exchange are called. */
for (const name of ['req', 'http_request', 'client_request', 'incoming_request', 'http.request'])
  keys.like(name, 'request');
for (const name of ['res', 'resp', 'http_response', 'client_response', 'http.response']) keys.like(name, 'response');

/** What stands in contracts and recordings of tests, in checks from outside, in alerts about requests, in metrics, and in what curl says of its own. */
export const STRANGE = [
  'provider_state',
  'provider_states',
  'expected_status',
  'recorded_at',
  'response.json_body',
  'request.url_pattern',
  'monitor.id',
  'monitor.status',
  'alert.signature',
  'alert.signature_id',
  'fileinfo.filename',
  'metric',
  'measurement',
  'url_effective',
];

/** What names the server that was asked, of those who are asked and of those who ask. */
export const ASKED = ['server.address', 'server.port', 'net.peer.name', 'net.peer.port', 'peer.service'];

/** Under these an exception is told of. */
export const EXCEPTIONS = ['exception.type', 'exception.message', 'exception.stacktrace'];

export const NAMES: KeyedFormatSpec['reads'] = { ...REQUEST_NAMES, ...RESPONSE_NAMES };
