// How web frameworks and small servers print a request when nobody asks for an access log: no quotes, no common order. A pattern (line-pattern.ts) is
// what one family of them writes, whole enough that nothing else looks like it; each is proved by a sample of frameworks.ts.
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
  type LinePattern,
} from './line-pattern.ts';
import {
  ADDRESS,
  ADDRESS_AND_PORT,
  BAR,
  CLIENT_OR_NAME,
  CLOCK,
  CODE,
  COUNT,
  DIGITS,
  DURATION,
  END,
  IDENT,
  METHOD,
  MS,
  OWN_PATH,
  PATH,
  PATH_AND_COLON,
  PATH_IN_BARS,
  PATH_IN_QUOTES,
  REST,
  SIZE,
  SIZE_WORD,
  SMALL_METHOD,
  VERSION,
  VOLUME,
  WORD,
  WORD_END,
} from './line-pattern-parts.ts';

const PORT = maybe(seq`:${DIGITS}`);

export const PATTERNS: readonly LinePattern[] = [
  // GET /x 200 5.123 ms - 170                                          Morgan's dev; Next.js, Kibana and others without the end or with a note
  fromMethod`${METHOD} ${OWN_PATH} ${CODE} ${maybe('in ', '- ')}${DURATION}${maybe(seq` - ${VOLUME}${END}`, seq` ${SIZE}b`, seq` - ${REST}`, seq` | ${REST}`, ' -', seq` (${upTo(')')})`)}${END}`,
  // GET /x 200 170 - 5.123 ms                                          Morgan's tiny
  fromMethod`${METHOD} ${OWN_PATH} ${CODE} ${SIZE} - ${DURATION}${END}`,
  // GET /x - 200 - 12ms, GET /x - 200 (12ms)                           home-made, in many tongues
  fromMethod`${METHOD} ${OWN_PATH} - ${CODE} ${maybe('- ')}${maybe('(')}${DURATION}${maybe(')')}${END}`,
  // [GET] /x 304 12ms                                                  the same in brackets
  fromMethod`[${METHOD}] ${OWN_PATH} ${CODE} ${maybe('in ', '- ')}${DURATION}${END}`,
  fromMethod`[${CODE}] ${METHOD} ${OWN_PATH} ${maybe('- ')}${maybe('[')}${DURATION}${maybe(']')}${WORD_END}`,
  // [15:04:05] [200] GET /x, 2026/01/02 15:04:05 GET /x 200            home-made, nothing but a time in front
  fromStart`[${front(CLOCK)}] [${CODE}] ${METHOD} ${OWN_PATH}${END}`,
  fromStart`[${front(CLOCK)}] ${METHOD} ${OWN_PATH} ${CODE}${END}`,
  fromStart`${front(CLOCK)} ${METHOD} ${OWN_PATH} ${CODE}${END}`,
  // 203.0.113.7 -  02/Jan/2026:15:04:05 +0000 "GET /index.php" 200     PHP-FPM, a user before the time
  fromStart`${maybe(seq`[${upTo(']')}] `)}${maybe(ADDRESS, '-')} - ${afterWords(1, front(seq`${DIGITS}/${upTo(' ')} ${maybe('+', '-')}${DIGITS}`))} "${METHOD} ${PATH_IN_QUOTES}" ${CODE}${WORD_END}`,
  // 2026-01-02T15:04:05Z GET 200 12.345 ms 2048 kB 32.4% /x            the same as Platform.sh writes it
  fromMethod`${METHOD} ${CODE} ${DURATION} ${DIGITS} kB ${VERSION}% ${OWN_PATH}`,
  // INFO:     203.0.113.7:54321 - "WebSocket /ws" 403                  uvicorn, of a handshake that was refused
  fromText`"WebSocket ${PATH_IN_QUOTES}" ${CODE}${END}`,
  // [2026-01-02T15:04:05.123Z]  "GET /x" Error (404): "Not found"      http-server, of what failed
  fromStart`[${front(upTo(']'))}] "${METHOD} ${PATH_IN_QUOTES}" Error (${CODE}):`,
  // GET /x (12 ms) 200                                                 Strapi
  fromMethod`${METHOD} ${OWN_PATH} (${DURATION}) ${CODE}${END}`,
  // GET /x (200) 1.2ms                                                 Loki, Mimir, Tempo
  fromMethod`${METHOD} ${OWN_PATH} (${CODE}) ${DURATION}`,
  // [response] http://localhost:3000: get /x {"q":1} 200 (12ms)        hapi's good-console
  fromText`[response${upTo(']')}]${maybe(',')} ${afterWords(3, SMALL_METHOD)} ${PATH} ${afterWords(99, seq`${CODE} (${DURATION})${END}`)}`,
  // [I 260102 15:04:05 web:2239] 200 GET /x (203.0.113.7) 0.55ms       Tornado, Jupyter; JupyterHub says where it redirects to
  fromMethod`${CODE} ${METHOD} ${OWN_PATH} ${maybe(seq`-> ${WORD} `)}${maybe(seq`(${ADDRESS}) `, seq`(${upTo('@')}@${ADDRESS}) `)}${DURATION}`,
  // (sanic.access)[INFO][203.0.113.7:54321]: GET http://a.example/x  200 12
  fromText`(sanic.access)[${upTo(']')}][${ADDRESS_AND_PORT}]: ${METHOD} ${PATH} ${CODE} ${SIZE}`,
  // 2026/01/02 15:04:05 [host/x-000001] "GET http://a.example/x HTTP/1.1" from 203.0.113.7:54321 - 200 5B in 12.3µs       chi
  fromMethod`"${METHOD} ${PATH} HTTP/${VERSION}" from ${ADDRESS}${PORT} - ${CODE} ${SIZE}B in ${DURATION}${END}`,
  // 15:04:05 | 200 | 12.3µs | 203.0.113.7 | GET | /x                   Gin, Fiber, Negroni
  fromStart`${front(upTo('|', 0, 60))}${BAR}${CODE}${BAR}${DURATION}${BAR}${CLIENT_OR_NAME}${BAR}${METHOD}${maybe(BAR, ' ')}${maybe('"')}${PATH_IN_BARS}`,
  // [router.go:1305] |  203.0.113.7| 200 |  1.25ms|   match| GET      /x   r:/x                                           Beego
  fromText`[router.go:${DIGITS}] |${maybe(' ')}${ADDRESS}${BAR}${CODE}${BAR}${DURATION}${BAR}${upTo('|')}${BAR}${METHOD} ${PATH}`,
  // [INFO] 2026/01/02 15:04 200 1.25ms 203.0.113.7 GET /x              Iris
  fromText`[INFO] ${front(seq`${WORD} ${WORD}`)} ${CODE} ${DURATION} ${ADDRESS} ${METHOD} ${OWN_PATH}`,
  // 203.0.113.7:54321 - abc-def - user [2026/01/02 15:04:05] a.example GET / "/x" HTTP/1.1 "curl" 200 12 0.012             oauth2-proxy
  fromStart`${ADDRESS}${PORT} - ${WORD} - ${WORD} [${front(upTo(']', 19, 30))}] ${host(WORD)} ${METHOD} ${WORD} "${path(upTo('"'))}" HTTP/${VERSION} "${upTo('"')}" ${CODE} ${SIZE}`,
  // [15:04:05] 404 -  12ms GET      /x                                 Fiber 2.0
  fromStart`[${front(upTo(']', 8, 40))}] ${CODE} - ${DURATION} ${METHOD} ${PATH}${END}`,
  // Request finished HTTP/1.1 GET http://a.example/x - 200 12 text/plain 12.3ms                                           ASP.NET Core
  fromText`Request finished HTTP/${VERSION} ${METHOD} ${PATH} ${afterWords(2, seq`- ${CODE} ${SIZE} ${WORD}`)}${maybe(seq` ${DURATION}`)}`,
  // [wrangler:info] GET /x 404 Not Found (3ms)
  fromText`[wrangler:${upTo(']')}] ${METHOD} ${OWN_PATH} ${CODE} ${upTo(' (', 1, 60)} (${DURATION})`,
  // HTTP GET /x responded 200 in 12.3456 ms                            Serilog
  fromText`HTTP ${maybe('"')}${METHOD}${maybe('"')} ${maybe('"')}${PATH_IN_QUOTES}${maybe('"')} responded ${CODE} in ${DURATION}`,
  // I0102 15:04:05.123456 1 httplog.go:90] GET /x: (1.234ms) 200 [kube-probe/1.15 203.0.113.7:54321]   Kubernetes before 1.19
  fromMethod`${METHOD} ${PATH_AND_COLON} (${DURATION}) ${CODE}`,
  // 2026-01-02T15:04:05.123Z|4f6b3ae0d7c2f9a1|203.0.113.7|admin|GET|/x|200|-1|0|12|agent                                  Artifactory
  fromStart`${front(upTo('|'))}|${upTo('|')}|${ADDRESS}|${upTo('|')}|${METHOD}|${path(upTo('|'))}|${CODE}|${upTo('|')}|${SIZE}|${MS}`,
  // 203.0.113.7|Fri 02 Jan 2026 15:04:05 +0000|200|12|user|GET /x HTTP/1.1|Host: a.example|…                              Hiawatha
  fromStart`${ADDRESS}|${WORD} ${front(upTo('|', 20, 40))}|${CODE}|${SIZE}|${upTo('|')}|${METHOD} ${PATH_IN_BARS} HTTP/${VERSION}|`,
  // 20260102150405|12|REQUEST|203.0.113.7|admin|GET|/x|HTTP/1.1|200|0                                                     before version 7
  fromStart`${front(upTo('|', 14, 14))}|${MS}|REQUEST|${ADDRESS}|${upTo('|')}|${METHOD}|${path(upTo('|'))}|HTTP/${VERSION}|${CODE}|${SIZE}${END}`,
  // [Fri Jan  2 15:04:05 2026] 203.0.113.7:54321 [200]: GET /x         PHP's own server; before PHP 7.4 without a method
  fromStart`[${front(upTo(']', 24, 24))}] ${ADDRESS_AND_PORT} [${CODE}]: ${maybe(seq`${METHOD} `)}${PATH}`,
  // [notice] 2026-01-02T15:04:05.123456Z couchdb@127.0.0.1 <0.123.0> 2f1b5a3ab6 a.example:5984 203.0.113.7 admin GET /x 200 ok 3
  fromText`<${VERSION}> ${WORD} ${host(WORD)} ${ADDRESS} ${WORD} ${METHOD} ${PATH} ${CODE} ${WORD} ${MS}${END}`,
  // router: completed GET /x for 203.0.113.7:0, 200 OK in 12.3ms @ auth/auth.go:12(auth.SignIn)                           Gitea
  fromMethod`completed ${METHOD} ${PATH} for ${ADDRESS}${PORT}, ${CODE} ${upTo(' in ', 1, 60)} in ${DURATION}`,
  // http <-- 200, user: null(203.0.113.7), req: 'GET /x', bytes: 0/12  Verdaccio
  fromText`<-- ${CODE}, user: ${upTo('(')}${maybe(seq`(${ADDRESS})`, seq`(${upTo(' via ')} via ${ADDRESS})`)}, req: '${METHOD} ${path(upTo("'"))}'`,
  // Completed: [203.0.113.7:51234] 200 GET /x (6 live) GZIP 4ms 450 bytes                                                 Plex
  fromText`Completed: [${ADDRESS_AND_PORT}] ${CODE} ${METHOD} ${PATH} (${DIGITS} live) ${afterWords(4, DURATION)}${maybe(seq` ${SIZE} bytes`)}`,
  // … 203.0.113.7 - 8008 - {@a:a.example} Processed request: 0.012sec/0.001sec (…) 123B 200 "GET /x HTTP/1.1" "agent" [0 dbevts]   Synapse
  fromText`Processed request: ${DURATION}ec/${afterWords(8, seq`${SIZE}B ${CODE}${maybe('!')} "`)}${METHOD} ${PATH} HTTP/${VERSION}"`,
  // 2026-01-02 15:04:05 12 203.0.113.7 200 TCP_HIT 941 729 GET http a.example /x …                                        ProxySG's main format without its header
  fromStart`${front(CLOCK)} ${MS} ${ADDRESS} ${CODE} TCP_${WORD} ${SIZE} ${DIGITS} ${METHOD} ${WORD} ${host(WORD)} ${maybe(seq`${DIGITS} `)}${path(WORD)}`,
  // 2026-01-02 15:04:05 12 203.0.113.7 - - - OBSERVED "News" -  200 TCP_HIT GET text/html http a.example 80 /x …           its reporter's
  fromStart`${front(CLOCK)} ${MS} ${ADDRESS} ${afterWords(16, seq`${CODE} TCP_${WORD} ${METHOD} ${WORD} ${WORD} ${host(WORD)} ${DIGITS} ${path(WORD)}`)}`,
  // [02/Jan/2026:15:04:05 +0000] "user" 203.0.113.7 200 "GET http://a.example/x HTTP/1.1" …                               McAfee Web Gateway, with the status first
  fromStart`[${front(upTo(']', 20, 30))}] "${upTo('"')}" ${afterWords(1, seq`${ADDRESS} ${CODE} "`)}${METHOD} ${PATH} HTTP/${VERSION}"`,
  // 203.0.113.7,-,-,02/Jan/2026:15:04:05 +0000,GET,/x,HTTP/1.1,200,20,abc-def                                              API Gateway's CSV
  fromStart`${ADDRESS},${upTo(',')},${upTo(',')},${front(upTo(',', 20, 30))},${METHOD},${path(upTo(','))},HTTP/${VERSION},${CODE},${SIZE},`,
  // <request id="abc"> <ip>203.0.113.7</ip> … <httpMethod>GET</httpMethod> <resourcePath>/x</resourcePath> <status>200</status> …   API Gateway's XML
  fromStart`<request id="${upTo('"')}">${maybe(' ')}<ip>${ADDRESS}</ip>${upTo('<requestTime>')}<requestTime>${front(upTo('<'))}</requestTime>${maybe(' ')}<httpMethod>${METHOD}</httpMethod>${maybe(' ')}<resourcePath>${path(upTo('<'))}</resourcePath>${maybe(' ')}<status>${CODE}</status>`,
  // [2026-01-02 15:04:05.123] [router:host-http] [origin:a.example] [client: 203.0.113.7] [useragent: curl] GET /x 200     Zoraxy
  fromText`[origin:${host(upTo(']'))}] [client: ${ADDRESS}] [useragent: ${upTo(']')}] ${METHOD} ${PATH} ${CODE}${END}`,
  // 203.0.113.7 - 0.002 502 "GET /x HTTP/1.1"                          somebody's own, the status before the request
  fromStart`${ADDRESS} ${front(afterWords(8, seq`${CODE} "`))}${METHOD} ${PATH} HTTP/${VERSION}"${END}`,
  // [Web Server ] Jan  2 15:04:05 |INFO   | SERVER GET  (304) /x.js ip="203.0.113.7"                                      Symfony's command line
  fromMethod`| SERVER ${METHOD} (${CODE}) ${OWN_PATH}${maybe(seq` ip="${ADDRESS}"`)}`,
  // 203.0.113.7,10.0.0.1 | https | o48x27018x1 | - | 2012-09-20 00:48:05,435 | "GET /x HTTP/1.1" | "" "git/1.7" | 200 | …    Bitbucket
  fromStart`${ADDRESS}${upTo(' | http', 0, 200)} | http${maybe('s')} | ${WORD} | ${WORD} | ${front(upTo(' |', 19, 23))} | "${METHOD} ${PATH} HTTP/${VERSION}" | "${upTo('"')}" "${upTo('"')}" | ${CODE} |`,
  // 203.0.113.7 - - GET /x HTTP/1.1 200 12 0.012                       somebody's own, a client right before the request
  fromAddress`${ADDRESS}${maybe(']')}${maybe(IDENT)}${maybe(IDENT)}${maybe(seq` [${front(seq`${DIGITS}${upTo(']', 15, 29)}`)}]`)} ${maybe("'", '[')}${METHOD} ${maybe('"')}${PATH_IN_QUOTES}${maybe('"')} ${maybe(seq`HTTP/${VERSION}${maybe("'", ']')} `)}${maybe(seq`${COUNT} `)}${CODE}${WORD_END}${maybe(seq` ${SIZE_WORD}`)}`,
];
