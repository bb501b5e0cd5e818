// Traefik: the access log does not hold the reason; its own log does, at level DEBUG (pkg/proxy/httputil/proxy.go).
import type { ProxyGuide } from './guide.ts';

const LOG = {
  say: 'Traefik\'s own log at level DEBUG has the reason: "\'502 Bad Gateway\' caused by: dial tcp …", "x509: …", "i/o timeout", "EOF".',
  run: "docker logs traefik --since 1h 2>&1 | grep -E 'caused by|x509|dial tcp|timeout|EOF' | tail -20",
};
const NETWORK = {
  say: 'Is the container on a network that Traefik is on (label traefik.docker.network)? Connect to it from inside the Traefik container.',
  run: 'docker network inspect $(docker network ls -q) --format "{{.Name}}: {{range .Containers}}{{.Name}} {{end}}"',
};
const TRANSPORT = {
  say: 'An https:// service needs a certificate that Traefik can verify: serversTransport with rootCAs, serverName, or insecureSkipVerify.',
  run: 'docker inspect traefik | grep -iE "serversTransport|insecureSkipVerify|rootCAs"',
};

export const traefik: ProxyGuide = {
  proxy: 'traefik',
  name: 'Traefik',
  log: LOG,
  steps: {
    unknown: [
      LOG,
      NETWORK,
      {
        say: 'A reset or EOF within milliseconds, on all routes, while others succeed, is an idle connection closed by the application: give it the longer idle timeout.',
        when: (f) => f.code === 502,
      },
    ],
    upstream_connect_timeout: [LOG, NETWORK],
    upstream_response_timeout: [
      LOG,
      { say: 'Which forwardingTimeouts are set (dialTimeout 30 s, responseHeaderTimeout none by default)?' },
    ],
    no_live_upstreams: [
      LOG,
      {
        say: 'Which servers does the service have, and what do their health checks say?',
        run: 'curl -s localhost:8080/api/http/services | head -c 2000',
      },
    ],
    proxy_internal_error: [
      {
        say: 'Traefik returns 500 for errors of the connection that are neither a timeout nor a refusal. To an https:// service this is most often a certificate that it cannot verify.',
      },
      LOG,
      TRANSPORT,
    ],
    no_route: [{ say: 'Which routers match?', run: 'curl -s localhost:8080/api/http/routers | head -c 2000' }],
    client_gave_up: [
      {
        say: 'Traefik writes 499 when the client ends the request or its HTTP/2 stream: compare the durations with the time limits in front.',
      },
    ],
  },
};
