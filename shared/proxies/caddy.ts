// Caddy: the access log does not hold the reason; the logger http.log.error does, at the same second.
import type { ProxyGuide } from './guide.ts';

const LOG = {
  say: 'Caddy\'s logger http.log.error has the reason in "msg": "dial tcp …: connection refused", "read: connection reset by peer", "EOF", "no upstreams available", "context deadline exceeded".',
  run: "journalctl -u caddy --since {from} --until {to} | grep -E 'http.log.error|reverse_proxy' | tail -20",
};

export const caddy: ProxyGuide = {
  proxy: 'caddy',
  name: 'Caddy',
  log: LOG,
  steps: {
    unknown: [
      LOG,
      {
        say: 'A reset within milliseconds, on all routes, while others succeed, is an idle connection closed by the application: set keepalive in the transport below its idle timeout (Node closes after 5 s; Caddy keeps 2 min).',
        when: (f) => f.code === 502,
      },
    ],
  },
};
