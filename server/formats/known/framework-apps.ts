// How web frameworks print a request when nobody asks for an access log: no quotes, no common order. One row a framework.
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
  BAR,
  CLIENT_OR_NAME,
  CLOCK,
  CODE,
  DIGITS,
  DURATION,
  END,
  METHOD,
  OWN_PATH,
  PATH,
  PATH_IN_BARS,
  PATH_IN_QUOTES,
  REST,
  SIZE,
  SMALL_METHOD,
  VERSION,
  VOLUME,
  WORD,
  WORD_END,
} from '../layout/line-pattern-parts.ts';
import type { Framework } from './framework.ts';

const PORT = maybe(seq`:${DIGITS}`);

export const APPS: readonly Framework[] = [
  {
    of: "Morgan's dev; Next.js, Kibana and others without the end or with a note",
    pattern: fromMethod`${METHOD} ${OWN_PATH} ${CODE} ${maybe('in ', '- ')}${DURATION}${maybe(seq` - ${VOLUME}${END}`, seq` ${SIZE}b`, seq` - ${REST}`, seq` | ${REST}`, ' -', seq` (${upTo(')')})`)}${END}`,
    samples: [
      {
        line: 'GET /x?y=1 503 5.123 ms - 170',
        hit: { code: 503, method: 'GET', path: '/x?y=1', durationMs: 5.123, bytes: 170 },
      },
    ],
  },
  {
    of: "Morgan's tiny",
    pattern: fromMethod`${METHOD} ${OWN_PATH} ${CODE} ${SIZE} - ${DURATION}${END}`,
    samples: [{ line: 'GET /x 304 - - 0.567 ms', hit: { code: 304, method: 'GET', path: '/x', durationMs: 0.567 } }],
  },
  {
    of: 'home-made, in many tongues',
    pattern: fromMethod`${METHOD} ${OWN_PATH} - ${CODE} ${maybe('- ')}${maybe('(')}${DURATION}${maybe(')')}${END}`,
    samples: [
      {
        line: '2026-01-02 15:04:05 GET /x - 200 (12ms)',
        hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x', durationMs: 12 },
      },
      {
        line: '192.0.2.7 - GET /x - 502 - 0.012s',
        hit: { code: 502, method: 'GET', path: '/x', durationMs: 12, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'the same with the method in brackets',
    pattern: fromMethod`[${METHOD}] ${OWN_PATH} ${CODE} ${maybe('in ', '- ')}${DURATION}${END}`,
    samples: [{ line: '[GET] /x 304 12ms', hit: { code: 304, method: 'GET', path: '/x', durationMs: 12 } }],
  },
  {
    of: 'the same with the code in brackets',
    pattern: fromMethod`[${CODE}] ${METHOD} ${OWN_PATH} ${maybe('- ')}${maybe('[')}${DURATION}${maybe(']')}${WORD_END}`,
    samples: [{ line: '[200] GET /x 1.25ms', hit: { code: 200, method: 'GET', path: '/x', durationMs: 1.25 } }],
  },
  {
    of: 'home-made, a time and a code in brackets',
    pattern: fromStart`[${front(CLOCK)}] [${CODE}] ${METHOD} ${OWN_PATH}${END}`,
    samples: [
      { line: '[2026-01-02T15:04:05Z] [200] GET /x', hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x' } },
    ],
  },
  {
    of: 'home-made, a time in brackets',
    pattern: fromStart`[${front(CLOCK)}] ${METHOD} ${OWN_PATH} ${CODE}${END}`,
    samples: [
      { line: '[2026-01-02 15:04:05] POST /x 401', hit: { ts: 1767366245000, code: 401, method: 'POST', path: '/x' } },
    ],
  },
  {
    of: 'home-made, nothing but a time in front',
    pattern: fromStart`${front(CLOCK)} ${METHOD} ${OWN_PATH} ${CODE}${END}`,
    samples: [
      {
        line: '2026/01/02 15:04:05 GET /x?y=1 200',
        hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x?y=1' },
      },
    ],
  },
  {
    of: 'PHP-FPM, a user before the time',
    pattern: fromStart`${maybe(seq`[${upTo(']')}] `)}${maybe(ADDRESS, '-')} - ${afterWords(1, front(seq`${DIGITS}/${upTo(' ')} ${maybe('+', '-')}${DIGITS}`))} "${METHOD} ${PATH_IN_QUOTES}" ${CODE}${WORD_END}`,
    samples: [
      {
        line: '192.0.2.7 -  02/Jan/2026:15:04:05 +0000 "GET /index.php" 500 /app/index.php 8.695 2048 0.00%',
        hit: { ts: 1767366245000, code: 500, method: 'GET', path: '/index.php', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'the same as Platform.sh writes it',
    pattern: fromMethod`${METHOD} ${CODE} ${DURATION} ${DIGITS} kB ${VERSION}% ${OWN_PATH}`,
    samples: [
      {
        line: '2026-01-02T15:04:05Z GET 404 12.5 ms 2048 kB 32.4% /x',
        hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x', durationMs: 12.5 },
      },
    ],
  },
  {
    of: 'uvicorn, of a handshake that was refused',
    pattern: fromText`"WebSocket ${PATH_IN_QUOTES}" ${CODE}${END}`,
    samples: [
      {
        line: 'INFO:     192.0.2.7:54321 - "WebSocket /ws?x=1" 403',
        hit: { code: 403, path: '/ws?x=1', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'http-server, of what failed',
    pattern: fromStart`[${front(upTo(']'))}] "${METHOD} ${PATH_IN_QUOTES}" Error (${CODE}):`,
    samples: [
      {
        line: '[2026-01-02T15:04:05.123Z]  "GET /favicon.ico" Error (404): "Not found"',
        hit: { ts: 1767366245123, code: 404, method: 'GET', path: '/favicon.ico' },
      },
    ],
  },
  {
    of: 'Strapi',
    pattern: fromMethod`${METHOD} ${OWN_PATH} (${DURATION}) ${CODE}${END}`,
    samples: [
      {
        line: '[2026-01-02 15:04:05.123] http: GET /admin (12 ms) 200',
        hit: { ts: 1767366245123, code: 200, method: 'GET', path: '/admin', durationMs: 12 },
      },
    ],
  },
  {
    of: 'Loki, Mimir, Tempo',
    pattern: fromMethod`${METHOD} ${OWN_PATH} (${CODE}) ${DURATION}`,
    samples: [{ line: 'GET /ready (200) 1.25ms', hit: { code: 200, method: 'GET', path: '/ready', durationMs: 1.25 } }],
  },
  {
    of: "hapi's good-console",
    pattern: fromText`[response${upTo(']')}]${maybe(',')} ${afterWords(3, SMALL_METHOD)} ${PATH} ${afterWords(99, seq`${CODE} (${DURATION})${END}`)}`,
    samples: [
      {
        line: '260102/150405.123, [response] http://localhost:3000: get /x {"q":"1"} 404 (12ms)',
        hit: { ts: 1767366245000, code: 404, method: 'get', path: '/x', durationMs: 12 },
      },
    ],
  },
  {
    of: 'Tornado, Jupyter; JupyterHub says where it redirects to',
    pattern: fromMethod`${CODE} ${METHOD} ${OWN_PATH} ${maybe(seq`-> ${WORD} `)}${maybe(seq`(${ADDRESS}) `, seq`(${upTo('@')}@${ADDRESS}) `)}${DURATION}`,
    samples: [
      {
        line: '[W 260102 15:04:05 web:2239] 404 GET /x (192.0.2.7) 0.55ms',
        hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x', durationMs: 0.55, client: '192.0.2.7' },
      },
      {
        line: '[I 2026-01-02 15:04:05.123 JupyterHub log:191] 302 GET /hub/ -> /hub/home (ada@192.0.2.7) 1.25ms',
        hit: { ts: 1767366245123, code: 302, method: 'GET', path: '/hub/', durationMs: 1.25, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Sanic',
    pattern: fromText`(sanic.access)[${upTo(']')}][${ADDRESS_AND_PORT}]: ${METHOD} ${PATH} ${CODE} ${SIZE}`,
    samples: [
      {
        line: '[2026-01-02 15:04:05 +0000] - (sanic.access)[INFO][192.0.2.7:54321]: GET http://a.example/x  200 12',
        hit: {
          ts: 1767366245000,
          code: 200,
          method: 'GET',
          path: '/x',
          host: 'a.example',
          bytes: 12,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: 'chi',
    pattern: fromMethod`"${METHOD} ${PATH} HTTP/${VERSION}" from ${ADDRESS}${PORT} - ${CODE} ${SIZE}B in ${DURATION}${END}`,
    samples: [
      {
        line: '2026/01/02 15:04:05 [web/kT8-000001] "GET http://a.example:3333/panic HTTP/1.1" from 192.0.2.7:54321 - 500 5B in 12.5µs',
        hit: {
          ts: 1767366245000,
          code: 500,
          method: 'GET',
          path: '/panic',
          host: 'a.example:3333',
          durationMs: 0.0125,
          bytes: 5,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: 'Gin, Fiber, Negroni',
    pattern: fromStart`${front(upTo('|', 0, 60))}${BAR}${CODE}${BAR}${DURATION}${BAR}${CLIENT_OR_NAME}${BAR}${METHOD}${maybe(BAR, ' ')}${maybe('"')}${PATH_IN_BARS}`,
    samples: [
      {
        line: '[GIN] 2026/01/02 - 15:04:05 | 500 |    1.25ms |       192.0.2.7 | GET      "/ping?x=1"',
        hit: { ts: 1767366245000, code: 500, method: 'GET', path: '/ping?x=1', durationMs: 1.25, client: '192.0.2.7' },
      },
      {
        line: '15:04:05 | 404 |    12ms |       192.0.2.7 | GET     | /x',
        hit: { code: 404, method: 'GET', path: '/x', durationMs: 12, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Beego',
    pattern: fromText`[router.go:${DIGITS}] |${maybe(' ')}${ADDRESS}${BAR}${CODE}${BAR}${DURATION}${BAR}${upTo('|')}${BAR}${METHOD} ${PATH}`,
    samples: [
      {
        line: '2026/01/02 15:04:05.123 [D] [router.go:1305] |  192.0.2.7| 404 |  1.25ms|   nomatch| GET      /x   r:/x',
        hit: { ts: 1767366245123, code: 404, method: 'GET', path: '/x', durationMs: 1.25, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Iris',
    pattern: fromText`[INFO] ${front(seq`${WORD} ${WORD}`)} ${CODE} ${DURATION} ${ADDRESS} ${METHOD} ${OWN_PATH}`,
    samples: [
      {
        line: '[INFO] 2026/01/02 15:04 200 1.25ms 192.0.2.7 GET /x',
        hit: { code: 200, method: 'GET', path: '/x', durationMs: 1.25, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'oauth2-proxy',
    pattern: fromStart`${ADDRESS}${PORT} - ${WORD} - ${WORD} [${front(upTo(']', 19, 30))}] ${host(WORD)} ${METHOD} ${WORD} "${path(upTo('"'))}" HTTP/${VERSION} "${upTo('"')}" ${CODE} ${SIZE}`,
    samples: [
      {
        line: '192.0.2.7:54321 - abc-def - ada@a.example [2026/01/02 15:04:05] a.example GET / "/x" HTTP/1.1 "curl/8" 502 1024 0.012',
        hit: {
          ts: 1767366245000,
          code: 502,
          method: 'GET',
          path: '/x',
          host: 'a.example',
          bytes: 1024,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: 'Fiber 2.0',
    pattern: fromStart`[${front(upTo(']', 8, 40))}] ${CODE} - ${DURATION} ${METHOD} ${PATH}${END}`,
    samples: [
      { line: '[15:04:05] 404 -    12ms GET      /x', hit: { code: 404, method: 'GET', path: '/x', durationMs: 12 } },
    ],
  },
  {
    of: 'ASP.NET Core',
    pattern: fromText`Request finished HTTP/${VERSION} ${METHOD} ${PATH} ${afterWords(2, seq`- ${CODE} ${SIZE} ${WORD}`)}${maybe(seq` ${DURATION}`)}`,
    samples: [
      {
        line: 'Request finished HTTP/1.1 GET http://a.example:5000/x - 200 - application/json;+charset=utf-8 12.5ms',
        hit: { code: 200, method: 'GET', path: '/x', host: 'a.example:5000', durationMs: 12.5 },
      },
    ],
  },
  {
    of: 'ASP.NET Core before version 5',
    pattern: fromText`Request finished in ${DURATION} ${CODE}${WORD_END}`,
    samples: [
      {
        line: '2026-01-02 15:04:05.1234|2|INFO|Microsoft.AspNetCore.Hosting.Diagnostics|Request finished in 16.2679ms 304 text/css ',
        hit: { ts: 1767366245123, code: 304, durationMs: 16.2679 },
      },
    ],
  },
];
