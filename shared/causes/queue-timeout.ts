// Waited for a free connection slot and got none.
import type { Cause } from './cause.ts';
import { failedCall, flagged, haproxy, iis, of } from './exchange-facts.ts';

export const queueTimeout: Cause = {
  id: 'queue_timeout',
  culprit: 'proxy',
  title: 'no free backend slot',
  headline: 'Requests get no free backend slot',
  matches: (x) =>
    /^[sSPRDK]Q$/.test(haproxy(x)) ||
    (x.code >= 400 && flagged(x, 'UO', 'DO', 'UDO')) ||
    failedCall(x, 'UO') ||
    iis(x, '503.2', '503.3', '503.4', '500.13'),
  examples: [
    { proxy: 'haproxy', code: 503, upstream: 'app/<NOSRV>', termination: 'sQ--' },
    { proxy: 'envoy', code: 503, flags: 'UO' },
    { proxy: 'iis', code: 503, details: '2.0' },
  ],
  evidence: ({ hits, total, sample }) =>
    sample?.proxy === 'haproxy'
      ? `${of(hits, total)} waited in HAProxy's queue${typeof sample.queueMs === 'number' && sample.queueMs > 0 ? ` (${sample.queueMs} ms in the sample)` : ''} for a free backend slot and were rejected.`
      : `${of(hits, total)} were rejected at once because a limit on concurrent requests or connections was reached; they did not wait.`,
  meaning:
    'The limit that the proxy sets on concurrent requests to the backend was reached: a queue that timed out, or a circuit breaker. Either the backend is too slow for the load, or the limit is too low.',
  owner: 'Capacity: whoever sizes the backend and its maxconn.',
  checks: [{ say: 'Did durations rise before it? Then the backend got slow. Did requests rise? Then it is load.' }],
  fixes: [
    'Make the slow requests fast, or add instances.',
    'Raise maxconn only if the backend has room for it: otherwise the queue moves into the backend.',
    'Keep slow routes in a backend of their own so that they cannot starve the rest.',
  ],
  notToConfuse: [
    'Not an empty backend: servers were there, and busy.',
    "Not the application's own 503: it never saw these.",
  ],
  references: ['HAProxy configuration manual 8.5, state sQ', 'Envoy response flag UO', 'IIS 503.2, 503.3, 503.4'],
  localCheck:
    "Your local request goes past the proxy's queue. The backend answers, only not fast enough for all at once.",
  traits: ['time-limit', 'backend-capacity'],
};
