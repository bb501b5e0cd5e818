// The client got its answer, after an attempt that failed: the earliest warning there is.
import type { Cause } from './cause.ts';
import { of } from './exchange-facts.ts';

export const maskedRetry: Cause = {
  id: 'masked_retry',
  culprit: 'upstream-connect',
  title: 'a retry hid a failure',
  headline: '{upstream} fails, and retries hide it',
  matches: (x) => {
    if (x.code < 100 || x.code >= 400) return false;
    if ((x.retries ?? 0) > 0) return true;
    const tried = x.upstreamStatus ?? [];
    return (tried.at(-1) ?? 0) >= 500 || tried.slice(0, -1).some((status) => status >= 500 || status === 0);
  },
  examples: [
    {
      proxy: 'nginx',
      code: 200,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [502, 200],
      connectMs: 0,
      headerMs: 1,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'envoy', code: 200, flags: '-', retries: 1 },
    { proxy: 'traefik', code: 200, upstreamStatus: [200], retries: 2 },
  ],
  evidence: ({ hits, total, sample }) =>
    (sample?.upstreamStatus && (sample.upstreamStatus.at(-1) ?? 0) >= 500
      ? `${of(hits, total)} count as a success although the upstream gave ${sample.upstreamStatus.at(-1)}: a cache or an error page answered in its place`
      : `${of(hits, total)} succeeded only after another attempt had failed`) +
    (sample?.upstreamAttempts && sample.upstreamAttempts.length > 1
      ? ` (${sample.upstreamAttempts[0]}${sample.upstreamStatus?.[0] ? ` gave ${sample.upstreamStatus[0]}` : ''}, then ${sample.upstreamAttempts.at(-1)})`
      : '') +
    '.',
  meaning:
    'An instance is failing, but another instance, a cache or an error page hides it. Users notice slow or stale responses at most. They will see errors when a second instance fails, the cache expires, or the request is a POST that must not be retried.',
  owner: 'Whoever runs the failing instance: the first address in the list that failed.',
  checks: [
    {
      say: 'Which instance fails first in these lists? Ask it directly.',
      run: 'curl -sv -m 5 -o /dev/null http://{upstream}{path}',
    },
    { say: 'How often, and since when? A rise here comes before the 502s.' },
  ],
  fixes: [
    'Fix or remove that instance now, while users do not see it.',
    'Make health checks detect what retries hide.',
  ],
  notToConfuse: ['Not visible in status counts: the client got 2xx.'],
  references: ['nginx: $upstream_status "502, 200"', 'Traefik RetryAttempts', 'HAProxy retries and redispatch'],
  traits: ['masked'],
};
