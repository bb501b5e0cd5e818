// SYNs get no answer: a firewall drops them, the host is gone, or the accept backlog is full.
import type { Cause } from './cause.ts';
import { albAlone, flagged, haproxy, nginxStatus, nginxNotConnected, of, reasonIncludes } from './exchange-facts.ts';

/** ALB gives up connecting after 10 s, and its idle timeout is 60 s unless changed. */
const albConnectTimeout = (ms: number | undefined): boolean => ms !== undefined && ms > 9_500 && ms < 11_500;

export const upstreamConnectTimeout: Cause = {
  id: 'upstream_connect_timeout',
  culprit: 'upstream-connect',
  title: 'connect timeout',
  headline: 'The proxy cannot reach {upstream}: connecting times out',
  matches: (x) =>
    x.code === 522 ||
    x.code === 599 ||
    (nginxStatus(x) === 504 && nginxNotConnected(x)) ||
    haproxy(x) === 'sC' ||
    (flagged(x, 'UF') && /connection.timeout|connect_error:_?110|timed.?out/i.test(x.details ?? '')) ||
    (x.code === 504 && albAlone(x) && albConnectTimeout(x.durationMs)) ||
    reasonIncludes(x, 'otel', 'ETIMEDOUT', 'ConnectTimeout', 'EHOSTUNREACH'),
  examples: [
    {
      proxy: 'nginx',
      code: 504,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [504],
      connectMs: null,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'haproxy', code: 503, upstream: 'app/app1', termination: 'sC--' },
    { proxy: 'envoy', code: 503, flags: 'UF', details: 'upstream_reset_before_response_started{connection_timeout}' },
    { proxy: 'cloudflare', code: 522, upstreamStatus: [] },
    { proxy: 'alb', code: 504, upstream: '10.0.0.3:80', upstreamStatus: [], durationMs: 10_001 },
    { proxy: 'elb', code: 504, upstream: '10.0.0.3:80', upstreamStatus: [], durationMs: 10_001 },
  ],
  evidence: ({ hits, total, sample }) =>
    `${of(hits, total)} waited for a connection that was never established` +
    (sample?.upstream ? `: ${sample.upstream} did not answer the connect` : '') +
    (typeof sample?.responseMs === 'number' && sample.responseMs > 0
      ? `, given up after ${Math.round(sample.responseMs)} ms (the connect timeout)`
      : '') +
    '.',
  alternative: (x) => {
    if (x.proxy === 'alb' || x.proxy === 'elb')
      return { text: 'an idle timeout that was set to 10 s looks the same', rare: true };
    return haproxy(x) === 'sC' || nginxNotConnected(x)
      ? { text: 'where the upstream speaks TLS, a TLS handshake that hangs looks the same', rare: true }
      : undefined;
  },
  meaning:
    "The proxy's connection attempts get no reply: packets are dropped on the way (firewall, security group, routing), the host is down, or its accept queue is so full that new connections are ignored.",
  owner: 'Network or platform first; the application only if its accept backlog is full.',
  checks: [
    {
      say: "From the proxy's machine: does the port answer at all?",
      run: 'nc -vz -w 3 {backend} 80; curl -sv -m 5 -o /dev/null http://{upstream}/',
    },
    { say: 'Is the host there?', run: 'ping -c 3 -W 2 {backend}' },
    {
      say: 'On the upstream: accept queue full? (Recv-Q at Send-Q on the listening socket; overflow counters rising)',
      run: 'ss -ltn; nstat -az TcpExtListenOverflows TcpExtListenDrops',
    },
    { say: 'Did a firewall rule, security group or route change in this window?' },
  ],
  fixes: [
    "Undo the network change, or open the port to the proxy's addresses.",
    'Full backlog: more workers, a larger listen backlog and net.core.somaxconn, fewer keep-alive slots held by idle clients.',
    'Take a dead host out of rotation; set a short connect timeout (1–3 s) so that retries reach a live one.',
  ],
  notToConfuse: [
    'Not a slow query: the request was never delivered.',
    'Not "connection refused": a refusal comes at once and shows that the host is up.',
  ],
  references: [
    'nginx: $upstream_connect_time stays "-" and status is 504',
    'HAProxy configuration manual 8.5, state sC',
    'AWS ALB troubleshooting, 504 (10 s connect)',
    'Cloudflare 5xx, error 522',
  ],
  localCheck:
    "A local check never crosses the network. The proxy's packets get no answer: firewall, route, or a full accept queue that your one local connection happened to pass.",
  traits: ['time-limit'],
  comparesNumbersOf: ['alb', 'elb'],
};
