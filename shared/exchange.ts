// One HTTP exchange as far as a log line (or span) tells it: what causes are judged on, what `parse` prints.

/** Who wrote the line. `unknown` when the format is one that several programs write (plain combined, say). */
export const PROXIES = [
  'unknown',
  'nginx',
  'apache',
  'haproxy',
  'envoy',
  'traefik',
  'caddy',
  'alb',
  'elb',
  'cloudfront',
  's3',
  'cloudflare',
  'iis',
  'azure',
  'gcp',
  'apigateway',
  'squid',
  'varnish',
  'lighttpd',
  'vercel',
  'otel',
] as const;
export type Proxy = (typeof PROXIES)[number];

/** The link of the request path that failed. */
export const CULPRITS = [
  'client',
  'edge',
  'proxy',
  'upstream-connect',
  'upstream-timeout',
  'upstream-protocol',
  'app',
  'unknown',
] as const;
export type Culprit = (typeof CULPRITS)[number];

/**
 * What a cause is judged on: the code, and what the log line says of how the exchange went.
 *
 * Absent (undefined): the format does not carry the field. `null`: it does, and the proxy wrote "-" (or -1): it never happened.
 * That difference is the whole diagnosis. Lists hold one entry per upstream attempt, the last being the one the client saw.
 */
export interface Evidence {
  proxy: Proxy;
  /** What the client got, 0–999. */
  code: number;
  method?: string;
  /** The last address tried, or what the proxy writes in its place (an upstream group, `backend/<NOSRV>`). Null: it never got as far as one. */
  upstream?: string | null;
  /** What each attempt answered, as logged; 0 for an attempt without a status. Empty: the field is there, and nothing answered. */
  upstreamStatus?: number[];
  durationMs?: number;
  /** Response size as the proxy counted it. */
  bytes?: number;
  /** Last attempt: time to connect / to first header byte / to the whole response. */
  connectMs?: number | null;
  headerMs?: number | null;
  responseMs?: number | null;
  /** Bytes received from the upstream in the last attempt, its header included. */
  upstreamBytes?: number | null;
  /** Bytes of the upstream's body in the last attempt: none before its header was read. */
  upstreamLength?: number | null;
  /** Upstream addresses tried, in order (nginx lists); `upstream` is the last. */
  upstreamAttempts?: string[];
  /** How long each of them took, ms, if there were several; null where it is not logged. */
  attemptsMs?: (number | null)[];
  /** HAProxy termination state, e.g. "SC--". */
  termination?: string;
  /** HAProxy: time in queue, ms; -1 becomes null. */
  queueMs?: number | null;
  /** Envoy response flags, e.g. "UF,URX"; "-" means none. */
  flags?: string;
  /** Why, in the proxy's words: Envoy response_code_details, ALB error_reason, CloudFront detailed result, GCP statusDetails, Azure error_info, IIS "substatus.win32". */
  details?: string;
  /** CloudFront x-edge-result-type, squid result, Cloudflare pathing, cache status. */
  result?: string;
  /** Further attempts after the first (Traefik RetryAttempts, HAProxy retries, Envoy attempts - 1). */
  retries?: number;
  /** nginx $limit_req_status / $limit_conn_status: PASSED, REJECTED, … */
  limit?: string;
}

/** The whole exchange: also when, who and what, which no cause is judged on. */
export interface Exchange extends Evidence {
  /** Event time, ms since the epoch. */
  ts?: number;
  /** Path with query, as logged. */
  path?: string;
  /** Low-cardinality pattern of the path. */
  route?: string;
  host?: string;
  client?: string;
}
