// The client left first; with rising durations it is a slow upstream seen from the other side.
import type { Cause } from './cause.ts';
import { flagged, haproxy, of, reasonIncludes, spent, win32 } from './exchange-facts.ts';

export const clientGaveUp: Cause = {
  id: 'client_gave_up',
  culprit: 'client',
  title: 'client closed the request',
  headline: 'Clients disconnect before the response',
  matches: (x) =>
    x.code === 499 ||
    x.code === 460 ||
    (x.code === 0 && x.proxy !== 'otel' && (haproxy(x) === '' || haproxy(x) === '--')) ||
    /^C[RQCHDLT]$/.test(haproxy(x)) ||
    flagged(x, 'DC') ||
    (x.code < 500 && (win32(x) === 64 || win32(x) === 1236)) ||
    reasonIncludes(x, 'azure', 'ERRORINFO_CLIENT_CLOSED_REQUEST') ||
    reasonIncludes(x, 'gcp', 'client_disconnected') ||
    reasonIncludes(x, 'squid', 'ABORTED') ||
    reasonIncludes(x, 'cloudfront', 'ClientCommError', 'ClientHungUpRequest'),
  examples: [
    {
      proxy: 'nginx',
      code: 499,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [],
      connectMs: 0,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'unknown', code: 499, method: 'GET' },
    { proxy: 'haproxy', code: 400, upstream: 'fe/<NOSRV>', termination: 'CR--' },
    { proxy: 'haproxy', code: 0, upstream: 'fe/<NOSRV>', termination: 'CR--' },
    { proxy: 'envoy', code: 0, flags: 'DC' },
    { proxy: 'alb', code: 460, upstreamStatus: [] },
    { proxy: 'iis', code: 200, details: '0.64' },
    { proxy: 'gcp', code: 200, details: 'client_disconnected_after_partial_response' },
    { proxy: 'azure', code: 200, details: 'ERRORINFO_CLIENT_CLOSED_REQUEST' },
    { proxy: 'cloudfront', code: 200, details: 'ClientCommError' },
    { proxy: 'squid', code: 200, result: 'TCP_MISS_ABORTED' },
  ],
  evidence: ({ hits, total, sample }) =>
    `${of(hits, total)} ended because the client closed the connection${typeof sample?.durationMs === 'number' && sample.durationMs > 0 ? `, in the sample after ${spent(sample.durationMs)}` : ''}; the response was not complete.`,
  meaning:
    "The client (a browser tab, an app's own time limit, a load balancer in front) stopped waiting. On its own this is harmless. If durations rise too, the backend is slow and clients notice first.",
  owner: 'Nobody, if durations are normal; otherwise the owner of the slow route.',
  checks: [
    {
      say: 'Who has that time limit? The client itself, or a load balancer, CDN or gateway in front of this proxy (its idle or request timeout). The same client address for all of them suggests one in front.',
      when: ({ limitMs }) => limitMs !== undefined,
    },
    { say: 'Do durations rise on the same routes?' },
    { say: 'One client or user agent: its timeout is too short. All of them: the backend is slow.' },
    {
      say: 'How long does the route take now?',
      run: 'curl -s -o /dev/null -m 60 -w "%{http_code} after %{time_total}s\\n" http://{upstream}{path}',
    },
  ],
  fixes: [
    'Make the slow route fast.',
    "A load balancer in front: give it a longer timeout than this proxy's.",
    'Do not count these as 5xx; watch them together with latency.',
  ],
  notToConfuse: [
    'Not a server error: no client received an error.',
    'Not proof that the server is fine: a 504 that the client did not wait for looks the same.',
  ],
  references: [
    'nginx: 499, "client prematurely closed connection"',
    'AWS ALB: 460',
    'HAProxy configuration manual 8.5, states C.',
    'Envoy response flag DC',
    'IIS win32 status 64',
  ],
  traits: ['time-limit', 'client-left'],
  onSuccess: {
    fields: { gcp: ['details'], iis: ['details'], azure: ['details'], cloudfront: ['details'], squid: ['result'] },
  },
};
