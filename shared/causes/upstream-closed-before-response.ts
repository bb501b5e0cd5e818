// Accepted, then closed or reset before a header: a crash, an OOM kill, a recycled worker, or a keep-alive race.
import type { Cause } from './cause.ts';
import {
  albAlone,
  flagged,
  haproxy,
  iis,
  nginxStatus,
  nginxNoHeader,
  of,
  reasonIncludes,
  win32,
} from './exchange-facts.ts';

export const upstreamClosedBeforeResponse: Cause = {
  id: 'upstream_closed_before_response',
  culprit: 'upstream-protocol',
  title: 'upstream closed the connection early',
  headline: '{upstream} closes connections before it responds',
  matches: (x) =>
    (nginxStatus(x) >= 500 && nginxStatus(x) !== 504 && nginxNoHeader(x) && !x.upstreamBytes) ||
    haproxy(x) === 'SH' ||
    haproxy(x) === 'DH' ||
    (x.code >= 400 && flagged(x, 'UC', 'UR', 'LR')) ||
    (x.code === 502 && albAlone(x)) ||
    reasonIncludes(x, 'azure', 'ERRORINFO_UPSTREAM_CLOSED_CONNECTION') ||
    reasonIncludes(x, 'gcp', 'backend_connection_closed_before_data_sent_to_client') ||
    (x.code === 502 && reasonIncludes(x, 'cloudfront', 'OriginCommError', 'OriginZeroSizeObjectError')) ||
    (iis(x, '502.3') && (win32(x) === 12030 || win32(x) === 64)) ||
    reasonIncludes(x, 'vercel', 'NO_RESPONSE_FROM_FUNCTION') ||
    reasonIncludes(x, 'otel', 'ECONNRESET', 'EPIPE', 'connection reset', 'socket hang up'),
  examples: [
    {
      proxy: 'nginx',
      code: 502,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [502],
      connectMs: 0,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'envoy', code: 503, flags: 'UC' },
    { proxy: 'alb', code: 502, upstream: '10.0.0.3:80', upstreamStatus: [], responseMs: null },
    { proxy: 'azure', code: 502, details: 'ERRORINFO_UPSTREAM_CLOSED_CONNECTION' },
    { proxy: 'gcp', code: 502, details: 'backend_connection_closed_before_data_sent_to_client' },
  ],
  evidence: ({ hits, total, sample }) =>
    `${of(hits, total)} were accepted${sample?.upstream ? ` by ${sample.upstream}` : ''} and then dropped without one header byte` +
    (typeof sample?.responseMs === 'number' ? `, after ${Math.round(sample.responseMs)} ms` : '') +
    '.',
  alternative: (x) => {
    if (x.proxy === 'alb' || x.proxy === 'elb')
      return {
        text: 'the load balancer logs a refused connection the same way; its TargetConnectionErrorCount metric shows which',
        rare: false,
      };
    if (nginxNoHeader(x) && x.upstreamBytes === undefined)
      return { text: 'without $upstream_bytes_received a broken or oversized header looks the same', rare: false };
    return undefined;
  },
  meaning:
    'The upstream accepted the connection and closed it before sending anything: the process crashed or was killed while working, a worker was recycled, or it closed an idle keep-alive connection just as the proxy reused it.',
  owner: 'Whoever runs the application; for the keep-alive race, whoever sets the two idle timeouts.',
  checks: [
    {
      say: 'Was a process killed or restarted in that window? (OOM kills show here)',
      run: 'journalctl -k --since {from} --until {to} | grep -iE "oom|killed process|segfault"',
    },
    {
      say: "The application's own log and exit codes at those seconds.",
      run: 'journalctl --since {from} --until {to} -p err',
    },
    {
      say: 'Does one URL fail every time? Then it is a poison request: send it to the upstream directly.',
      run: 'curl -sv -m 10 -o /dev/null http://{upstream}{path}',
    },
    {
      say: "All URLs, no entry in the application's log, durations near 0, worse when traffic is low: compare the idle timeouts. The application's must be the longer one.",
    },
    {
      say: 'nginx logs: "upstream prematurely closed connection", or "recv() failed (104: Connection reset by peer)".',
      run: 'grep -E "prematurely closed|Connection reset by peer" /var/log/nginx/error.log | tail -20',
    },
  ],
  fixes: [
    'Crash or OOM: fix or roll back, raise the memory limit, cap concurrency.',
    "Keep-alive race: application keep-alive longer than the proxy's idle timeout (Node's default is 5 s; behind an ALB with 60 s set 65 s; Google's load balancers keep 600 s, so 620 s).",
    'Deploys: drain before stopping; finish in-flight requests on SIGTERM.',
  ],
  notToConfuse: [
    'Not down: it accepted the connection, and local health checks may well pass.',
    'Not slow: slow ends as 504.',
    'Not an exception page: that would have been a header and a 500.',
  ],
  references: [
    'nginx: $upstream_header_time "-", $upstream_bytes_received 0',
    'HAProxy configuration manual 8.5, state SH',
    'Envoy response flags UC, UR',
    'AWS ALB troubleshooting, 502',
    'Azure Application Gateway error_info',
  ],
  localCheck:
    'A healthy check and this go together: the connection stands, and is closed before a header. Under load a worker dies or is recycled, or an idle keep-alive connection is closed just as the proxy reuses it. A fresh local connection meets neither.',
  traits: ['keep-alive-race'],
  pathFaultCodes: [502],
};
