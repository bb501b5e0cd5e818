// Programs with few steps of their own.
import type { ProxyGuide } from './guide.ts';

const HTTPERR = {
  say: 'HTTP.sys writes requests that never reached a worker to HTTPERR, with a reason (AppOffline, QueueFull, Timer_…, Connection_Abandoned_…).',
  run: 'Get-Content C:\\Windows\\System32\\LogFiles\\HTTPERR\\httperr*.log -Tail 50',
};
const EVENTS = {
  say: 'The application pool: events of WAS and W3SVC, and failed request tracing for the substatus.',
  run: 'Get-WinEvent -ProviderName Microsoft-Windows-WAS -MaxEvents 20',
};

export const iis: ProxyGuide = {
  proxy: 'iis',
  name: 'IIS',
  log: HTTPERR,
  steps: {
    no_live_upstreams: [HTTPERR, EVENTS, { say: 'ARR: health and availability of the server farm.' }],
    queue_timeout: [HTTPERR, EVENTS],
    app_exception: [
      {
        say: "The application's own log and the Windows application event log.",
        run: 'Get-WinEvent -LogName Application -MaxEvents 20',
      },
      EVENTS,
    ],
    upstream_response_timeout: [
      {
        say: 'Which proxy timeout does ARR have (Server Proxy Settings)? httpPlatform and ASP.NET Core Module: requestTimeout.',
      },
    ],
    upstream_connection_refused: [
      {
        say: 'Does the process behind ARR or the ASP.NET Core Module listen? stdout logging of the module shows its start.',
      },
      EVENTS,
    ],
    proxy_denied: [
      {
        say: 'The substatus names the rule (401.x, 403.x, request filtering): failed request tracing shows the module.',
      },
    ],
    no_route: [{ say: 'Handlers and request filtering of that site.', run: 'appcmd list config /section:handlers' }],
  },
};

export const squid: ProxyGuide = {
  proxy: 'squid',
  name: 'Squid',
  log: { say: "Squid's cache.log at that time.", run: 'tail -n 50 /var/log/squid/cache.log' },
  steps: {},
};

export const varnish: ProxyGuide = {
  proxy: 'varnish',
  name: 'Varnish',
  log: {
    say: 'FetchError names the reason; backend.list shows health.',
    run: "varnishlog -d -g request -q 'FetchError' | grep -E 'FetchError|BereqURL' | tail -20; varnishadm backend.list",
  },
  steps: {},
};

export const lighttpd: ProxyGuide = {
  proxy: 'lighttpd',
  name: 'lighttpd',
  log: {
    say: "lighttpd's error log at that time.",
    run: "grep -E 'gw_backend|mod_proxy|establishing connection failed' /var/log/lighttpd/error.log | tail -20",
  },
  steps: {},
};

export const otel: ProxyGuide = {
  proxy: 'otel',
  name: 'OpenTelemetry',
  log: { say: 'Open the trace of one failing request: the first span with an error is where it failed.' },
  steps: {},
};

/** Several programs write such lines, so no path can be given. */
export const unknownProxy: ProxyGuide = {
  proxy: 'unknown',
  name: 'the proxy',
  log: {
    say: 'Read the error log of the program that wrote these lines, at that time: nginx (error_log), Apache (ErrorLog: AH00957 and AH01114 are failed connects), Caddy (http.log.error), Traefik (level DEBUG).',
  },
  steps: {},
};
