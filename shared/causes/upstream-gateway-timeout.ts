// The upstream answered 504 itself: what it waits for is one hop further.
import type { Cause } from './cause.ts';
import { upstreamError, of } from './exchange-facts.ts';

export const upstreamGatewayTimeout: Cause = {
  id: 'upstream_gateway_timeout',
  culprit: 'app',
  title: 'upstream returned 504',
  headline: '{upstream} passes on a 504 from a service behind it',
  matches: (x) => upstreamError(x) === 504,
  examples: [
    {
      proxy: 'nginx',
      code: 504,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [504],
      connectMs: 0,
      headerMs: 4,
      responseMs: 1,
      upstreamBytes: 0,
    },
  ],
  evidence: ({ hits, total, sample, upstream }) =>
    `${of(hits, total)} are a 504 that ${upstream ?? 'the upstream'} sent with a proper header${typeof sample?.headerMs === 'number' ? ` after ${Math.round(sample.headerMs)} ms` : ''}: this proxy did not time out.`,
  meaning:
    "The upstream is itself a gateway and gave up waiting for a service behind it. This proxy's timeouts played no part.",
  owner: 'Whoever runs the upstream, and the service it waits for.',
  checks: [
    { say: "Look one hop further: which of the upstream's own calls took too long in that window?" },
    {
      say: 'Ask it directly, and time it.',
      run: 'curl -s -o /dev/null -m 120 -w "%{http_code} after %{time_total}s\\n" http://{upstream}{path}',
    },
    { say: 'The timeout it has set for its own upstream: durations pinned at one value give it away.' },
  ],
  fixes: [
    'Fix the hop behind it; send that log here as a separate source.',
    'Order the timeouts: each hop a little shorter than the one in front of it.',
  ],
  notToConfuse: ["Not this proxy's read timeout: raising it changes nothing."],
  references: ['nginx: $upstream_header_time is a number', 'HAProxy configuration manual 8.5, state --'],
  localCheck: 'The proxy did not time out: its upstream did, waiting for a third party. Look one hop further.',
  traits: ['time-limit'],
};
