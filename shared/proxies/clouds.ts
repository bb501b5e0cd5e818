// Managed proxies of other vendors: no log of their own to read, so what their consoles and settings show.
import type { ProxyGuide } from './guide.ts';

const CLOUDFLARE_DIRECT = {
  say: 'Send the request to the origin directly, past Cloudflare: does it respond?',
  run: 'curl -svk -m 10 -o /dev/null --resolve {host}:443:ORIGIN_IP https://{host}{path}',
};
const CLOUDFLARE_ADDRESSES = {
  say: "Does the origin's firewall admit all of Cloudflare's address ranges (https://www.cloudflare.com/ips)?",
};

export const cloudflare: ProxyGuide = {
  proxy: 'cloudflare',
  name: 'Cloudflare',
  log: { say: "The Ray ID of a failing response in Cloudflare's analytics, and the origin's own log at that time." },
  steps: {
    upstream_connection_refused: [CLOUDFLARE_ADDRESSES, CLOUDFLARE_DIRECT],
    upstream_connect_timeout: [CLOUDFLARE_ADDRESSES, CLOUDFLARE_DIRECT],
    upstream_response_timeout: [
      {
        say: "The origin's own log: how long do these routes take? Cloudflare waits 120 s by default (looked up in 2026), Enterprise plans can raise it.",
      },
    ],
    upstream_tls_failure: [
      {
        say: 'Which SSL mode is set? Full (strict) needs a certificate that is valid for the host, or one of the Cloudflare Origin CA.',
      },
    ],
    upstream_invalid_response: [
      {
        say: "The origin's log at that time: an empty response, a reset connection, a header over Cloudflare's limit (128 KB, looked up in 2026), or a crash.",
      },
      CLOUDFLARE_DIRECT,
    ],
    edge_error: [
      { say: "The response body names the 1xxx error: 1016 is the origin's DNS record, 1033 a tunnel that is down." },
      CLOUDFLARE_DIRECT,
    ],
    proxy_denied: [{ say: 'Security events in the dashboard show which rule acted.' }],
  },
};

export const azure: ProxyGuide = {
  proxy: 'azure',
  name: 'Azure Application Gateway',
  log: {
    say: 'Backend health of the gateway, and error_info in its access log.',
    run: 'az network application-gateway show-backend-health -g GROUP -n NAME',
  },
  steps: {
    upstream_response_timeout: [
      {
        say: 'Which request timeout does the backend setting have (20 s by default in Application Gateway v2)?',
        run: 'az network application-gateway http-settings list -g GROUP --gateway-name NAME --query "[].{name:name,timeout:requestTimeout}"',
      },
    ],
    upstream_tls_failure: [
      { say: 'Does the backend setting trust the root certificate, and does the host name match the certificate?' },
    ],
  },
};

export const gcp: ProxyGuide = {
  proxy: 'gcp',
  name: 'Google Cloud load balancer',
  log: {
    say: 'statusDetails in the log names the reason; backend health of the service.',
    run: 'gcloud compute backend-services get-health NAME --global',
  },
  steps: {
    upstream_closed_before_response: [
      {
        say: "The load balancer keeps idle connections for 600 s: the application's keep-alive must be longer (620 s).",
      },
    ],
    upstream_response_timeout: [
      {
        say: 'Which timeout does the backend service have (30 s by default)?',
        run: 'gcloud compute backend-services describe NAME --global --format="value(timeoutSec)"',
      },
    ],
    no_live_upstreams: [
      {
        say: 'Are backends healthy, and do firewall rules admit the health checks (35.191.0.0/16, 130.211.0.0/22)?',
        run: 'gcloud compute backend-services get-health NAME --global',
      },
    ],
  },
};

export const vercel: ProxyGuide = {
  proxy: 'vercel',
  name: 'Vercel',
  log: { say: 'The function log of that deployment at that time, by request id.', run: 'vercel logs {host}' },
  steps: {},
};
