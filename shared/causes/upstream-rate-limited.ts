// The application's own quota said 429.
import type { Cause } from './cause.ts';
import { upstreamError, mayBeRenamed, of } from './exchange-facts.ts';

export const upstreamRateLimited: Cause = {
  id: 'upstream_rate_limited',
  culprit: 'app',
  title: "the application's own rate limit",
  headline: '{app} limits the rate of requests',
  matches: (x) => upstreamError(x) === 429,
  examples: [
    {
      proxy: 'nginx',
      code: 429,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [429],
      connectMs: 0,
      headerMs: 4,
      responseMs: 1,
      upstreamBytes: 0,
    },
  ],
  evidence: ({ hits, total, upstream }) =>
    `${of(hits, total)} are a 429 that ${upstream ?? 'the application'} itself sent: its quota, not the proxy's.`,
  alternative: mayBeRenamed,
  meaning:
    'The application counts requests per client, key or plan, and these were over. One client means that client misbehaves or has outgrown its plan; all clients at once means the limit, or its shared counter, is wrong.',
  owner: "The application's team, together with the client that is over.",
  checks: [
    { say: 'One client, or many? See "where", and the clients of these lines.' },
    {
      say: 'Does the answer say when to come back?',
      run: 'curl -si -m 10 http://{upstream}{path} | grep -iE "^HTTP|retry-after|ratelimit"',
    },
    {
      say: 'Do the same clients return sooner than Retry-After says? Then it is a retry storm: see the contract check.',
    },
  ],
  fixes: [
    'Send Retry-After and RateLimit headers; ask clients for exponential backoff with jitter.',
    'Raise the quota for a client that has outgrown it; give the others their own bucket.',
  ],
  notToConfuse: [
    "Not the proxy's limiter: the request reached the application.",
    'Not overload: 503 says "I cannot", 429 says "you, too often".',
  ],
  references: ['RFC 6585, 4', 'nginx: $upstream_status 429 with a header time'],
};
