// Nothing listens on the upstream's port, or a firewall says no at once.
import type { Cause } from './cause.ts';
import {
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
  title: 'connection refused',
  headline: 'The proxy cannot connect to {upstream}',
  matches: (x) =>
    x.code === 521 ||
    (nginxStatus(x) >= 500 && nginxStatus(x) !== 504 && nginxNotConnected(x)) ||
    (haproxy(x) === 'SC' && !noServer(x)) ||
    flagged(x, 'UF') ||
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
  ],
  evidence: ({ hits, total, sample }) =>
    `${of(hits, total)} failed before a connection was established${sample?.upstream ? `: ${sample.upstream} never accepted one` : ''}${instantly(sample?.responseMs)}.`,
  alternative: (x) => {
    if (x.proxy === 'envoy' && !x.details?.includes('{'))
      return {
        text: 'UF alone is a connect timeout or a failed TLS handshake too; %RESPONSE_CODE_DETAILS% and %UPSTREAM_TRANSPORT_FAILURE_REASON% tell',
        rare: false,
      };
    if (x.proxy === 'gcp')
      return { text: "Google's load balancer says the same of a connection that timed out", rare: false };
    if (haproxy(x) === 'SC')
      return { text: 'to a server with "ssl", HAProxy ends a failed TLS handshake the same way', rare: true };
    if (!nginxNotConnected(x)) return undefined;
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
    "The proxy's connection attempt was rejected at once: no process listens on that address and port, or a firewall rejects it. The requests never reached the application, so its log has no trace of them.",
  owner: "Whoever runs the upstream process, or changed its port or the proxy's upstream list last.",
  checks: [
    {
      say: "From the proxy's machine: does anything accept connections there?",
      run: 'curl -sv -m 3 -o /dev/null http://{upstream}{path}',
    },
    {
      say: "On the upstream's machine: is a process listening, on that port and that address (not only 127.0.0.1)?",
      run: 'ss -ltnp',
    },
    {
      say: 'Did it crash or restart just before? Exit codes and restarts.',
      run: 'journalctl --since {from} --until {to} -p warning',
    },
    {
      say: "On Kubernetes: pods ready, restarts, and the Service's targetPort.",
      run: 'kubectl get pods,endpoints -o wide',
    },
    {
      say: 'nginx logs: "connect() failed (111: Connection refused)", or "SSL_do_handshake() failed" when it is TLS.',
      run: 'grep -E "connect\\(\\) failed|SSL_do_handshake" /var/log/nginx/error.log | tail -20',
    },
  ],
  fixes: [
    'Start the process; if it crashes on start, roll back what was deployed last.',
    'Make the address and port in the proxy (or Service) match what the process listens on.',
    'Take the dead instance out of the upstream list until it is back.',
  ],
  notToConfuse: [
    'Not slowness: a slow backend accepts the connection and ends as 504.',
    'Not an exception: the application never ran.',
    'Not packet loss: that lasts until the connect timeout; a refusal takes a millisecond.',
  ],
  references: [
    'nginx: ngx_http_upstream.c, ngx_http_upstream_next',
    'HAProxy configuration manual 8.5, state SC',
    'Envoy response flags, UF',
    'Cloudflare 5xx, error 521',
  ],
  localCheck:
    "A local check proves that the process runs, not that the proxy can reach it: it may listen on 127.0.0.1 only, on another port, or restart between your checks. Ask from the proxy's machine, at the address the proxy uses.",
  pathFaultCodes: [502, 503],
};

const instantly = (ms: number | null | undefined): string =>
  typeof ms === 'number' && ms < 50 ? `, refused ${ms < 1 ? 'at once' : `after ${Math.round(ms)} ms`}` : '';
