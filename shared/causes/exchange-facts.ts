// Facts about one exchange that several causes need: who generated the code, which flag is set, which words the reason includes. Facts
// about each proxy are in its documentation, cited by the causes; the surprises are noted here.
import { count, percent } from '../numbers.ts';
import type { Evidence, Proxy } from '../exchange.ts';
import type { Alternative } from './cause.ts';

/** nginx, and lines of no known program that carry nginx's upstream fields (LTSV and JSON by key names). */
export const nginxLike = (x: Evidence): boolean =>
  x.proxy === 'nginx' ||
  (x.proxy === 'unknown' &&
    (x.upstream !== undefined ||
      x.upstreamStatus !== undefined ||
      x.connectMs !== undefined ||
      x.headerMs !== undefined ||
      x.responseMs !== undefined));

/** It took a second or more: the last attempt, or the whole where attempts are not logged. A refusal comes within a round trip. */
export const tookLong = (x: Evidence): boolean => (x.responseMs ?? x.durationMs ?? 0) >= 1000;

/** Envoy logs a failed gRPC call as 200 with a flag and no body: the failure is in the trailers. */
export const failedCall = (x: Evidence, ...flags: string[]): boolean =>
  x.code === 200 && x.bytes === 0 && flagged(x, ...flags);

/** nginx keeps the group's name in $upstream_addr when every server of it is marked failed: no port, no address, no socket path. */
export const isGroupName = (upstream: string): boolean =>
  !/:\d+$|^[\d.]+$|^\[|^[\da-f]*:[\da-f:]*$/i.test(upstream) && !upstream.startsWith('unix:');

/** nginx could not connect (or finish TLS): an address was tried and $upstream_connect_time stayed "-". A response time is the trace of a try too. */
export const nginxNotConnected = (x: Evidence): boolean =>
  nginxLike(x) &&
  x.connectMs === null &&
  typeof x.headerMs !== 'number' &&
  (x.upstream === undefined ? typeof x.responseMs === 'number' : x.upstream !== null && !isGroupName(x.upstream));

/** nginx connected, and no valid header ever came: said by its time, or by not one byte received. */
export const nginxNoHeader = (x: Evidence): boolean =>
  nginxLike(x) &&
  typeof x.connectMs === 'number' &&
  (x.headerMs === null || (x.headerMs === undefined && x.upstreamBytes === 0));

/** The log shows that the proxy had a connection to the upstream. */
export const connected = (x: Evidence): boolean =>
  typeof x.connectMs === 'number' || typeof x.headerMs === 'number' || haproxy(x) === 'sH' || haproxy(x) === 'SH';

/** nginx answered by itself: no upstream was contacted. Every try has a response time, so "-" there says it too. */
export const nginxAlone = (x: Evidence): boolean =>
  nginxLike(x) &&
  (x.upstream === null || (x.upstream === undefined && x.responseMs === null && !x.upstreamStatus?.length));

/** The code that nginx generated; error_page may have replaced it by another before the client saw it. */
export function nginxStatus(x: Evidence): number {
  const status = lastStatus(x);
  return x.code >= 400 && (status === 502 || status === 504) ? status : x.code;
}

/** The two letters of a HAProxy termination state that say who ended the session and when; '' for other proxies. */
export const haproxy = (x: Evidence): string =>
  x.proxy === 'haproxy' && x.termination !== undefined ? x.termination.slice(0, 2) : '';

/** A rule on responses replaced what the server returned, or HAProxy could not write it: the server was contacted, and had responded. */
export const haproxyReplaced = (x: Evidence): boolean => /^[LP]H$/.test(haproxy(x)) && !noServer(x);

export const noServer = (x: Evidence): boolean =>
  x.upstream === null || x.upstream === '<NOSRV>' || (x.upstream?.endsWith('/<NOSRV>') ?? false);

/** Response code details and the flag that Envoy sets with them, for formats without flags. Old versions write blanks for the underscores. */
const FLAG_OF_DETAILS: readonly (readonly [RegExp, string])[] = [
  [/no_healthy_upstream/, 'UH'],
  [/connection.(failure|timeout)/, 'UF'],
  [/\{overflow/, 'UO'],
  [/\{remote.re(set|fused)/, 'UR'],
  [/\{connection.termination/, 'UC'],
  [/\{local.reset/, 'LR'],
  [/\{protocol.error/, 'UPE'],
  [/upstream_(response|per_try)_timeout/, 'UT'],
  [/stream_idle_timeout/, 'SI'],
  [/(max_)?duration_timeout/, 'DT'],
  [/route_not_found/, 'NR'],
  [/cluster_not_found/, 'NC'],
  [/rate_limited/, 'RL'],
  [/ext_authz_denied|rbac_access_denied|jwt_authn_access_denied/, 'UAEX'],
  [/downstream_(remote|local)_disconnect/, 'DC'],
  [/overload/, 'OM'],
];

/** Envoy set one of these response flags, or its response code details mean the same. */
export function flagged(x: Evidence, ...flags: string[]): boolean {
  if (x.proxy !== 'envoy') return false;
  if (x.flags !== undefined) return x.flags.split(',').some((f) => flags.includes(f.trim()));
  const { details } = x;
  return (
    details !== undefined && FLAG_OF_DETAILS.some(([pattern, flag]) => flags.includes(flag) && pattern.test(details))
  );
}

/** The reason that the proxy logged includes one of these words. */
export function reasonIncludes(x: Evidence, proxy: Proxy, ...words: string[]): boolean {
  if (x.proxy !== proxy) return false;
  const { details = '', result = '' } = x;
  return words.some((w) => details.includes(w) || result.includes(w));
}

/** ALB's error_reason begins with the part that failed: Lambda…, WAF…, Auth…; a plain target leaves it empty. */
export const albReason = (x: Evidence): string => (x.proxy === 'alb' ? (x.details ?? '') : '');
const albBlames = (x: Evidence): boolean => /^(Lambda|WAF|Auth)/.test(albReason(x));

/** An AWS load balancer generated the code, and its reason names no function, firewall or login. */
export const albAlone = (x: Evidence): boolean =>
  (x.proxy === 'alb' || x.proxy === 'elb') && generatedByProxy(x) && !albBlames(x);

/** All three times are -1: the load balancer could not dispatch the request to its target. */
export const albNotDispatched = (x: Evidence): boolean => albAlone(x) && x.responseMs === null && x.upstream !== null;

/** IIS: whether status.substatus is one of these ("404.13"). */
export function iis(x: Evidence, ...statuses: string[]): boolean {
  if (x.proxy !== 'iis' || !x.details) return false;
  return statuses.includes(`${x.code}.${x.details.split('.')[0]}`);
}

/** IIS: sc-win32-status, the second number of `details`; NaN when not logged. */
export const win32 = (x: Evidence): number => (x.proxy === 'iis' ? Number(x.details?.split('.')[1] ?? NaN) : NaN);

const lastStatus = (x: Evidence): number => x.upstreamStatus?.at(-1) ?? 0;

/** upstreamError() compares the size of the response on lines of these programs. */
export const SIZES_COMPARED_OF = ['traefik'] as const satisfies readonly Proxy[];

/** The body Traefik writes for its own errors is the status text, and it logs its own code as OriginStatus. */
const TRAEFIK_OWN_BODY: ReadonlyMap<number, number> = new Map([
  [499, 21],
  [500, 21],
  [502, 11],
  [503, 20],
  [504, 15],
]);

/**
 * The error status that the upstream returned; null if the proxy generated it; undefined if the fields do not show which. A failure that
 * a cache or an error page turned into a success is no error here.
 */
export function upstreamError(x: Evidence): number | null | undefined {
  if (x.code < 400) return undefined;
  switch (x.proxy) {
    case 'haproxy':
      return haproxyUpstreamError(x);
    case 'envoy':
      return envoyUpstreamError(x);
    case 'traefik':
      if (TRAEFIK_OWN_BODY.get(x.code) === x.bytes && (lastStatus(x) || x.code) === x.code) return null;
      if (x.upstreamStatus === undefined) return typeof x.upstream === 'string' ? undefined : null;
      return lastStatus(x) || null;
    case 'alb':
    case 'elb':
    case 'cloudflare':
    case 'vercel':
      if (x.upstreamStatus !== undefined) return lastStatus(x) || null;
      return x.proxy === 'cloudflare' && x.code >= 520 && x.code <= 530 ? null : undefined;
    case 'azure':
      if (x.details && x.details !== 'ERRORINFO_NO_ERROR' && x.details !== '-') return null;
      return x.upstreamStatus === undefined ? undefined : lastStatus(x) || null;
    case 'gcp':
      if (!x.details) return undefined;
      return x.details === 'response_sent_by_backend' ? x.code : null;
    case 's3':
      return x.code;
    case 'apigateway':
      return x.upstreamStatus === undefined ? undefined : lastStatus(x) >= 400 ? lastStatus(x) : null;
    // Only where log_append adds what its reverse proxy met.
    case 'caddy':
      return x.upstreamStatus === undefined ? undefined : lastStatus(x) || null;
    // Instrumentation sits in the service that answered; for a gateway's codes it may itself be a gateway.
    case 'otel':
      return x.code < 502 || x.code > 504 ? x.code : undefined;
    // With these substatuses the handler, which is the application, set the code.
    case 'iis':
      return iis(
        x,
        '400.0',
        '401.0',
        '403.0',
        '500.0',
        '500.100',
        '500.30',
        '500.31',
        '500.37',
        '404.0',
        '405.0',
        '409.0',
        '422.0',
        '429.0',
      )
        ? x.code
        : undefined;
    default:
      return nginxLike(x) ? nginxUpstreamError(x) : undefined;
  }
}

/**
 * nginx writes the 502 or 504 it invents into $upstream_status too, so for those two only a header time or a body proves an answer
 * (ngx_http_upstream_next; $upstream_response_length counts bytes after a header that was read); a 500, 503 or 429 there did come from the upstream.
 */
function nginxUpstreamError(x: Evidence): number | null | undefined {
  if (nginxAlone(x)) return null;
  const status = lastStatus(x);
  if (typeof x.headerMs === 'number') return status >= 400 ? status : status === 0 ? x.code : null;
  if (x.headerMs === null || x.connectMs === null || nginxNoHeader(x)) return null;
  if (x.upstreamStatus === undefined)
    return typeof x.responseMs === 'number' && x.code !== 502 && x.code !== 504 ? x.code : undefined;
  if (status === 502 || status === 504) return (x.upstreamLength ?? 0) > 0 ? status : undefined;
  return status >= 400 ? status : null;
}

/** With $upstream_response_time alone, a code that error_page set looks like one that the upstream returned. */
export const mayBeRenamed = (x: Evidence): Alternative | undefined =>
  nginxLike(x) && x.upstreamStatus === undefined && x.headerMs === undefined && typeof x.responseMs === 'number'
    ? {
        text: "an error_page that turns nginx's own 502 or 504 into this code looks the same; $upstream_status would tell",
        rare: true,
      }
    : undefined;

function haproxyUpstreamError(x: Evidence): number | null | undefined {
  if (x.termination === undefined) return undefined;
  if (noServer(x)) return null;
  const state = haproxy(x);
  // D and L: the session ended while data passed, so the server's header had come.
  return state === '--' || state[1] === 'D' || state[1] === 'L' ? x.code : null;
}

function envoyUpstreamError(x: Evidence): number | null | undefined {
  if (x.details?.startsWith('via_upstream')) return x.code;
  if (x.flags === undefined) return x.details ? null : undefined;
  // URX alone: the last try was answered, and retries had run out.
  if (x.flags === '-' || x.flags === '' || x.flags === 'URX')
    return x.details && x.details !== '-' ? null : x.upstream === null ? null : x.code;
  return null;
}

/** The proxy generated the code itself. */
export const generatedByProxy = (x: Evidence): boolean => upstreamError(x) === null;

/** How long something took, as evidence says it: "48 ms", "1200 ms", "30 s". */
export const spent = (ms: number): string => (ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms)} ms`);

/** `238 of 240 (99.2%)`. */
export function of(hits: number, total: number): string {
  if (hits === total) return total === 1 ? '1 of 1' : `all ${count(total)}`;
  return `${count(hits)} of ${count(total)} (${percent(hits / total)})`;
}
