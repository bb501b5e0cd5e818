// Connection attempts get no reply: a firewall drops them, the host is gone, or the accept backlog is full.
import type { Cause } from './cause.ts';
import type { Evidence } from '../exchange.ts';
import {
  albAlone,
  albNotDispatched,
  flagged,
  generatedByProxy,
  haproxy,
  nginxStatus,
  nginxNotConnected,
  of,
  reasonIncludes,
  tookLong,
} from './exchange-facts.ts';

/** Linux's error numbers: 110 timed out, 113 no route to host. */
const SAYS_TIMEOUT = /connection.timeout|connect_error:_?11[03]|timed.?out|no.route/i;
/** Traefik waits 30 s to connect (dialTimeout) and without limit for a response, unless set otherwise. */
const traefikDialTimeout = (x: Evidence): boolean =>
  x.proxy === 'traefik' &&
  x.code === 504 &&
  generatedByProxy(x) &&
  x.durationMs !== undefined &&
  x.durationMs >= 29_500 &&
  x.durationMs <= 31_500;
/** ALB gives up connecting after 10 s, and its idle timeout is 60 s unless changed. */
const albConnectTimeout = (ms: number | undefined): boolean => ms !== undefined && ms > 9_500 && ms < 11_500;

export const upstreamConnectTimeout: Cause = {
  id: 'upstream_connect_timeout',
  culprit: 'upstream-connect',
  title: 'no reply to connection attempts',
  headline: 'The proxy cannot reach {upstream}: its connection attempts get no reply',
  matches: (x) =>
    x.code === 522 ||
    x.code === 599 ||
    (nginxStatus(x) >= 500 && nginxNotConnected(x) && (nginxStatus(x) === 504 || tookLong(x))) ||
    haproxy(x) === 'sC' ||
    // Envoy's connect timeout is 5 s (10 s in Istio): without details, what took a second or more was no refusal.
    (flagged(x, 'UF') && (SAYS_TIMEOUT.test(x.details ?? '') || (!/[{,:]/.test(x.details ?? '') && tookLong(x)))) ||
    traefikDialTimeout(x) ||
    (x.code === 504 && albAlone(x) && (albNotDispatched(x) || albConnectTimeout(x.durationMs))) ||
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
    { proxy: 'traefik', code: 504, upstream: '10.0.0.3:80', durationMs: 30_001, bytes: 15 },
    { proxy: 'elb', code: 504, upstream: '10.0.0.3:80', upstreamStatus: [], durationMs: 10_001 },
  ],
  evidence: ({ hits, total, upstream, sample, limitMs, durationsMs }) =>
    `${of(hits, total)} waited for a connection${upstream ? ` to ${upstream}` : ''} that was never established` +
    after(limitMs ?? durationsMs[durationsMs.length >> 1] ?? sample?.responseMs ?? undefined) +
    '.',
  alternative: (x) => {
    if (x.proxy === 'alb' || x.proxy === 'elb')
      return albNotDispatched(x)
        ? { text: 'a target that does not respond before the idle timeout can be logged the same way', rare: false }
        : { text: 'an idle timeout that was set to 10 s looks the same', rare: true };
    if (x.proxy === 'traefik')
      return {
        text: 'with a responseHeaderTimeout of 30 s a slow response looks the same; Traefik\'s own log says "dial tcp" if it could not connect',
        rare: false,
      };
    return haproxy(x) === 'sC' || nginxNotConnected(x)
      ? { text: 'where the upstream speaks TLS, a TLS handshake that hangs looks the same', rare: true }
      : undefined;
  },
  meaning:
    "The proxy's connection attempts get no reply: packets are dropped on the way (firewall, security group, routing), the host is down, or its accept queue is so full that new connections are ignored.",
  owner: 'Network or platform first; the application only if its accept backlog is full.',
  checks: [
    {
      say: "From the proxy's machine: does the port respond at all?",
      run: 'curl -sv -m 5 -o /dev/null http://{upstream}/',
    },
    {
      say: 'Is the host there, and is that address still right?',
      run: 'ping -c 3 -W 2 {backend}; getent ahosts {backend}',
    },
    {
      say: 'On the upstream: is the accept queue full (Recv-Q at Send-Q on the listening socket, overflow counters rising)?',
      run: 'ss -ltn; nstat -az TcpExtListenOverflows TcpExtListenDrops',
    },
    { say: 'Did a firewall rule, security group, network or route change at that time?' },
  ],
  fixes: [
    "Undo the network change, or open the port to the proxy's addresses.",
    'Full backlog: more workers, a larger listen backlog and net.core.somaxconn, fewer keep-alive slots held by idle clients.',
    'Remove a dead host from rotation; set a short connect timeout (1–3 s) so that retries reach a live one.',
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
  traits: ['connect-limit'],
  comparesNumbersOf: ['alb', 'elb', 'traefik'],
};

/** A host that is gone is reported after some 3 s on the same network, when its hardware address cannot be found. */
const after = (ms: number | undefined): string => {
  if (ms === undefined || ms <= 0) return '';
  const took =
    ms >= 10_000 ? `${Math.round(ms / 1000)} s` : ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
  return `; the attempts ended after ${took}${ms >= 2900 && ms <= 3300 ? ', which is how long a host without a route takes to be reported ("No route to host")' : ''}`;
};
