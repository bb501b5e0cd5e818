// The proxy itself broke: rewrite loop, bad configuration, tarpit, out of resources.
import type { Cause } from './cause.ts';
import {
  albReason,
  flagged,
  haproxy,
  haproxyReplaced,
  iis,
  generatedByProxy,
  noServer,
  of,
  reasonIncludes,
} from './exchange-facts.ts';

export const proxyInternalError: Cause = {
  id: 'proxy_internal_error',
  culprit: 'proxy',
  title: 'internal proxy error',
  headline: 'The proxy itself fails',
  matches: (x) =>
    ((x.code === 500 || x.code === 508) &&
      generatedByProxy(x) &&
      !haproxyReplaced(x) &&
      x.proxy !== 'cloudflare' &&
      x.proxy !== 'cloudfront') ||
    haproxy(x) === 'PT' ||
    (x.code >= 500 && /^(I.|R[CHR]|PC|K.)$/.test(haproxy(x)) && !haproxyReplaced(x)) ||
    (x.code >= 400 && flagged(x, 'RLSE', 'FI', 'OM')) ||
    iis(x, '500.19', '500.21', '500.22', '500.23', '500.24', '500.50', '500.51', '500.52', '500.53') ||
    // A firewall that could not be asked, a function that may not or cannot be called.
    (x.code >= 500 && /^(WAF|Auth|Lambda(?!Unhandled|.*(Throttl|LimitReached)))/.test(albReason(x))) ||
    reasonIncludes(x, 'gcp', 'internal_error', 'config_not_found'),
  examples: [
    { proxy: 'nginx', code: 500, upstream: null },
    { proxy: 'alb', code: 502, upstreamStatus: [], details: 'LambdaAccessDenied' },
    { proxy: 'alb', code: 504, upstreamStatus: [], details: 'WAFConnectionTimeout' },
    { proxy: 'iis', code: 500, details: '19.33' },
  ],
  evidence: ({ hits, total, code, sample }) =>
    `${of(hits, total)} are a ${code} that the proxy itself generated${sample?.termination?.startsWith('PT') ? ' (HAProxy tarpit)' : ''}${sample?.upstream === null || (sample?.termination !== undefined && noServer(sample)) ? '; no upstream was contacted' : ''}.`,
  alternative: (x) =>
    x.proxy === 'traefik' && x.bytes === 21
      ? { text: 'an application that returns nothing but "Internal Server Error" has the same size', rare: false }
      : undefined,
  meaning:
    'The proxy could not execute its configuration: an internal redirect loop, a failing rewrite, an unreachable login service (auth_request), a module or script error, a limit of its own. A tarpit answers 500 on purpose.',
  owner: "Whoever changed the proxy's configuration last.",
  checks: [{ say: "What changed in the proxy's configuration just before?" }],
  fixes: [
    "Roll the proxy's configuration back.",
    'auth_request: fix the service it calls; any response other than 2xx, 401 or 403 becomes a 500.',
    'try_files whose last argument leads back to itself: end it in =404 or a named location.',
  ],
  notToConfuse: ['Not the application: it would have sent a header.'],
  references: ['nginx: 500 with $upstream_addr "-"', 'HAProxy configuration manual 8.5, states PT, I, R', 'IIS 500.19'],
};
