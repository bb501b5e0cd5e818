// The same of proxies and gateways, and of formats that somebody made up.
import {
  afterWords,
  front,
  fromAddress,
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
  CLOCK,
  CODE,
  COUNT,
  DIGITS,
  END,
  IDENT,
  METHOD,
  MS,
  OWN_PATH,
  PATH,
  PATH_IN_QUOTES,
  SIZE,
  SIZE_WORD,
  VERSION,
  WORD,
  WORD_END,
} from '../layout/line-pattern-parts.ts';
import type { Framework } from './framework.ts';

export const GATEWAYS: readonly Framework[] = [
  {
    of: "ProxySG's main format without its header",
    pattern: fromStart`${front(CLOCK)} ${MS} ${ADDRESS} ${CODE} TCP_${WORD} ${SIZE} ${DIGITS} ${METHOD} ${WORD} ${host(WORD)} ${maybe(seq`${DIGITS} `)}${path(WORD)}`,
    samples: [
      {
        line: '2026-01-02 15:04:05 12 192.0.2.7 503 TCP_ERR_MISS 941 729 GET http a.example /x - ada NONE 10.0.0.1 - "Mozilla/4.0" DENIED none -',
        hit: {
          ts: 1767366245000,
          code: 503,
          method: 'GET',
          path: '/x',
          host: 'a.example',
          durationMs: 12,
          bytes: 941,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: "ProxySG's reporter",
    pattern: fromStart`${front(CLOCK)} ${MS} ${ADDRESS} ${afterWords(16, seq`${CODE} TCP_${WORD} ${METHOD} ${WORD} ${WORD} ${host(WORD)} ${DIGITS} ${path(WORD)}`)}`,
    samples: [
      {
        line: '2026-01-02 15:04:05 12 192.0.2.7 - - - OBSERVED "News, Media" -  200 TCP_NC_MISS GET text/html http a.example 80 /x ?q=1 - "Mozilla/4.0" 10.0.0.1 941 729 -',
        hit: {
          ts: 1767366245000,
          code: 200,
          method: 'GET',
          path: '/x',
          host: 'a.example',
          durationMs: 12,
          client: '192.0.2.7',
        },
      },
    ],
  },
  {
    of: 'McAfee Web Gateway, with the status first',
    pattern: fromStart`[${front(upTo(']', 20, 30))}] "${upTo('"')}" ${afterWords(1, seq`${ADDRESS} ${CODE} "`)}${METHOD} ${PATH} HTTP/${VERSION}"`,
    samples: [
      {
        line: '[02/Jan/2026:15:04:05 +0000] "" 192.0.2.7 403 "GET http://a.example/x HTTP/1.1" "Games" "Minimal Risk" "text/html" 1234',
        hit: { ts: 1767366245000, code: 403, method: 'GET', path: '/x', host: 'a.example', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: "API Gateway's CSV",
    pattern: fromStart`${ADDRESS},${upTo(',')},${upTo(',')},${front(upTo(',', 20, 30))},${METHOD},${path(upTo(','))},HTTP/${VERSION},${CODE},${SIZE},`,
    samples: [
      {
        line: '192.0.2.7,-,-,02/Jan/2026:15:04:05 +0000,GET,/x,HTTP/1.1,502,20,abc-def',
        hit: { ts: 1767366245000, code: 502, method: 'GET', path: '/x', bytes: 20, client: '192.0.2.7' },
      },
    ],
  },
  {
    of: "API Gateway's XML",
    pattern: fromStart`<request id="${upTo('"')}">${maybe(' ')}<ip>${ADDRESS}</ip>${upTo('<requestTime>')}<requestTime>${front(upTo('<'))}</requestTime>${maybe(' ')}<httpMethod>${METHOD}</httpMethod>${maybe(' ')}<resourcePath>${path(upTo('<'))}</resourcePath>${maybe(' ')}<status>${CODE}</status>`,
    samples: [
      {
        line: '<request id="abc"> <ip>192.0.2.7</ip> <caller>-</caller> <user>-</user> <requestTime>02/Jan/2026:15:04:05 +0000</requestTime> <httpMethod>GET</httpMethod> <resourcePath>/x</resourcePath> <status>200</status> <protocol>HTTP/1.1</protocol> <responseLength>20</responseLength> </request>',
        hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Zoraxy',
    pattern: fromText`[origin:${host(upTo(']'))}] [client: ${ADDRESS}] [useragent: ${upTo(']')}] ${METHOD} ${PATH} ${CODE}${END}`,
    samples: [
      {
        line: '[2026-01-02 15:04:05.123456] [router:host-http] [origin:a.example] [client: 192.0.2.7] [useragent: Mozilla/5.0 (X11)] GET /x 404',
        hit: { ts: 1767366245123, code: 404, method: 'GET', path: '/x', host: 'a.example', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: "somebody's own, the status before the request",
    pattern: fromStart`${ADDRESS} ${front(afterWords(8, seq`${CODE} "`))}${METHOD} ${PATH} HTTP/${VERSION}"${END}`,
    samples: [
      {
        line: '192.0.2.7 - 0.002 502 "GET /x HTTP/1.1"',
        hit: { code: 502, method: 'GET', path: '/x', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: "Symfony's command line",
    pattern: fromMethod`| SERVER ${METHOD} (${CODE}) ${OWN_PATH}${maybe(seq` ip="${ADDRESS}"`)}`,
    samples: [
      {
        line: '[Web Server ] Jan  2 15:04:05 |INFO   | SERVER GET  (304) /js/edit.js ip="192.0.2.7"',
        hit: { code: 304, method: 'GET', path: '/js/edit.js', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: 'Bitbucket',
    pattern: fromStart`${ADDRESS}${upTo(' | http', 0, 200)} | http${maybe('s')} | ${WORD} | ${WORD} | ${front(upTo(' |', 19, 23))} | "${METHOD} ${PATH} HTTP/${VERSION}" | "${upTo('"')}" "${upTo('"')}" | ${CODE} |`,
    samples: [
      {
        line: '192.0.2.7,10.0.0.1 | https | o48x27018x1 | - | 2026-01-02 15:04:05,435 | "GET /scm/x.git/info/refs HTTP/1.1" | "" "git/1.7.11.4" | 200 | 10 | - | - | 20 | abc |',
        hit: { ts: 1767366245435, code: 200, method: 'GET', path: '/scm/x.git/info/refs', client: '192.0.2.7' },
      },
    ],
  },
  {
    of: "somebody's own, a client right before the request",
    pattern: fromAddress`${ADDRESS}${maybe(']')}${maybe(IDENT)}${maybe(IDENT)}${maybe(seq` [${front(seq`${DIGITS}${upTo(']', 15, 29)}`)}]`)} ${maybe("'", '[')}${METHOD} ${maybe('"')}${PATH_IN_QUOTES}${maybe('"')} ${maybe(seq`HTTP/${VERSION}${maybe("'", ']')} `)}${maybe(seq`${COUNT} `)}${CODE}${WORD_END}${maybe(seq` ${SIZE_WORD}`)}`,
    samples: [
      {
        line: '[Wed, 29 Aug 2018 11:53:11 GMT] [info] [<0.404.0>] 192.0.2.7 - - DELETE /db/doc?rev=2-4c 200',
        hit: { ts: 1535543591000, code: 200, method: 'DELETE', path: '/db/doc?rev=2-4c', client: '192.0.2.7' },
      },
      {
        line: '2013-02-11T06:43:36 192.0.2.7 - GET "/client/" -1 200 5778 "-" "Mozilla/5.0 (X11)"',
        hit: { ts: 1360565016000, code: 200, method: 'GET', path: '/client/', bytes: 5778, client: '192.0.2.7' },
      },
    ],
  },
];
