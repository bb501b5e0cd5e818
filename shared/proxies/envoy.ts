// Envoy, and Istio, Envoy Gateway and Contour, which configure it: the admin interface (port 9901; 15000 in a sidecar) shows clusters,
// routes and certificates.
import type { ProxyGuide } from './guide.ts';

const ADMIN = 'curl -s localhost:9901';
const CLUSTERS = {
  say: 'What does Envoy think of each endpoint? In an Istio sidecar use port 15000, or istioctl proxy-config endpoints POD.',
  run: `${ADMIN}/clusters | grep -E "health_flags|cx_connect_fail|rq_error|rq_timeout"`,
};
const PODS = { say: 'On Kubernetes: are pods and endpoints ready?', run: 'kubectl get pods,endpointslices -A -o wide' };
const TIMEOUT = {
  say: 'Which route timeout is set? Envoy gives up after 15 s by default; Istio sets none unless a VirtualService (or an HTTPRoute) has a timeout.',
  run: 'kubectl get virtualservice,httproute -A -o yaml | grep -nE "timeout|perTryTimeout|request:"',
};
const CERTIFICATES = {
  say: 'Are the workload certificates valid? istioctl proxy-config secret POD shows their dates.',
  run: `${ADMIN}/certs | grep -E "valid_from|expiration_time|days_until"`,
};
const BREAKERS = {
  say: 'Which circuit breaker limits are set (connectionPool in a DestinationRule)?',
  run: `${ADMIN}/stats | grep -E "circuit_breakers|overflow"`,
};
const ROUTES = {
  say: 'Which hosts and routes does Envoy have? In Istio: istioctl proxy-config routes POD; in Envoy Gateway: the status of the HTTPRoute.',
  run: `${ADMIN}/config_dump?resource=dynamic_route_configs; kubectl get httproute,virtualservice -A`,
};

export const envoy: ProxyGuide = {
  proxy: 'envoy',
  name: 'Envoy',
  log: {
    say: "Read Envoy's statistics and its own log at that time (istio-proxy container in a sidecar).",
    run: `${ADMIN}/stats | grep -E "upstream_(cx|rq)_[a-z_]*(fail|timeout|reset|overflow|[45]xx)"`,
  },
  steps: {
    upstream_connection_refused: [CLUSTERS, PODS],
    upstream_connect_timeout: [
      CLUSTERS,
      {
        say: 'Which connect_timeout is set (5 s in Envoy, 10 s in Istio by default)?',
        run: `${ADMIN}/config_dump | grep -n connect_timeout | sort | uniq -c`,
      },
    ],
    no_live_upstreams: [CLUSTERS, PODS],
    upstream_tls_failure: [
      CERTIFICATES,
      {
        say: 'Do both sides agree on mTLS (PeerAuthentication, DestinationRule tls mode)?',
        run: 'kubectl get peerauthentication,destinationrule -A',
      },
    ],
    upstream_closed_before_response: [
      CLUSTERS,
      {
        say: 'Does Envoy retry these? A retried POST may be executed twice.',
        run: 'kubectl get virtualservice -A -o yaml | grep -nE "retries|attempts|retryOn"',
      },
    ],
    upstream_response_timeout: [TIMEOUT],
    upstream_invalid_response: [
      {
        say: "Do the Service's port name and appProtocol match what the port speaks (http, http2, grpc)?",
        run: 'kubectl get svc -A -o yaml | grep -nE "appProtocol|name: (http|grpc|tcp)"',
      },
    ],
    queue_timeout: [BREAKERS],
    proxy_rate_limited: [
      { say: 'Which rate limit rejected them?', run: `${ADMIN}/stats | grep -E "ratelimit|rate_limited"` },
    ],
    proxy_denied: [
      {
        say: 'Which policy denied them (ext_authz, RBAC, JWT)? The response code details name it.',
        run: 'kubectl get authorizationpolicy,requestauthentication -A',
      },
    ],
    proxy_internal_error: [
      {
        say: 'Overload manager, fault injection and rate limit service.',
        run: `${ADMIN}/stats | grep -E "overload|fault|ratelimit"`,
      },
    ],
    no_route: [ROUTES],
    client_gave_up: [
      { say: 'The idle or request timeout of the load balancer in front, against the durations of these requests.' },
    ],
    unknown: [CLUSTERS],
  },
};
