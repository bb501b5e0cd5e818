// A connection attempt that fails at once: most often nothing listens on that port. One that fails late is upstream-connect-timeout.ts.
import type { Cause } from './cause.ts';
import {
  albNotDispatched,
  failedCall,
  flagged,
  haproxy,
  iis,
  noServer,
  nginxStatus,
  nginxNotConnected,
  of,
  reasonIncludes,
  win32,
} from './exchange-facts.ts';

export const upstreamConnectionRefused: Cause = {
  id: 'upstream_connection_refused',
  culprit: 'upstream-connect',
  title: 'connection failed at once',
  headline: 'The proxy cannot connect to {upstream}',
  matches: (x) =>
    x.code === 521 ||
    (nginxStatus(x) >= 500 && nginxStatus(x) !== 504 && nginxNotConnected(x)) ||
    (haproxy(x) === 'SC' && !noServer(x)) ||
    (x.code >= 400 && flagged(x, 'UF')) ||
    failedCall(x, 'UF') ||
    (x.code === 502 && albNotDispatched(x)) ||
    reasonIncludes(x, 'cloudfront', 'OriginConnectError') ||
    reasonIncludes(x, 'gcp', 'failed_to_connect_to_backend') ||
    (iis(x, '502.3') && win32(x) === 12029) ||
    reasonIncludes(x, 'otel', 'ECONNREFUSED', 'ConnectException', 'connection refused'),
  examples: [
    {
      proxy: 'nginx',
      code: 502,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [502],
      connectMs: null,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'haproxy', code: 503, upstream: 'app/app1', termination: 'SC--' },
    {
      proxy: 'envoy',
      code: 503,
      flags: 'UF,URX',
      details: 'upstream_reset_before_response_started{connection_failure}',
    },
    { proxy: 'cloudflare', code: 521, upstreamStatus: [] },
    { proxy: 'alb', code: 502, upstream: '10.0.0.3:80', upstreamStatus: [], responseMs: null },
  ],
  evidence: ({ hits, total, upstream, sample, answering, code }) =>
    code === 521
      ? `${of(hits, total)} are a 521: the origin refused Cloudflare's connection.`
      : sample !== undefined && albNotDispatched(sample)
        ? `${of(hits, total)} could not be dispatched to ${upstream ?? 'a target'}: all three times are -1.`
        : `${of(hits, total)} failed before a connection${upstream ? ` to ${upstream}` : ''} was established${instantly(sample?.responseMs)}${meanwhile(answering)}.`,
  alternative: (x, { answering }) => {
    if (x.proxy === 'envoy' && !x.details?.includes('{'))
      return {
        text: 'UF alone is a connect timeout or a failed TLS handshake too; %RESPONSE_CODE_DETAILS% and %UPSTREAM_TRANSPORT_FAILURE_REASON% tell',
        rare: false,
      };
    if (x.proxy === 'gcp')
      return { text: "Google's load balancer says the same of a connection that timed out", rare: false };
    if (haproxy(x) === 'SC')
      return { text: 'to a server with "ssl", HAProxy ends a failed TLS handshake the same way', rare: true };
    if (x.proxy === 'alb' || x.proxy === 'elb')
      return {
        text: 'a target that closed the connection before it got the request, or a failed TLS handshake, is logged the same way',
        rare: false,
      };
    if (x.proxy === 'cloudfront') return { text: 'CloudFront logs a connect timeout the same way', rare: false };
    if (!nginxNotConnected(x)) return undefined;
    if (answering === true)
      return {
        text: "the upstream is running, so a full accept queue (EAGAIN), no free local port or file descriptor, or a failed TLS handshake is as likely as a refusal; nginx's error log has the reason",
        rare: false,
      };
    if (x.upstream?.endsWith(':443'))
      return {
        text: 'nginx logs a failed TLS handshake the same way, and the upstream is on port 443; its error log shows which',
        rare: false,
      };
    return x.upstream === undefined
      ? {
          text: "a group without a live server, and a failed TLS handshake, look the same without $upstream_addr; nginx's error log tells which",
          rare: false,
        }
      : {
          text: 'nginx logs a failed TLS handshake with the upstream the same way; its error log tells which',
          rare: true,
        };
  },
  meaning:
    "The proxy's connection attempts fail at once: the other side, or a firewall, rejects them. The requests never reach the application, so its log has no trace of them.",
  owner: "Whoever runs the upstream process, or changed its port or the proxy's upstream list last.",
  checks: [
    {
      say: "From the proxy's machine: does anything accept connections there?",
      run: 'curl -sv -m 3 -o /dev/null http://{upstream}{path}',
    },
    {
      say: "On the upstream's machine: is a process listening, on that port and that address (not only 127.0.0.1)? Is its accept queue full (Recv-Q at Send-Q)?",
      run: 'ss -ltnp',
    },
    {
      say: 'Is that address still right? Compare it with what the name resolves to now.',
      run: 'getent ahosts {backend}',
    },
    {
      say: 'Did it crash or restart just before? Exit codes and restarts.',
      run: 'journalctl --since {from} --until {to} -p warning',
      when: ({ answering }) => answering !== true,
    },
    {
      say: "On Kubernetes: are pods ready, did they restart, and does the Service's targetPort match?",
      run: 'kubectl get pods,endpointslices -o wide',
    },
  ],
  fixes: [
    'Start the process; if it crashes on start, roll back what was deployed last.',
    'Make the address and port in the proxy (or Service) match what the process listens on.',
    'Remove the dead instance from the upstream list until it is back.',
    'A full backlog: more workers or a larger listen backlog. An old address: reload the proxy, or let it resolve the name again.',
  ],
  notToConfuse: [
    'Not slowness: a slow backend accepts the connection and ends as 504.',
    'Not an exception: the application never ran.',
    'Not packet loss: that lasts until the connect timeout; a refusal takes a millisecond.',
    {
      text: 'Not a stopped process: the same upstream answered other requests in the same seconds.',
      when: ({ answering }) => answering === true,
    },
  ],
  references: [
    'nginx: ngx_http_upstream.c, ngx_http_upstream_next',
    'HAProxy configuration manual 8.5, state SC',
    'Envoy response flags, UF',
    'Cloudflare 5xx, error 521',
  ],
  localCheck:
    "A local check proves that the process runs, not that the proxy can reach it: it may listen on 127.0.0.1 only, on another port, at another address than the one that the proxy resolved, or restart between your checks. Test from the proxy's machine, at the address that the proxy uses.",
  pathFaultCodes: [502, 503],
};

const meanwhile = (answering: boolean | undefined): string =>
  answering === undefined
    ? ''
    : answering
      ? '; in the same seconds it answered other requests, so it is running'
      : '; it answered nothing else in those seconds, as when no process listens on that port';

const instantly = (ms: number | null | undefined): string =>
  typeof ms === 'number' && ms < 50 ? `, ${ms < 1 ? 'at once' : `after ${Math.round(ms)} ms`}` : '';
