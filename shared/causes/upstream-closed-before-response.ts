// Accepted, then closed or reset before a header: a crash, an OOM kill, a recycled worker, or a keep-alive race.
import type { Cause, Failures } from './cause.ts';
import {
  albAlone,
  albNotDispatched,
  failedCall,
  flagged,
  haproxy,
  iis,
  nginxStatus,
  nginxNoHeader,
  of,
  reasonIncludes,
  spent,
  win32,
} from './exchange-facts.ts';

/** A load balancer of AWS logs a refused connection the same way. */
const acceptedIt = (f: Failures): boolean => f.proxy !== 'alb' && f.proxy !== 'elb';

export const upstreamClosedBeforeResponse: Cause = {
  id: 'upstream_closed_before_response',
  culprit: 'upstream-protocol',
  title: 'upstream closed the connection early',
  headline: '{upstream} closes connections before it responds',
  matches: (x) =>
    (nginxStatus(x) >= 500 && nginxStatus(x) !== 504 && nginxNoHeader(x) && !x.upstreamBytes) ||
    haproxy(x) === 'SH' ||
    (x.code >= 400 && flagged(x, 'UC', 'UR')) ||
    failedCall(x, 'UC', 'UR') ||
    (x.code === 502 && albAlone(x) && !albNotDispatched(x)) ||
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
    { proxy: 'alb', code: 502, upstream: '10.0.0.3:80', upstreamStatus: [], responseMs: 19 },
    { proxy: 'azure', code: 502, details: 'ERRORINFO_UPSTREAM_CLOSED_CONNECTION' },
    { proxy: 'gcp', code: 502, details: 'backend_connection_closed_before_data_sent_to_client' },
  ],
  evidence: ({ hits, total, upstream, sample, code, limitMs, durationsMs }) => {
    const ms = limitMs ?? durationsMs[durationsMs.length >> 1] ?? sample?.responseMs ?? undefined;
    const after = ms === undefined || ms === 0 ? '' : `, after ${spent(ms)}`;
    return sample?.proxy === 'alb' || sample?.proxy === 'elb'
      ? `${of(hits, total)} are a ${code} that the load balancer generated because ${upstream ?? 'the target'} sent no response${after}.`
      : `${of(hits, total)} were accepted${upstream ? ` by ${upstream}` : ''} and then closed without one header byte${after}.`;
  },
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
      say: "Which part has that time limit? The application server's worker or request timeout (gunicorn --timeout, PHP-FPM request_terminate_timeout, Node server.requestTimeout), or an idle timeout of a server or firewall in between. Then: why does the route take that long?",
      when: ({ limitMs }) => limitMs !== undefined,
    },
    {
      say: 'Was a process killed or restarted at that time? (OOM kills show here)',
      run: 'journalctl -k --since {from} --until {to} | grep -iE "oom|killed process|segfault"',
    },
    {
      say: "The application's own log and exit codes at that time.",
      run: 'journalctl --since {from} --until {to} -p err',
    },
    {
      say: 'Does one URL fail every time? Then it is a poison request: send it to the upstream directly.',
      run: 'curl -sv -m 10 -o /dev/null http://{upstream}{path}',
    },
    {
      say: "All URLs, no entry in the application's log, short durations, worse when traffic is low: compare the idle timeouts. The application's must be the longer one.",
      when: ({ limitMs }) => limitMs === undefined,
    },
  ],
  fixes: [
    'Crash or OOM: fix or roll back, raise the memory limit, cap concurrency.',
    "Keep-alive race: application keep-alive longer than the proxy's idle timeout (Node's default is 5 s; behind an ALB with 60 s set 65 s; Google's load balancers keep 600 s, so 620 s).",
    'Deploys: drain before stopping; finish in-flight requests on SIGTERM.',
  ],
  notToConfuse: [
    { text: 'Not down: it accepted the connection, and local health checks may well pass.', when: acceptedIt },
    {
      text: 'Not slow: these ended within a second, long before a time limit.',
      when: ({ durationsMs }) => (durationsMs.at(-1) ?? Infinity) < 1000,
    },
    'Not an exception page: that would be a header and a 500.',
  ],
  references: [
    'nginx: $upstream_header_time "-", $upstream_bytes_received 0',
    'HAProxy configuration manual 8.5, state SH',
    'Envoy response flags UC, UR',
    'AWS ALB troubleshooting, 502',
    'Azure Application Gateway error_info',
  ],
  localCheck: {
    text: 'A healthy check and this go together: the connection is accepted, and closed before a header. Under load a worker dies, is recycled or reaches its time limit, or an idle keep-alive connection is closed just as the proxy reuses it. A fresh local connection meets none of these.',
    when: acceptedIt,
  },
  traits: ['keep-alive-race', 'upstream-limit'],
  pathFaultCodes: [502],
};
