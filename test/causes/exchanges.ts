// Exchanges that are easily misread, each with the cause it shows; undefined where nothing is wrong. The plain examples of a cause are
// in its own file, shared/causes/.
import type { Exchange } from '#shared/exchange.ts';

const nginx = {
  proxy: 'nginx',
  upstream: '10.0.0.3:8080',
  upstreamStatus: [502],
  connectMs: 0,
  headerMs: null,
  responseMs: 1,
  upstreamBytes: 0,
} as const;
const x = (cause: string | undefined, exchange: Partial<Exchange> & Pick<Exchange, 'proxy' | 'code'>) => ({
  cause,
  exchange: exchange as Exchange,
});

export const exchanges = [
  // several statuses, none of them a failure
  x(undefined, { ...nginx, upstreamStatus: [200], code: 200, headerMs: 1 }),
  x(undefined, { ...nginx, upstreamStatus: [302, 200], code: 200, headerMs: 1 }),
  // error_page may have renamed what nginx made; its $upstream_status has not
  x('upstream_response_timeout', { ...nginx, upstreamStatus: [504], code: 503 }),
  x('upstream_connect_timeout', { ...nginx, upstreamStatus: [504], code: 500, connectMs: null }),
  x('upstream_connection_refused', { ...nginx, upstreamStatus: [502], code: 503, connectMs: null }),
  x('upstream_closed_before_response', { ...nginx, upstreamStatus: [502], code: 404 }),
  x('masked_retry', { ...nginx, upstreamStatus: [502], code: 200 }),
  x('masked_retry', { ...nginx, upstreamStatus: [500], code: 200, headerMs: 3 }),
  x(undefined, { ...nginx, upstreamStatus: [404], code: 200, headerMs: 3 }),
  // times without addresses, as many copy it: a response time is the trace of a try
  x('upstream_connection_refused', { proxy: 'unknown', code: 502, connectMs: null, headerMs: null, responseMs: 0 }),
  x('upstream_connect_timeout', { proxy: 'unknown', code: 504, connectMs: null, headerMs: null, responseMs: 60_000 }),
  x('upstream_closed_before_response', { proxy: 'unknown', code: 502, connectMs: 1, headerMs: null, responseMs: 4 }),
  x('proxy_rate_limited', { proxy: 'unknown', code: 503, connectMs: null, headerMs: null, responseMs: null }),
  x('upstream_name_unresolved', { proxy: 'unknown', code: 502, connectMs: null, headerMs: null, responseMs: null }),
  // a response time alone
  x('app_exception', { proxy: 'unknown', code: 500, responseMs: 12 }),
  x('proxy_denied', { proxy: 'unknown', code: 403, responseMs: null }),
  x('unknown', { proxy: 'unknown', code: 502, responseMs: 12 }),
  // a connect time, and not one byte after it
  x('upstream_closed_before_response', {
    proxy: 'nginx',
    code: 502,
    upstream: '10.0.0.3:8080',
    upstreamStatus: [502],
    connectMs: 1,
    upstreamBytes: 0,
  }),
  x('unknown', { proxy: 'nginx', code: 502, upstream: '10.0.0.3:8080', upstreamStatus: [502], connectMs: 1 }),
  // a body came, so a header came before it
  x('upstream_gateway_error', {
    proxy: 'nginx',
    code: 502,
    upstream: '10.0.0.3:8080',
    upstreamStatus: [502],
    upstreamLength: 157,
  }),
  x('upstream_gateway_timeout', {
    proxy: 'nginx',
    code: 504,
    upstream: '10.0.0.3:8080',
    upstreamStatus: [504],
    upstreamLength: 160,
  }),
  x('unknown', { proxy: 'nginx', code: 502, upstream: '10.0.0.3:8080', upstreamStatus: [502], upstreamLength: 0 }),
  // ingress-nginx's default: no connect and header times. 502 and 504 may be nginx's own; 500, 503, 429 are not.
  x('unknown', { proxy: 'nginx', code: 502, upstream: '10.0.0.3:8080', upstreamStatus: [502], upstreamBytes: 0 }),
  x('app_exception', { proxy: 'nginx', code: 500, upstream: '10.0.0.3:8080', upstreamStatus: [500] }),
  x('upstream_overloaded', { proxy: 'nginx', code: 503, upstream: '10.0.0.3:8080', upstreamStatus: [503] }),
  // a backend named by name in the log of some program is no proof that none was live
  x('unknown', { proxy: 'unknown', code: 502, upstream: 'billing', upstreamStatus: [502] }),
  x('upstream_connection_refused', {
    proxy: 'unknown',
    code: 502,
    upstream: '10.0.0.3',
    upstreamStatus: [502],
    connectMs: null,
    headerMs: null,
  }),
  // plain combined, whoever wrote it
  x('unknown', { proxy: 'unknown', code: 500, method: 'GET' }),
  x('unknown', { proxy: 'unknown', code: 404, method: 'GET' }),
  x('unknown', { proxy: 'unknown', code: 400, method: 'POST' }),
  x(undefined, { proxy: 'unknown', code: 301, method: 'GET' }),
  x(undefined, { proxy: 'unknown', code: 308, method: 'POST' }),
  x(undefined, { proxy: 'unknown', code: 301 }),
  // Envoy's details without its flags, and as old versions write them
  x('upstream_closed_before_response', {
    proxy: 'envoy',
    code: 503,
    details: 'upstream_reset_before_response_started{connection termination}',
  }),
  x('upstream_connection_refused', {
    proxy: 'envoy',
    code: 503,
    details: 'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_111}',
  }),
  x('upstream_tls_failure', {
    proxy: 'envoy',
    code: 503,
    details:
      'upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435703:SSL_routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end}',
  }),
  x('upstream_connect_timeout', {
    proxy: 'envoy',
    code: 503,
    flags: 'UF',
    details: 'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_110}',
  }),
  x('upstream_connection_refused', {
    proxy: 'envoy',
    code: 503,
    flags: 'UF',
    details:
      'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_111|remote_address:10.0.110.3:1100}',
  }),
  x('queue_timeout', { proxy: 'envoy', code: 503, details: 'upstream_reset_before_response_started{overflow}' }),
  x('upstream_response_timeout', { proxy: 'envoy', code: 504, details: 'upstream_response_timeout' }),
  x('proxy_denied', { proxy: 'envoy', code: 403, details: 'rbac_access_denied_matched_policy[none]' }),
  x('proxy_rate_limited', { proxy: 'envoy', code: 429, details: 'local_rate_limited' }),
  // fields that these programs log, and that decide nothing
  x('unknown', { proxy: 'caddy', code: 502, method: 'GET' }),
  x('unknown', { proxy: 'caddy', code: 502, upstream: '10.0.0.3:80', upstreamStatus: [] }),
  x('unknown', { proxy: 'cloudfront', code: 500, result: 'Error', details: 'Error' }),
  x('unknown', { proxy: 'iis', code: 401 }),
  x('unknown', { proxy: 'otel', code: 503 }),
];
