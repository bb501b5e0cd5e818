// Connected, and no answer within the proxy's patience.
import type { Cause } from './cause.ts';
import {
  albAlone,
  connected,
  failedCall,
  flagged,
  haproxy,
  iis,
  generatedByProxy,
  nginxStatus,
  nginxNoHeader,
  of,
  reasonIncludes,
  spent,
  win32,
} from './exchange-facts.ts';

export const upstreamResponseTimeout: Cause = {
  id: 'upstream_response_timeout',
  culprit: 'upstream-timeout',
  title: 'upstream too slow',
  headline: '{upstream} does not answer in time',
  matches: (x) =>
    x.code === 524 ||
    x.code === 598 ||
    (nginxStatus(x) === 504 && nginxNoHeader(x)) ||
    haproxy(x) === 'sH' ||
    (x.code >= 400 && flagged(x, 'UT', 'UMSDR', 'UPT', 'DT')) ||
    failedCall(x, 'UT', 'UMSDR', 'UPT', 'DT') ||
    (x.code === 504 &&
      x.proxy === 'apigateway' &&
      (generatedByProxy(x) || reasonIncludes(x, 'apigateway', 'INTEGRATION_TIMEOUT', 'timed out'))) ||
    (x.code === 504 && flagged(x, 'SI')) ||
    (x.code === 504 && (albAlone(x) || (x.proxy === 'cloudflare' && generatedByProxy(x)))) ||
    reasonIncludes(x, 'azure', 'ERRORINFO_UPSTREAM_TIMED_OUT') ||
    reasonIncludes(x, 'gcp', 'backend_timeout', 'request_overall_timeout') ||
    (x.code === 504 && reasonIncludes(x, 'cloudfront', 'OriginCommError')) ||
    (iis(x, '502.3') && win32(x) === 12002) ||
    reasonIncludes(x, 'vercel', 'FUNCTION_INVOCATION_TIMEOUT') ||
    (x.code >= 500 && reasonIncludes(x, 'squid', 'TIMEDOUT', 'TIMEOUT')) ||
    (x.code >= 500 && reasonIncludes(x, 'otel', 'timeout', 'Timeout', 'deadline')),
  examples: [
    {
      proxy: 'nginx',
      code: 504,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [504],
      connectMs: 0,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'haproxy', code: 504, upstream: 'app/app1', termination: 'sH--' },
    { proxy: 'envoy', code: 504, flags: 'UT', details: 'upstream_response_timeout' },
    { proxy: 'alb', code: 504, upstream: '10.0.0.3:80', upstreamStatus: [] },
    { proxy: 'cloudflare', code: 524, upstreamStatus: [] },
    { proxy: 'iis', code: 502, details: '3.12002' },
    { proxy: 'azure', code: 504, upstreamStatus: [], details: 'ERRORINFO_UPSTREAM_TIMED_OUT' },
    { proxy: 'gcp', code: 504, details: 'backend_timeout' },
    { proxy: 'apigateway', code: 504, upstreamStatus: [], details: 'INTEGRATION_TIMEOUT' },
  ],
  evidence: ({ hits, total, upstream, sample, limitMs }) => {
    const ms = limitMs ?? sample?.responseMs ?? sample?.durationMs;
    const to = upstream ?? 'the upstream';
    return (
      `${of(hits, total)} ${sample !== undefined && connected(sample) ? `reached ${to} and got no first byte` : `got no response from ${to}`}` +
      (typeof ms === 'number' && ms > 0 ? ` within ${spent(ms)}` : ' in time') +
      '.'
    );
  },
  alternative: (x) =>
    haproxy(x) === 'sH' && x.method !== undefined && /^P(OST|UT|ATCH)$/.test(x.method)
      ? { text: 'a client that stalls in the middle of its upload can end as sH too', rare: true }
      : undefined,
  meaning:
    "The upstream accepted the request and was still working, or hanging, at the proxy's time limit. The work may have finished after the client got the 504: a write may have happened.",
  owner: 'Whoever owns the slow route, or what it waits for: database, lock, another service.',
  checks: [
    {
      say: 'How long does it take without the proxy?',
      run: 'curl -s -o /dev/null -m 120 -w "first byte %{time_starttransfer}s, total %{time_total}s\\n" http://{upstream}{path}',
    },
    {
      say: 'Durations of the same route before the first failure: a slow rise means load, a sudden jump a lock or a deploy.',
    },
    {
      say: 'What does it wait for? Long queries and locks (PostgreSQL).',
      run: 'psql -c "select pid, now()-query_start as age, wait_event_type, left(query,80) from pg_stat_activity where state<>\'idle\' order by age desc limit 20"',
    },
  ],
  fixes: [
    'Speed up the route, or return 202 and work in the background.',
    'Raise the limit for that one route only, not for all.',
    "Give the application a shorter timeout than the proxy's, so that it stops when no one is waiting.",
  ],
  notToConfuse: [
    {
      text: 'Not unreachable: the connection was established.',
      when: ({ sample }) => sample !== undefined && connected(sample),
    },
    'Not a 504 that the application itself passed on: then a header came.',
  ],
  references: [
    'nginx: "upstream timed out (110) while reading response header"',
    'HAProxy configuration manual 8.5, state sH',
    'Envoy response flag UT',
    'Cloudflare 5xx, error 524',
  ],
  localCheck:
    'A health check is a cheap request. The routes that fail wait for something (a query, a lock, another service) longer than the proxy does.',
  traits: ['time-limit'],
};
