// The honest answer: the fields cannot tell. Names what to log so that next time they can.
import type { Cause } from './cause.ts';
import type { Exchange, Proxy } from '../exchange.ts';
import { nginxLike, of } from './exchange-facts.ts';

export const unknown: Cause = {
  id: 'unknown',
  culprit: 'unknown',
  title: 'the log cannot tell',
  headline: 'The log cannot tell who failed',
  matches: (x) => x.code >= 400 || x.code < 100,
  examples: [
    { proxy: 'unknown', code: 502, method: 'GET' },
    { proxy: 'nginx', code: 504, upstream: '10.0.0.3:8080', upstreamStatus: [504] },
    { proxy: 'traefik', code: 502, upstreamStatus: [502], bytes: 11 },
  ],
  evidence: ({ hits, total, code, sample }) =>
    `${of(hits, total)} are a ${code} whose maker cannot be told from these fields${sample ? `: ${missing(sample)}.${hint(sample)}` : '.'}`,
  meaning:
    'This log format does not say whether the proxy or the application made the code, nor whether a connection stood. Guessing would send you the wrong way, so this does not guess. Adding the variables below settles it from the next request on.',
  owner: "Whoever can change the log format; until then, the proxy's error log has the answer.",
  checks: [
    { say: "The proxy's error log says it in words, at the same seconds.", run: 'tail -n 50 /var/log/nginx/error.log' },
    { say: 'Ask the upstream past the proxy: if it answers the same code, the application made it.' },
  ],
  fixes: ['Add the missing variables to the log format.'],
  notToConfuse: [],
  references: ['nginx: ngx_http_upstream_module, embedded variables'],
  localCheck: "This log cannot tell whether the proxy reached the backend at all. The proxy's error log can.",
  traits: ['time-limit'],
  pathFaultCodes: [502],
};

const NGINX_FORMAT = `log_format fivealarm escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host",'
  '"request_method":"$request_method","uri":"$request_uri","status":"$status","body_bytes_sent":"$body_bytes_sent","request_time":"$request_time",'
  '"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status","upstream_connect_time":"$upstream_connect_time",'
  '"upstream_header_time":"$upstream_header_time","upstream_response_time":"$upstream_response_time",'
  '"upstream_bytes_received":"$upstream_bytes_received","limit_req_status":"$limit_req_status","http_user_agent":"$http_user_agent"}';
access_log /var/log/nginx/access.log fivealarm;`;

const INGRESS_FORMAT = `# the ConfigMap of ingress-nginx
data:
  log-format-escape-json: "true"
  log-format-upstream: '{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host","request_method":"$request_method","uri":"$request_uri","status":"$status","body_bytes_sent":"$body_bytes_sent","request_time":"$request_time","upstream_addr":"$upstream_addr","upstream_status":"$upstream_status","upstream_connect_time":"$upstream_connect_time","upstream_header_time":"$upstream_header_time","upstream_response_time":"$upstream_response_time","upstream_bytes_received":"$upstream_bytes_received","limit_req_status":"$limit_req_status"}'`;

export interface AddToLog {
  why: string;
  paste: string;
}

