// Every instance is marked down, or none is registered.
import type { Evidence } from '../exchange.ts';
import type { Cause } from './cause.ts';
import {
  albAlone,
  failedCall,
  flagged,
  haproxy,
  iis,
  isGroupName,
  generatedByProxy,
  noServer,
  nginxLike,
  of,
  reasonIncludes,
} from './exchange-facts.ts';

export const noLiveUpstreams: Cause = {
  id: 'no_live_upstreams',
  culprit: 'upstream-connect',
  title: 'no live upstream',
  headline: 'The proxy has no live upstream left',
  matches: (x) =>
    nginxFoundNone(x) ||
    (nginxLike(x) && x.code >= 500 && /^0\.0\.0\.[01]:/.test(x.upstream ?? '')) ||
    ((haproxy(x) === 'SC' || haproxy(x) === 'sC') && noServer(x)) ||
    (x.code >= 400 && flagged(x, 'UH', 'LH')) ||
    failedCall(x, 'UH') ||
    (x.proxy === 'envoy' && /no_healthy_upstream/.test(x.details ?? '')) ||
    (x.code === 503 && (albAlone(x) || (x.proxy === 'traefik' && generatedByProxy(x)))) ||
    iis(x, '502.4', '503.0') ||
    reasonIncludes(x, 'azure', 'ERRORINFO_UPSTREAM_NO_LIVE') ||
    reasonIncludes(x, 'gcp', 'failed_to_pick_backend'),
  examples: [
    {
      proxy: 'nginx',
      code: 502,
      upstream: 'backend',
      upstreamStatus: [502],
      connectMs: null,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'haproxy', code: 503, upstream: 'app/<NOSRV>', termination: 'SC--' },
    { proxy: 'envoy', code: 503, flags: 'UH', details: 'no_healthy_upstream' },
    { proxy: 'alb', code: 503, upstream: null, upstreamStatus: [] },
    { proxy: 'traefik', code: 503, upstreamStatus: [] },
  ],
  evidence: ({ hits, total, upstream, code, sample }) =>
    sample?.proxy === 'alb' || sample?.proxy === 'elb'
      ? `${of(hits, total)} are a ${code} that the load balancer generated: its target group has no registered target, or none that it may use.`
      : `${of(hits, total)} found no available instance${upstream && !upstream.startsWith('0.0.0.') ? `: ${groupOf(upstream)} had none in rotation` : ''}; none was tried.`,
  meaning:
    'The proxy has taken every instance of the group out of rotation, after failed health checks or failed requests, or the group is empty (on Kubernetes: a Service without ready endpoints). What failed first is in the lines just before: look for the last attempts with an address.',
  owner: 'Whoever owns the backend group: its health checks, its registrations, its last deploy.',
  checks: [
    { say: 'What failed first? Look at the last attempts with an address, before these.' },
    { say: "From the proxy's machine: does the health-check path itself return 200?" },
    { say: 'On Kubernetes: has the Service any ready endpoint?', run: 'kubectl get endpointslices -A' },
  ],
  fixes: [
    'Fix what took the first instance down; one healthy instance ends the outage.',
    'A health check that fails on its own (wrong path, login required, timeout too short) takes all instances down at once: relax it.',
    'nginx: max_fails=1 with fail_timeout=10s (the defaults) let one failed request empty a small group: raise max_fails. A group of one server is never marked down.',
  ],
  notToConfuse: ['Not overloaded instances: nothing reached them.', 'Not a rate limit: no rule rejected the request.'],
  references: [
    'nginx: $upstream_addr holds the group name, "no live upstreams"',
    'HAProxy configuration manual 8.5, SC with <NOSRV>',
    'Envoy response flag UH',
    'AWS ALB troubleshooting, 503',
  ],
  localCheck:
    'It may well answer now: the proxy marked it down earlier and has not tried since, or its health check asks for something else than you do.',
  traits: ['names-group'],
};

const groupOf = (upstream: string): string => upstream.replace(/\/<NOSRV>$/, '');

/** In the log of an unknown program a name without a port may simply be how it names its backends: there a "-" must stand beside it. */
function nginxFoundNone(x: Evidence): boolean {
  if (x.code < 500 || !nginxLike(x) || !x.upstream || !isGroupName(x.upstream)) return false;
  if (typeof x.connectMs === 'number' || typeof x.headerMs === 'number') return false;
  return x.proxy === 'nginx' || x.connectMs === null || x.headerMs === null;
}
