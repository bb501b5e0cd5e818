// The same of applications and small servers that write their own log.
import {
  afterWords,
  front,
  fromMethod,
  fromStart,
  fromText,
  host,
  maybe,
  path,
  seq,
  upTo,
} from '../layout/line-pattern.ts';
import {
  ADDRESS,
  ADDRESS_AND_PORT,
  CODE,
  DIGITS,
  DURATION,
  END,
  METHOD,
  MS,
  OWN_PATH,
  PATH,
  PATH_AND_COLON,
  PATH_IN_BARS,
  PATH_IN_QUOTES,
  SECONDS,
  SIZE,
  VERSION,
  WORD,
} from '../layout/line-pattern-parts.ts';
import type { Framework } from './framework.ts';

const PORT = maybe(seq`:${DIGITS}`);

export const SERVERS: readonly Framework[] = [
  {
    of: 'Wrangler',
    pattern: fromText`[wrangler:${upTo(']')}] ${METHOD} ${OWN_PATH} ${CODE} ${upTo(' (', 1, 60)} (${DURATION})`,
    samples: [
      {
        line: '[wrangler:info] GET /x 404 Not Found (3ms)',
        hit: { code: 404, method: 'GET', path: '/x', durationMs: 3 },
      },
    ],
  },
  {
    of: 'Serilog',
    pattern: fromText`HTTP ${maybe('"')}${METHOD}${maybe('"')} ${maybe('"')}${PATH_IN_QUOTES}${maybe('"')} responded ${CODE} in ${DURATION}`,
    samples: [
      {
        line: '2026-01-02 15:04:05.123 +00:00 [ERR] HTTP GET /x responded 500 in 12.5 ms',
        hit: { ts: 1767366245123, code: 500, method: 'GET', path: '/x', durationMs: 12.5 },
      },
    ],
  },
  {
    of: 'Kubernetes before 1.19',
    pattern: fromMethod`${METHOD} ${PATH_AND_COLON} (${DURATION}) ${CODE}`,
    samples: [
      {
        line: 'I0102 15:04:05.123456       1 httplog.go:90] GET /healthz: (1.25ms) 200 [kube-probe/1.15 192.0.2.7:1234]',
        hit: { code: 200, method: 'GET', path: '/healthz', durationMs: 1.25 },
      },
    ],
  },
  {
    of: 'Artifactory',
    pattern: fromStart`${front(upTo('|'))}|${upTo('|')}|${ADDRESS}|${upTo('|')}|${METHOD}|${path(upTo('|'))}|${CODE}|${upTo('|')}|${SIZE}|${MS}`,
    samples: [
      {
        line: '2026-01-02T15:04:05.123Z|4f6b3ae0d7c2f9a1|192.0.2.7|admin|PUT|/libs/x.jar|201|12345|800|50|Jenkins',
        hit: {
          ts: 1767366245123,
          code: 201,
          method: 'PUT',
          path: '/libs/x.jar',
          durationMs: 50,
          bytes: 800,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: 'Hiawatha',
    pattern: fromStart`${ADDRESS}|${WORD} ${front(upTo('|', 20, 40))}|${CODE}|${SIZE}|${upTo('|')}|${METHOD} ${PATH_IN_BARS} HTTP/${VERSION}|`,
    samples: [
      {
        line: '192.0.2.7|Fri 02 Jan 2026 15:04:05 +0000|404|1234||GET /x?y=1 HTTP/1.1|Host: a.example|User-Agent: curl',
        hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x?y=1', bytes: 1234, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Artifactory before version 7',
    pattern: fromStart`${front(upTo('|', 14, 14))}|${MS}|REQUEST|${ADDRESS}|${upTo('|')}|${METHOD}|${path(upTo('|'))}|HTTP/${VERSION}|${CODE}|${SIZE}${END}`,
    samples: [
      {
        line: '20260102150405|12|REQUEST|192.0.2.7|admin|GET|/api/x|HTTP/1.1|404|120',
        hit: {
          ts: 1767366245000,
          code: 404,
          method: 'GET',
          path: '/api/x',
          durationMs: 12,
          bytes: 120,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: "Acquia's requests of Drupal",
    pattern: fromStart`${maybe('[')}${front(upTo(' ', 20, 27))} ${host(WORD)} ${METHOD} ${OWN_PATH} code=${CODE} query=${afterWords(4, seq`php_time=${SECONDS}`)}`,
    samples: [
      {
        line: '2026-01-02T15:04:05+00:00 a.example GET /node/1 code=502 query=x=1 uid=0 php_pid=1234 php_time=0.345 queue_wait=- request_id="v-1234"',
        hit: { ts: 1767366245000, code: 502, method: 'GET', path: '/node/1', host: 'a.example', durationMs: 345 },
      },
    ],
  },
  {
    of: "PHP's own server; before PHP 7.4 without a method",
    pattern: fromStart`[${front(upTo(']', 24, 24))}] ${ADDRESS_AND_PORT} [${CODE}]: ${maybe(seq`${METHOD} `)}${PATH}`,
    samples: [
      {
        line: '[Fri Jan  2 15:04:05 2026] 192.0.2.7:54321 [404]: GET /x',
        hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'CouchDB',
    pattern: fromText`<${VERSION}> ${WORD} ${host(WORD)} ${ADDRESS} ${WORD} ${METHOD} ${PATH} ${CODE} ${WORD} ${MS}${END}`,
    samples: [
      {
        line: '[notice] 2026-01-02T15:04:05.123456Z couchdb@127.0.0.1 <0.123.0> 2f1b5a3ab6 a.example:5984 192.0.2.7 admin GET /x 200 ok 3',
        hit: {
          ts: 1767366245123,
          code: 200,
          method: 'GET',
          path: '/x',
          host: 'a.example:5984',
          durationMs: 3,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: 'Gitea',
    pattern: fromMethod`completed ${METHOD} ${PATH} for ${ADDRESS}${PORT}, ${CODE} ${upTo(' in ', 1, 60)} in ${DURATION}`,
    samples: [
      {
        line: '2026/01/02 15:04:05 router: completed GET /x for 192.0.2.7:0, 200 OK in 12.5ms @ auth/auth.go:12(auth.SignIn)',
        hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x', durationMs: 12.5, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Verdaccio',
    pattern: fromText`<-- ${CODE}, user: ${upTo('(')}${maybe(seq`(${ADDRESS})`, seq`(${upTo(' via ')} via ${ADDRESS})`)}, req: '${METHOD} ${path(upTo("'"))}'`,
    samples: [
      {
        line: " http <-- 200, user: null(192.0.2.7), req: 'GET /x', bytes: 0/12",
        hit: { code: 200, method: 'GET', path: '/x', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Plex',
    pattern: fromText`Completed: [${ADDRESS_AND_PORT}] ${CODE} ${METHOD} ${PATH} (${DIGITS} live) ${afterWords(4, DURATION)}${maybe(seq` ${SIZE} bytes`)}`,
    samples: [
      {
        line: 'Jan 02, 2026 15:04:05.123 [0x7f] DEBUG - Completed: [192.0.2.7:51234] 200 GET /status/sessions (6 live) GZIP 4ms 450 bytes (pipelined: 1)',
        hit: { code: 200, method: 'GET', path: '/status/sessions', durationMs: 4, bytes: 450, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Synapse',
    pattern: fromText`Processed request: ${DURATION}ec/${afterWords(8, seq`${SIZE}B ${CODE}${maybe('!')} "`)}${METHOD} ${PATH} HTTP/${VERSION}"`,
    samples: [
      {
        line: '2026-01-02 15:04:05,123 - synapse.access.http.8008 - 460 - INFO - GET-123 - 192.0.2.7 - 8008 - {None} Processed request: 0.012sec/0.001sec (0.001sec, 0.000sec) (0.000sec/0.000sec/0) 123B 200 "GET /_matrix/client/versions HTTP/1.1" "curl" [0 dbevts]',
        hit: {
          ts: 1767366245123,
          code: 200,
          method: 'GET',
          path: '/_matrix/client/versions',
          durationMs: 12,
          bytes: 123,
          client: '192.0.2.7',
        },
      },
    ],
  },
];
