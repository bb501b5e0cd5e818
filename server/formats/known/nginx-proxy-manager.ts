// Nginx Proxy Manager's two log formats: for proxied hosts (with cache and upstream status) and for the rest.
import { lineFormat } from '../declared/line-format.ts';

export const nginxProxyManager = lineFormat({
  name: 'nginx-proxy-manager',
  title: 'Nginx Proxy Manager',
  proxy: 'nginx',
  lines: [
    '[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent]',
    '[$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent]',
  ],
  samples: [
    {
      line: '[24/Jan/2022:16:51:02 +0000] - 502 502 - GET http openresty.local "/sdfdsf" [Client 192.0.2.4] [Length 192] [Gzip 3.10] [Sent-to openresty] "Mozilla/5.0 (X11; Linux x86_64)" "-"',
      hit: {
        ts: 1643043062000,
        code: 502,
        method: 'GET',
        path: '/sdfdsf',
        host: 'openresty.local',
        upstreamStatus: [502],
        bytes: 192,
        client: '192.0.2.4',
      },
    },
    {
      line: '[24/Jan/2022:13:40:19 +0000] 444 - GET https 192.0.2.9 "/.env" [Client 207.32.219.89] [Length 0] [Gzip -] "Mozilla/5.0" "-"',
      hit: {
        ts: 1643031619000,
        code: 444,
        method: 'GET',
        path: '/.env',
        host: '192.0.2.9',
        bytes: 0,
        client: '207.32.219.89',
      },
    },
  ],
  begins: '[',
});
