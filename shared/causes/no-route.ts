// No virtual host, route or cluster matches what was asked for.
import type { Cause } from './cause.ts';
import { flagged, haproxy, iis, generatedByProxy, of, reasonIncludes } from './exchange-facts.ts';

export const noRoute: Cause = {
  id: 'no_route',
  culprit: 'proxy',
  title: 'no route for it in the proxy',
  headline: 'The proxy has no route for these requests',
  matches: (x) =>
    ((x.code === 404 || x.code === 421) && generatedByProxy(x)) ||
    (x.code >= 400 && flagged(x, 'NR', 'NC', 'NFCF')) ||
    (x.code === 404 && haproxy(x) === 'LR') ||
    iis(x, '404.2', '404.3', '404.4', '404.17', '404.20') ||
    reasonIncludes(x, 'vercel', 'DEPLOYMENT_NOT_FOUND', 'ROUTER_CANNOT_MATCH') ||
    reasonIncludes(x, 'gcp', 'no_matching_route', 'route_not_found'),
  examples: [
    { proxy: 'nginx', code: 404, upstream: null },
    { proxy: 'envoy', code: 404, flags: 'NR' },
    { proxy: 'traefik', code: 404, upstreamStatus: [] },
  ],
  evidence: ({ hits, total, code }) =>
    `${of(hits, total)} were answered ${code} by the proxy itself: no configured route (or file, where it serves files) matches host and path, so no upstream was contacted.`,
  meaning:
    'The request matched no virtual host, route or cluster (or, where the proxy serves files, no file). After a deploy it means a route was lost; otherwise it is someone asking for what was never there.',
  owner: "Whoever keeps the proxy's routes; often nobody, when it is a scanner.",
  checks: [
    {
      say: 'Many distinct paths from one client: a scanner, nothing to fix. One path or host from many: a lost route.',
    },
    {
      say: 'On Kubernetes: do the Ingress rules or routes, their class and their Service exist?',
      run: 'kubectl get ingress -A',
    },
  ],
  fixes: [
    'Restore the route; redirect (308) the paths that moved.',
    'Answer unknown hosts in a default server of their own.',
  ],
  notToConfuse: ["Not the application's 404: the request never reached it."],
  references: ['Envoy response flags NR and NC', 'Traefik: no OriginStatus', 'IIS 404 substatus codes'],
  traits: ['proxy-rule'],
};