const ADVICE: Partial<Record<Proxy, AddToLog>> = {
  nginx: {
    why: 'Without $upstream_connect_time and $upstream_header_time a 502 or 504 that nginx made looks like one that the upstream sent: nginx writes its own code into $upstream_status.',
    paste: NGINX_FORMAT,
  },
  haproxy: {
    why: 'The termination state and the timers are what tells who ended the session.',
    paste: 'defaults\n    log global\n    mode http\n    option httplog',
  },
  envoy: {
    why: 'Response flags and response code details name who set the code.',
    paste: `typed_json_format: { start_time: "%START_TIME%", method: "%REQ(:METHOD)%", path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", authority: "%REQ(:AUTHORITY)%", response_code: "%RESPONSE_CODE%", response_flags: "%RESPONSE_FLAGS%", response_code_details: "%RESPONSE_CODE_DETAILS%", upstream_host: "%UPSTREAM_HOST%", upstream_request_attempt_count: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%", upstream_transport_failure_reason: "%UPSTREAM_TRANSPORT_FAILURE_REASON%", duration: "%DURATION%" }`,
  },
  caddy: {
    why: "Caddy's access log does not say what its reverse proxy met; append the upstream's part (Caddy 2.8 or newer). The reason itself is in http.log.error at the same second.",
    paste:
      'log_append upstream {http.reverse_proxy.upstream.hostport}\nlog_append upstream_status {http.reverse_proxy.status_code}\nlog_append upstream_latency_ms {http.reverse_proxy.upstream.latency_ms}',
  },
  apache: {
    why: "Apache's access log does not say whether mod_proxy or the application made the code; log the backend and the handler, and read the AH numbers in the error log (AH00957, AH01114: connect failed; AH01102: no answer read).",
    paste:
      'LogFormat "%v:%p %a %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\" %D %{BALANCER_WORKER_NAME}e %R %L" fivealarm',
  },
  traefik: {
    why: 'Keep OriginStatus, RetryAttempts, ServiceAddr and DownstreamContentSize (JSON, fields.defaultMode keep). Traefik says "connection refused" or "EOF" only in its own log at level DEBUG.',
    paste: 'accessLog:\n  format: json\n  fields:\n    defaultMode: keep\nlog:\n  level: DEBUG',
  },
  cloudflare: {
    why: "OriginResponseStatus tells the edge's codes from the origin's.",
    paste:
      'Logpush fields: EdgeStartTimestamp, EdgeResponseStatus, OriginResponseStatus, OriginIP, EdgePathingStatus, CacheCacheStatus, ClientRequestMethod, ClientRequestHost, ClientRequestURI, ClientIP, OriginResponseDurationMs',
  },
  gcp: {
    why: 'jsonPayload.statusDetails names who made the code.',
    paste: 'gcloud compute backend-services update NAME --enable-logging --logging-sample-rate=1.0',
  },
  iis: {
    why: 'Substatus and win32 status tell the module from the application.',
    paste:
      'W3C fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) cs-host sc-status sc-substatus sc-win32-status time-taken',
  },
};

const FALLBACK: AddToLog = {
  why: `If nginx wrote this: without${ADVICE.nginx!.why.slice('Without'.length)} Behind another proxy, log who answered: HAProxy "option httplog", Envoy response flags.`,
  paste: NGINX_FORMAT,
};

/** What to add to the log of this proxy so that `unknown` becomes an answer. `ingress`: the line is ingress-nginx's. */
export const addToLog = (proxy: Proxy, ingress = false): AddToLog =>
  ingress ? { why: ADVICE.nginx!.why, paste: INGRESS_FORMAT } : (ADVICE[proxy] ?? FALLBACK);

function missing(x: Exchange): string {
  if (x.proxy === 'traefik') return 'Traefik does not log whether the connection was refused or dropped';
  if (x.proxy === 'caddy') return 'Caddy logs the reason elsewhere (http.log.error)';
  if (!nginxLike(x)) return 'no upstream fields are in the log';
  const absent = [
    ['$upstream_addr', x.upstream],
    ['$upstream_status', x.upstreamStatus],
    ['$upstream_connect_time', x.connectMs],
    ['$upstream_header_time', x.headerMs],
  ]
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (absent.length === 0) return 'its upstream fields fit no known failure';
  return `${[absent.slice(0, -1).join(', '), absent.at(-1)].filter(Boolean).join(' and ')} ${absent.length === 1 ? 'is' : 'are'} not in the log`;
}

/** What the fields lean to without proving it. */
function hint(x: Exchange): string {
  if (!nginxLike(x) || (x.code !== 502 && x.code !== 504) || typeof x.responseMs !== 'number') return '';
  const empty = x.upstreamLength === 0 ? ' and without a byte of body' : '';
  if (x.code === 504)
    return ` A hint: it ended after ${spent(x.responseMs)}${empty}, rather a time limit of nginx's than an answer.`;
  return x.responseMs < 50
    ? ` A hint: it ended after ${spent(x.responseMs)}${empty}, rather a refused or dropped connection than a slow upstream.`
    : '';
}

const spent = (ms: number): string => (ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms)} ms`);
