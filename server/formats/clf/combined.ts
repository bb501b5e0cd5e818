// Common and combined, as nginx, Apache, lighttpd, Varnish, LiteSpeed and many more write them, alone or with the virtual host in front.
import { ClfReader } from './clf.ts';
import type { Format } from '../format.ts';

export const vhostCombined = {
  name: 'vhost_combined',
  title: 'Apache vhost_combined: combined with the virtual host in front',
  proxy: 'unknown',
  samples: [
    // host            client       user  [time]                       "request"                    status bytes "referer" "agent"
    {
      line: 'www.example.com:443 192.0.2.7 - - [26/Dec/2016:16:22:14 +0000] "GET /hello HTTP/1.1" 404 499 "-" "Mozilla/5.0 (X11)"',
      hit: {
        ts: 1482769334000,
        code: 404,
        method: 'GET',
        path: '/hello',
        host: 'www.example.com:443',
        bytes: 499,
        client: '192.0.2.7',
      },
    },
  ],
  open: () => new ClfReader('any', true),
} as const satisfies Format;

export const combined = {
  name: 'combined',
  title: 'nginx / Apache combined, whatever follows it',
  proxy: 'unknown',
  samples: [
    // client     - user [time]                       "request"          status bytes "referer" "agent"
    {
      line: '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET /a?b=1 HTTP/1.1" 502 157 "-" "curl/8.5.0"',
      hit: { ts: 1767366245000, code: 502, method: 'GET', path: '/a?b=1', bytes: 157, client: '203.0.113.7' },
    },
    {
      line: '127.0.0.1 - - [22/Nov/2026:22:16:49 +0000] "GET /retry HTTP/1.1" 200 4 "-" "lab" rt=0.001 ua="127.0.0.1:60257, 127.0.0.1:43913" us="502, 200" ut="0.000, 0.001" uct="-, 0.001" uht="-, 0.001" ubr="0, 41" lr="-"',
      hit: {
        ts: 1795385809000,
        code: 200,
        method: 'GET',
        path: '/retry',
        upstream: '127.0.0.1:43913',
        upstreamStatus: [502, 200],
        durationMs: 1,
        bytes: 4,
        client: '127.0.0.1',
      },
    },
    {
      line: '203.0.113.9 - - [02/Jan/2026:15:04:05 +0330] "\\x16\\x03\\x01" 400 157 "-" "-"',
      hit: { ts: 1767353645000, code: 400, bytes: 157, client: '203.0.113.9' },
    },
  ],
  open: () => new ClfReader('any'),
} as const satisfies Format;

export const common = {
  name: 'common',
  title: 'Common Log Format',
  proxy: 'unknown',
  samples: [
    // client   ident user  [time]                      "request"                   status bytes
    {
      line: '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
      hit: { ts: 971211336000, code: 200, method: 'GET', path: '/apache_pb.gif', bytes: 2326, client: '127.0.0.1' },
    },
  ],
  open: () => new ClfReader('none'),
} as const satisfies Format;
