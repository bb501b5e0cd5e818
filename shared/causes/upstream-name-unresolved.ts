// The upstream's name gives no address.
import type { Cause } from './cause.ts';
import { flagged, iis, nginxAlone, of, reasonIncludes, win32 } from './exchange-facts.ts';

export const upstreamNameUnresolved: Cause = {
  id: 'upstream_name_unresolved',
  culprit: 'upstream-connect',
  title: 'upstream name not resolved',
  headline: 'The proxy cannot resolve the name of {upstream}',
  matches: (x) =>
    (x.code === 502 && nginxAlone(x)) ||
    flagged(x, 'DF') ||
    (x.proxy === 'envoy' && x.code >= 500 && /dns_(resolution_)?fail/.test(x.details ?? '')) ||
    reasonIncludes(x, 'cloudfront', 'OriginDnsError') ||
    (iis(x, '502.3') && win32(x) === 12007) ||
    reasonIncludes(x, 'otel', 'ENOTFOUND', 'EAI_AGAIN', 'UnknownHost'),
  examples: [
    { proxy: 'nginx', code: 502, upstream: null, upstreamStatus: [] },
    { proxy: 'envoy', code: 503, flags: 'DF' },
    { proxy: 'cloudfront', code: 502, result: 'Error', details: 'OriginDnsError' },
  ],
  evidence: ({ hits, total, proxy }) =>
    `${of(hits, total)} ended before any upstream address was tried${proxy === 'nginx' ? ', which happens when its name does not resolve' : ': its name did not resolve'}.`,
  alternative: (x) =>
    nginxAlone(x) && x.code === 502
      ? { text: 'a plain `return 502` looks the same; only a failed lookup leaves an error-log line', rare: true }
      : undefined,
  meaning:
    'The proxy uses a name for its upstream, and DNS returns no address: the record is gone or misspelt, the resolver is unreachable, or none is configured.',
  owner: "Whoever runs DNS, service discovery or the proxy's resolver setting.",
  checks: [
    {
      say: "From the proxy's machine, with the resolver it uses: does the upstream's name resolve?",
      run: 'cat /etc/resolv.conf',
    },
    { say: 'On Kubernetes or Docker: does the Service or container still have that name?', run: 'kubectl get svc -A' },
  ],
  fixes: [
    'Restore the record or correct the name.',
    'nginx with a variable in proxy_pass needs a resolver directive.',
    'Two resolvers, and a short negative TTL.',
  ],
  notToConfuse: ['Not a dead backend: nothing was tried yet.'],
  references: ['nginx: 502 with $upstream_addr "-"', 'Envoy response flag DF', 'CloudFront OriginDnsError'],
  localCheck: 'You ask by address, the proxy by name. The name does not resolve where the proxy runs.',
};
