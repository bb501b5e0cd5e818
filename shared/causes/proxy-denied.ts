// An access rule, WAF or login filter of the proxy said no.
import type { Cause } from './cause.ts';
import { flagged, haproxy, iis, generatedByProxy, noServer, of, reasonIncludes } from './exchange-facts.ts';

export const proxyDenied: Cause = {
  id: 'proxy_denied',
  culprit: 'proxy',
  title: 'denied by a proxy rule',
  headline: 'A rule of the proxy denies these requests',
  matches: (x) =>
    ((x.code === 401 || x.code === 403 || x.code === 407 || x.code === 561) &&
      generatedByProxy(x) &&
      x.proxy !== 'cloudflare') ||
    x.code === 561 ||
    x.code === 407 ||
    (x.proxy === 'iis' && (x.code === 401 || x.code === 403) && x.details !== undefined && !iis(x, '401.0', '403.0')) ||
    ((x.code >= 400 || x.code === 0) &&
      x.code !== 404 &&
      x.code !== 429 &&
      x.code !== 500 &&
      x.code !== 400 &&
      (haproxy(x) === 'PR' || (/^L.$/.test(haproxy(x)) && noServer(x)))) ||
    flagged(x, 'UAEX') ||
    reasonIncludes(x, 'squid', 'DENIED') ||
    reasonIncludes(x, 'gcp', 'denied_by_security_policy', 'handled_by_identity_aware_proxy', 'denied_by'),
  examples: [
    { proxy: 'nginx', code: 403, upstream: null, upstreamStatus: [] },
    { proxy: 'haproxy', code: 0, upstream: 'fe/<NOSRV>', termination: 'PR--' },
    { proxy: 'envoy', code: 403, flags: 'UAEX' },
    { proxy: 'alb', code: 401, upstreamStatus: [], details: 'AuthMissingStateParam' },
    { proxy: 'alb', code: 403, upstreamStatus: [] },
    { proxy: 'iis', code: 401, details: '2.5' },
  ],
  evidence: ({ hits, total, code, sample }) =>
    `${of(hits, total)} were ${code === 0 ? 'cut off without an answer' : `answered ${code}`} by the proxy itself${sample?.termination ? ` (state ${sample.termination})` : ''}; no upstream was contacted.`,
  meaning:
    'An allow or deny list, basic auth, a web application firewall or a single sign-on filter in the proxy rejected the request. The application never saw it.',
  owner: "Whoever keeps the proxy's access rules.",
  checks: [
    {
      say: 'One client: is it a scanner, or someone whose address changed? All clients: was a rule or a certificate changed?',
    },
  ],
  fixes: [
    'Correct the rule, and log its name with the denial so that the next person sees it.',
    'If clients behind a CDN are denied: read the real client address (set_real_ip_from, PROXY protocol).',
  ],
  notToConfuse: ["Not the application's own permissions: the request never reached it."],
  references: [
    'RFC 9110, 15.5.2 and 15.5.4',
    'HAProxy configuration manual 8.5, state PR',
    'Envoy response flag UAEX',
    'AWS ALB: 401 and 561 from authentication, 403 from WAF',
  ],
  traits: ['proxy-rule'],
};
