// The header said 200, and the body was cut short: invisible in status counts.
import type { Cause } from './cause.ts';
import { flagged, haproxy, of, reasonIncludes } from './exchange-facts.ts';

export const upstreamResponseTruncated: Cause = {
  id: 'upstream_response_truncated',
  culprit: 'upstream-protocol',
  title: 'response cut short',
  headline: '{upstream} cuts its responses short',
  matches: (x) =>
    (x.code < 400 &&
      x.code >= 100 &&
      (/^[SsPDRK][DL]$/.test(haproxy(x)) || (x.bytes !== 0 && flagged(x, 'UR', 'UC', 'UPE', 'UT', 'SI')))) ||
    reasonIncludes(x, 'gcp', 'backend_connection_closed_after_partial_response_sent') ||
    (x.code < 400 && reasonIncludes(x, 'cloudfront', 'OriginReadError', 'AbortedOrigin')),
  examples: [
    { proxy: 'haproxy', code: 200, upstream: 'app/app1', termination: 'SD--' },
    { proxy: 'envoy', code: 200, flags: 'UR' },
    { proxy: 'gcp', code: 200, details: 'backend_connection_closed_after_partial_response_sent' },
    { proxy: 'cloudfront', code: 200, details: 'OriginReadError' },
  ],
  evidence: ({ hits, total, upstream }) =>
    `${of(hits, total)} count as a success, but their bodies ended early${upstream ? `, from ${upstream}` : ''}.`,
  meaning:
    'The upstream sent a good header and then closed or stalled before the body was complete. The status code does not change, so code counts do not show it; clients see broken downloads and JSON that does not parse.',
  owner: 'Whoever runs the application.',
  checks: [
    {
      say: 'Does the body end where Content-Length says? ("transfer closed with … bytes remaining" is the fault)',
      run: 'curl -sS -o /dev/null http://{upstream}{path}',
    },
    {
      say: 'Crashes, OOM kills and worker time limits in that window.',
      run: 'journalctl --since {from} --until {to} -p warning',
    },
  ],
  fixes: [
    "Fix what ends the process midway; raise the worker's time limit for long bodies.",
    'Send a correct Content-Length, or chunked.',
  ],
  notToConfuse: ['Not a client disconnect: then the log names the client (HAProxy C…, Envoy DC).'],
  references: ['HAProxy configuration manual 8.5, states SD and sD', 'Google load balancer statusDetails'],
  onSuccess: { fields: { gcp: ['details'], cloudfront: ['details'] } },
};
