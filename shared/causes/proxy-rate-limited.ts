// The proxy's own limiter turned the request away.
import type { Cause } from './cause.ts';
import { flagged, haproxy, iis, generatedByProxy, nginxAlone, of, reasonIncludes } from './exchange-facts.ts';
import { noLiveUpstreams } from './no-live-upstreams.ts';
import { unknown } from './unknown.ts';
import type { Evidence } from '../exchange.ts';

const limiterSays = (x: Evidence): boolean =>
  x.code >= 400 && x.limit !== undefined && /^REJECTED$|^(delayed_)?rejected$/i.test(x.limit);

export const proxyRateLimited: Cause = {
  id: 'proxy_rate_limited',
  culprit: 'proxy',
  title: "the proxy's rate limit",
  headline: "The proxy's rate limit rejects requests",
  matches: (x) =>
    limiterSays(x) ||
    // nginx answers 503 to limited requests unless limit_req_status says otherwise, and no upstream is tried.
    (nginxAlone(x) && (x.code === 429 || x.code === 503)) ||
    (x.code === 429 && x.proxy !== 'iis' && (generatedByProxy(x) || /^[PL]/.test(haproxy(x)))) ||
    flagged(x, 'RL') ||
    iis(x, '403.501', '403.502') ||
    reasonIncludes(x, 'gcp', 'throttled', 'rate_based_ban', 'rate_limit'),
  examples: [
    { proxy: 'nginx', code: 503, upstream: null, upstreamStatus: [] },
    { proxy: 'nginx', code: 429, limit: 'REJECTED' },
    { proxy: 'haproxy', code: 429, upstream: 'fe/<NOSRV>', termination: 'PR--' },
    { proxy: 'envoy', code: 429, flags: 'RL' },
    { proxy: 'iis', code: 403, details: '502.0' },
  ],
  evidence: ({ hits, total, code, sample }) =>
    `${of(hits, total)} were answered ${code} by the proxy itself${sample && limiterSays(sample) ? ' (the limiter says REJECTED)' : ''}: no upstream was contacted.`,
  alternative: (x) =>
    x.code === 503 && nginxAlone(x) && !limiterSays(x)
      ? {
          text: 'a plain `return 503`, or an ingress whose Service has no endpoints, looks the same; $limit_req_status in the log shows which',
          rare: false,
        }
      : undefined,
  meaning:
    "A limit on requests or connections in the proxy was reached. nginx returns 503 for it by default, which looks like an outage but is not: set the limiter's status to 429.",
  owner: 'Whoever set the limit; the client that is over it.',
  checks: [
    {
      say: 'One client or all? All behind one NAT or CDN address count as one if the limit is keyed by the client address.',
    },
  ],
  fixes: [
    'limit_req_status 429; limit_conn_status 429; so that limits and outages can be told apart.',
    "burst=… nodelay for legitimate bursts; key by API key or real client address, not by the CDN's.",
    'Send Retry-After with the 429.',
  ],
  notToConfuse: [
    'Not an overloaded application: it never received these.',
    'Not an empty backend, if other requests got through at the same second.',
  ],
  references: [
    'nginx: ngx_http_limit_req_module, limit_req_status (default 503)',
    'HAProxy: http-request deny deny_status 429',
    'Envoy response flag RL',
    'IIS 403.501 and 403.502',
  ],
  localCheck:
    'A local request does not pass the limit of the proxy, which rejected these before the backend could see them.',
  traits: ['proxy-limit'],
  // ingress-nginx returns 503 by itself for a Service without ready endpoints.
  ifNothingPasses: (ingress) => (ingress ? noLiveUpstreams.id : unknown.id),
};
