// ingress-nginx: nginx's words in the controller's container log; what is set comes from annotations and a ConfigMap.
import type { Check } from '../causes/cause.ts';
import type { ProxyGuide } from './guide.ts';
import { stepsWithWords } from './nginx-words.ts';

const LOG = 'kubectl logs -n ingress-nginx -l app.kubernetes.io/component=controller --tail=-1 --since=1h';
const ANNOTATIONS = 'kubectl get ingress -A -o yaml';
const CONFIG_MAP = 'kubectl get configmap -n ingress-nginx -o yaml';
const ENDPOINTS: Check = { say: 'Has the Service any ready endpoint?', run: 'kubectl get endpointslices -A' };

const OWN: Readonly<Partial<Record<string, readonly Check[]>>> = {
  upstream_connection_refused: [
    {
      say: 'Did pods stop at that time (rollout, scale-down)? A pod that stops before the controller drops it refuses connections: a preStop sleep of 5–15 s avoids it.',
      run: 'kubectl get events -A --sort-by=.lastTimestamp | tail -40',
    },
    { say: 'Does targetPort match what the container listens on?', run: 'kubectl get svc,pods -A -o wide' },
  ],
  no_live_upstreams: [ENDPOINTS, { say: 'Why are the pods not ready?', run: 'kubectl get pods -A -o wide' }],
  upstream_invalid_response: [
    {
      say: 'Does the backend-protocol annotation (HTTP, HTTPS, GRPC, GRPCS, FCGI) match what the port speaks?',
      run: `${ANNOTATIONS} | grep -nE "backend-protocol|nginx.ingress"`,
    },
  ],
  upstream_header_too_big: [
    { say: 'Raise proxy-buffer-size by annotation or ConfigMap.', run: `${ANNOTATIONS} | grep -nE "proxy-buffer"` },
  ],
  upstream_response_timeout: [
    {
      say: 'Which limit is set (proxy-read-timeout, 60 s by default)?',
      run: `${ANNOTATIONS} | grep -nE "proxy-(read|send|connect)-timeout"`,
    },
  ],
  upstream_connect_timeout: [
    {
      say: 'Does a NetworkPolicy drop traffic from the controller? Which connect timeout is set (5 s by default)?',
      run: `kubectl get networkpolicy -A; ${ANNOTATIONS} | grep -nE "proxy-connect-timeout"`,
    },
  ],
  proxy_rate_limited: [
    {
      say: 'Which limit annotations are set? limit-req-status-code in the ConfigMap changes 503 to 429.',
      run: `${ANNOTATIONS} | grep -nE "limit-(rps|rpm|connections)"`,
    },
    ENDPOINTS,
  ],
  proxy_internal_error: [
    {
      say: 'Does the auth-url service work? Any response of it other than 2xx, 401 and 403 becomes a 500.',
      run: `${ANNOTATIONS} | grep -nE "auth-url|auth-signin|snippet"`,
    },
  ],
  proxy_denied: [
    {
      say: 'Which annotation denies (whitelist-source-range, auth-*, modsecurity)?',
      run: `${ANNOTATIONS} | grep -nE "whitelist|denylist|auth-|modsecurity"`,
    },
  ],
  no_route: [{ say: 'Do the Ingress rules, their class and their Service exist?', run: 'kubectl get ingress -A' }],
  bad_request: [
    {
      say: 'Does use-proxy-protocol in the ConfigMap agree with the load balancer in front? "PROXY TCP4 …" as a request line means that it sends the PROXY protocol and nginx does not expect it.',
      run: `${CONFIG_MAP} | grep -nE "use-proxy-protocol|use-forwarded"`,
    },
  ],
  request_too_large: [
    { say: 'Which body limit is set (proxy-body-size)?', run: `${ANNOTATIONS} | grep -nE "proxy-body-size"` },
  ],
  unknown: [ENDPOINTS],
};

export const ingressNginx: ProxyGuide = {
  proxy: 'nginx',
  name: 'ingress-nginx',
  log: { say: "Read the controller's log at that time.", run: `${LOG} | grep -F '[error]' | tail -50` },
  steps: stepsWithWords(
    (said) => ({
      say: `Find it in the controller's log: ${said.words}.`,
      run: `${LOG} | grep -E '${said.pattern}' | tail -20`,
    }),
    OWN,
  ),
};
