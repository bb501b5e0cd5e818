// The application answered with an error of its own.
import type { Cause } from './cause.ts';
import { upstreamError, mayBeRenamed, of, reasonIncludes } from './exchange-facts.ts';

export const appException: Cause = {
  id: 'app_exception',
  culprit: 'app',
  title: 'application error',
  headline: '{app} returns its own error',
  matches: (x) => {
    const code = upstreamError(x);
    return (
      (typeof code === 'number' && code >= 500 && code !== 502 && code !== 503 && code !== 504) ||
      reasonIncludes(x, 'vercel', 'FUNCTION_INVOCATION_FAILED', 'EDGE_FUNCTION_INVOCATION_FAILED') ||
      reasonIncludes(x, 'alb', 'LambdaUnhandled')
    );
  },
  examples: [
    {
      proxy: 'nginx',
      code: 500,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [500],
      connectMs: 0,
      headerMs: 4,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'haproxy', code: 500, upstream: 'app/app1', termination: '--VN' },
    { proxy: 'envoy', code: 500, upstream: '10.0.0.3:8080', flags: '-', details: 'via_upstream' },
    { proxy: 'alb', code: 500, upstreamStatus: [500] },
    { proxy: 'alb', code: 502, upstreamStatus: [], details: 'LambdaUnhandled' },
    { proxy: 'traefik', code: 500, upstreamStatus: [500], bytes: 700 },
    { proxy: 'cloudflare', code: 500, upstreamStatus: [500] },
    { proxy: 'iis', code: 500, details: '0.0' },
    { proxy: 'azure', code: 500, upstreamStatus: [500], details: 'ERRORINFO_NO_ERROR' },
    { proxy: 'gcp', code: 500, details: 'response_sent_by_backend' },
    { proxy: 'otel', code: 500 },
  ],
  evidence: ({ hits, total, code, sample, upstream }) =>
    `${of(hits, total)} are a ${sample?.upstreamStatus?.at(-1) || code} that ${upstream ?? 'the application'} itself sent${typeof sample?.headerMs === 'number' ? ` after ${Math.round(sample.headerMs)} ms` : ''}; the proxy passed it on.`,
  alternative: mayBeRenamed,
  meaning:
    "The network, the proxy and the process work; the code that handled the request failed. The application's log has the stack trace at that time.",
  owner: "The application's team; or whoever deployed just before it began.",
  checks: [
    { say: 'The stack trace at the first failure.', run: 'journalctl --since {from} --until {to} -p err | head -50' },
    {
      say: 'Does it fail every time? Send the same request to the instance directly.',
      run: 'curl -si -m 10 http://{upstream}{path} | head -20',
    },
    { say: 'Was something deployed, migrated or switched on within minutes before it began?' },
    { say: 'One route: its code or data. One instance: its build, config or disk. All: a shared dependency.' },
  ],
  fixes: [
    'Roll back or switch the feature off first; investigate after.',
    'Return 4xx for client mistakes and 502, 503 or 504 for failed dependencies, so that a 500 means a bug.',
  ],
  notToConfuse: ['Not the path between proxy and application: it carried the answer.', 'Not overload: that is 503.'],
  references: [
    'RFC 9110, 15.6.1',
    'nginx: $upstream_status equals $status',
    'HAProxy configuration manual 8.5, state --',
  ],
};
