// Waited for a free connection slot and got none.
import type { Cause } from './cause.ts';
import { flagged, haproxy, iis, of } from './exchange-facts.ts';

export const queueTimeout: Cause = {
  id: 'queue_timeout',
  culprit: 'proxy',
  title: 'queue full or timed out',
  headline: 'Requests get no free backend slot',
  matches: (x) =>
    /^[sSPRDK]Q$/.test(haproxy(x)) ||
    flagged(x, 'UO', 'DO', 'UDO', 'OM') ||
    iis(x, '503.2', '503.3', '503.4', '500.13'),
  examples: [
    { proxy: 'haproxy', code: 503, upstream: 'app/<NOSRV>', termination: 'sQ--' },
    { proxy: 'envoy', code: 503, flags: 'UO' },
    { proxy: 'iis', code: 503, details: '2.0' },
  ],
  evidence: ({ hits, total, sample }) =>
    `${of(hits, total)} waited in the proxy's queue${typeof sample?.queueMs === 'number' && sample.queueMs > 0 ? ` (${sample.queueMs} ms in the sample)` : ''} for a free backend slot and were rejected.`,
  meaning:
    "All slots that the proxy allows towards the backend were taken for longer than a request may wait (or the circuit breaker's limit was reached). Either the backend is too slow for the load, or the limit is too low.",
  owner: 'Capacity: whoever sizes the backend and its maxconn.',
  checks: [
    {
      say: 'Slots, queue and limits right now.',
      run: 'echo "show stat" | socat stdio /run/haproxy/admin.sock | cut -d, -f1,2,3,4,5,6,7',
    },
    { say: 'Did durations rise before the queue did? Then the backend got slow. Did requests rise? Then it is load.' },
    { say: 'What limits are set?', run: 'grep -nE "maxconn|timeout queue|fullconn" /etc/haproxy/haproxy.cfg' },
  ],
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
