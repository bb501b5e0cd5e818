// HAProxy: its termination state is the reason; the stats socket shows servers, queues and the last invalid response.
import type { ProxyGuide } from './guide.ts';

const SOCKET = 'socat stdio /run/haproxy/admin.sock';
const CONFIG = '/etc/haproxy/haproxy.cfg';
const SERVERS = {
  say: 'What does HAProxy think of each server, and what did its last check say?',
  run: `echo "show stat" | ${SOCKET} | cut -d, -f1,2,18,37`,
};
const WENT_DOWN = {
  say: 'Its log says when and why a server went down: "Server … is DOWN, reason: …".',
  run: "grep -hE 'Server .* is (DOWN|UP)|has no server available' /var/log/haproxy.log | tail -20",
};
const TIMEOUTS = {
  say: 'Which time limits are set?',
  run: `grep -nE "timeout (server|connect|queue|client|http-request|tunnel)|retries" ${CONFIG}`,
};
const RULES = {
  say: 'Which rules reject or replace?',
  run: `grep -nE "http-(request|response|after-response) (deny|auth|tarpit|return|reject|redirect)|block" ${CONFIG}`,
};

export const haproxy: ProxyGuide = {
  proxy: 'haproxy',
  name: 'HAProxy',
  log: { say: "Read HAProxy's log at that time: servers that went down, and why.", run: WENT_DOWN.run },
  steps: {
    upstream_connection_refused: [WENT_DOWN, SERVERS],
    upstream_connect_timeout: [WENT_DOWN, TIMEOUTS],
    no_live_upstreams: [WENT_DOWN, SERVERS],
    upstream_invalid_response: [
      { say: 'HAProxy keeps the last invalid response in full.', run: `echo "show errors" | ${SOCKET}` },
    ],
    upstream_header_too_big: [
      { say: 'How large are the buffers?', run: `grep -nE "tune.(bufsize|maxrewrite)" ${CONFIG}` },
    ],
    upstream_closed_before_response: [WENT_DOWN],
    upstream_response_timeout: [TIMEOUTS],
    upstream_tls_failure: [
      WENT_DOWN,
      { say: 'Which TLS options do the servers have?', run: `grep -nE "server .* ssl" ${CONFIG}` },
    ],
    queue_timeout: [
      { say: 'Slots, queue and limits right now.', run: `echo "show stat" | ${SOCKET} | cut -d, -f1,2,3,4,5,6,7` },
      { say: 'Which limits are set?', run: `grep -nE "maxconn|timeout queue|fullconn" ${CONFIG}` },
    ],
    proxy_rate_limited: [RULES, { say: 'Who is over the limit?', run: `echo "show table" | ${SOCKET}` }],
    proxy_denied: [RULES],
    proxy_internal_error: [
      { say: 'Is the configuration valid?', run: `haproxy -c -f ${CONFIG}` },
      { say: 'Tarpits and limits.', run: `grep -nE "tarpit|maxconn|tune.bufsize|tune.maxrewrite" ${CONFIG}` },
      RULES,
    ],
    unknown: [SERVERS, WENT_DOWN, RULES],
    no_route: [
      { say: 'Which backends and ACLs are there?', run: `grep -nE "use_backend|default_backend|acl " ${CONFIG}` },
    ],
    client_gave_up: [TIMEOUTS],
    client_too_slow: [TIMEOUTS],
    bad_request: [
      { say: 'HAProxy keeps the last invalid request in full.', run: `echo "show errors" | ${SOCKET}` },
      { say: 'Does the bind line expect the PROXY protocol?', run: `grep -nE "bind .*accept-proxy|bind " ${CONFIG}` },
    ],
    redirect_drops_method: [RULES],
  },
};
