// The upstream answered 502 itself: it is a gateway too, and the fault is one hop further.
import type { Cause } from './cause.ts';
import { upstreamError, of } from './exchange-facts.ts';

export const upstreamGatewayError: Cause = {
  id: 'upstream_gateway_error',
  culprit: 'app',
  title: 'upstream returned 502',
  headline: '{upstream} passes on a 502 from a service behind it',
  matches: (x) => upstreamError(x) === 502,
  examples: [
    {
      proxy: 'nginx',
      code: 502,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [502],
      connectMs: 0,
      headerMs: 4,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'alb', code: 502, upstream: '10.0.0.3:80', upstreamStatus: [502] },
    { proxy: 'caddy', code: 502, upstream: '10.0.0.3:80', upstreamStatus: [502] },
  ],
  evidence: ({ hits, total, sample, upstream }) =>
    `${of(hits, total)} are a 502 that ${upstream ?? 'the upstream'} sent with a proper header${took(sample?.headerMs)}: this proxy only passed it on.`,
  meaning:
    'The link between this proxy and its upstream works. The upstream is a gateway of its own (another proxy, an API gateway, a service that calls others), and a service behind it failed.',
  owner: 'Whoever runs the upstream, and behind it the next hop.',
  checks: [
    { say: 'Look one hop further: the access and error log of the upstream in the same window.' },
    {
      say: 'Call the upstream directly; it should return 502 without this proxy too.',
      run: 'curl -si -m 10 http://{upstream}{path} | head -20',
    },
    {
      say: 'Who signed the answer? Server, Via and X-Served-By headers name the hop.',
      run: 'curl -sI -m 10 http://{upstream}{path} | grep -iE "server|via|x-"',
    },
  ],
  fixes: [
    "Send the upstream's own log to a second source here, and read the cause there.",
    'Let the service that calls others answer 503 or 504 with Retry-After instead of a bare 502, so that the next reader knows.',
  ],
  notToConfuse: ["Not this proxy's connection to its upstream: it worked and carried a full response."],
  references: [
    'nginx: $upstream_header_time is a number',
    'HAProxy configuration manual 8.5, state --',
    'Envoy details via_upstream',
    'AWS ALB target_status_code equals elb_status_code',
  ],
  localCheck:
    'The proxy and its upstream are both fine: the upstream is itself a gateway and said 502 about a third party. Look one hop further.',
};

const took = (ms: number | null | undefined): string => (typeof ms === 'number' ? ` after ${Math.round(ms)} ms` : '');
