// Traefik's default access log: CLF with request count, router, service URL and milliseconds behind it.
import { ClfReader } from '../clf/clf.ts';
import type { Format } from '../format.ts';

export const traefik = {
  name: 'traefik',
  title: 'Traefik (CLF)',
  proxy: 'traefik',
  samples: [
    // client   - user [time]                      "request"       status bytes "referer" "agent"     count "router"    "service"               duration
    {
      line: '10.0.0.1 - - [10/Nov/2009:23:00:00 +0000] "GET / HTTP/1.1" 502 11 "-" "foo \\" bar" 1 "test@file" "http://127.0.0.1:8080" 12ms',
      hit: {
        ts: 1257894000000,
        code: 502,
        method: 'GET',
        path: '/',
        upstream: '127.0.0.1:8080',
        durationMs: 12,
        bytes: 11,
        client: '10.0.0.1',
      },
    },
  ],
  open: () => new ClfReader('traefik'),
} as const satisfies Format;
