// How web frameworks and small servers print a request when nobody asks for an access log: no quotes, no common order. A shape is what one
// family of them writes, whole enough that nothing else looks like it; each is proved by a sample of frameworks.ts.
//
// Every shape is linear: it begins with something that is seldom there, what may be anything is bounded, and no two neighbouring parts can
// match the same text.

/** What a logger puts in front (time, level, name) is whatever stands before the match. */
const FRONT = String.raw`(?:^|[\s\]:>|])`;
const METHOD = '(?<method>GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT|PROPFIND|PROPPATCH|REPORT|MKCOL|MOVE|COPY|LOCK|UNLOCK|PURGE|QUERY)';
const PATH = String.raw`(?<path>/\S*|\*|https?://\S+)`;
/** Behind no more than a method, a URL with its host is one that the application asked for itself. */
const OWN_PATH = String.raw`(?<path>/\S*)`;
const CODE = String.raw`(?<code>[1-5]\d\d)`;
const ADDRESS = String.raw`(?<client>[\d.]{7,15}|\[?[\da-fA-F]{0,4}:[\da-fA-F:.]{1,41}\]?)`;
/** As Go, Node and .NET write them: `12.5ms`, `5.123 ms`, `1m2.5s`; µ is two bytes, of two kinds. */
const DURATION = String.raw`(?:(?<minutes>\d+)m)?(?<duration>\d[\d.]*) ?(?<unit>[num\xb5\xbc\xc2\xce]{0,2}s)`;
const BYTES = String.raw`(?<size>\d+)`;

export const SHAPES: readonly RegExp[] = [
  // GET /x 200 5.123 ms - 170                                          Morgan's dev; Next.js, Kibana and others without the end or with a note
  String.raw`${FRONT}${METHOD} ${OWN_PATH} ${CODE} (?:in |- )?${DURATION}(?: - (?:${BYTES}|-|[\d.]+ ?[kKM]?B)| ${BYTES}b| -| \([^()]*\))?$`,
  // GET /x 200 170 - 5.123 ms                                          Morgan's tiny
  String.raw`${FRONT}${METHOD} ${OWN_PATH} ${CODE} (?:${BYTES}|-) - ${DURATION}$`,
  // GET /x (12 ms) 200                                                 Strapi
  String.raw`${FRONT}${METHOD} ${OWN_PATH} \(${DURATION}\) ${CODE}$`,
  // GET /x (200) 1.2ms                                                 Loki, Mimir, Tempo
  String.raw`${FRONT}${METHOD} ${OWN_PATH} \(${CODE}\) ${DURATION}`,
  // [response] http://localhost:3000: get /x {"q":1} 200 (12ms)        hapi's good-console
  String.raw`\[response[^\]\s]*\],? (?:\[[^\]]*\] )?\S+: (?<method>get|head|post|put|delete|patch|options) ${PATH} (?:\{.{0,1000}?\} )?${CODE} \(${DURATION}\)$`,
  // [I 260102 15:04:05 web:2239] 200 GET /x (203.0.113.7) 0.55ms       Tornado, Jupyter
  String.raw`${FRONT}${CODE} ${METHOD} ${OWN_PATH} (?:\((?:[^\s@()]+@)?${ADDRESS}\) )?${DURATION}`,
  // (sanic.access)[INFO][203.0.113.7:54321]: GET http://a.example/x  200 12
  String.raw`\(sanic\.access\)\[\w+\]\[${ADDRESS}:\d+\]: ${METHOD} ${PATH} +${CODE} (?:${BYTES}|-)`,
  // 2026/01/02 15:04:05 [host/x-000001] "GET http://a.example/x HTTP/1.1" from 203.0.113.7:54321 - 200 5B in 12.3µs       chi
  String.raw`"${METHOD} ${PATH} HTTP/[\d.]+" from ${ADDRESS}(?::\d+)? - ${CODE} ${BYTES}B in ${DURATION}$`,
  // 15:04:05 | 200 | 12.3µs | 203.0.113.7 | GET | /x                   Gin, Fiber, Negroni
  String.raw`^(?<front>[^|]{0,60})\| *${CODE} *\|\s*${DURATION} *\| *(?:${ADDRESS}|[\w.:-]+) *\| *${METHOD} *\|? *"?(?<path>/[^\s"|]*)`,
  // [15:04:05] 404 -  12ms GET      /x                                 Fiber 2.0
  String.raw`^(?<front>\[[^\]]{8,40}\]) ${CODE} - +${DURATION} ${METHOD} +${PATH}$`,
  // Request finished HTTP/1.1 GET http://a.example/x - 200 12 text/plain 12.3ms                                           ASP.NET Core
  String.raw`Request finished HTTP/[\d.]+ ${METHOD} ${PATH}(?: \S+){0,2} - ${CODE} (?:${BYTES}|-) \S+(?: ${DURATION})?`,
  // HTTP GET /x responded 200 in 12.3456 ms                            Serilog
  String.raw`\bHTTP "?${METHOD}"? "?${PATH.replace(String.raw`\S*`, String.raw`[^\s"]*`)}"? responded ${CODE} in ${DURATION}`,
  // I0102 15:04:05.123456 1 httplog.go:90] GET /x: (1.234ms) 200 [kube-probe/1.15 203.0.113.7:54321]   Kubernetes before 1.19
  String.raw`^[IWE]\d{4} [\d:.]+ +\d+ \w+\.go:\d+\] ${METHOD} (?<path>/\S*): \(${DURATION}\) ${CODE}\b`,
  // 2026-01-02T15:04:05.123Z|4f6b3ae0d7c2f9a1|203.0.113.7|admin|GET|/x|200|-1|0|12|agent                                  Artifactory
  String.raw`^(?<front>[\d.:TZ+-]+)\|[\da-fA-F]*\|${ADDRESS}\|[^|]*\|(?<method>[A-Z]+)\|(?<path>[^|]*)\|${CODE}\|-?\d+\|(?:${BYTES}|-1)\|(?<duration>\d+)(?:\||$)`,
  // 20260102150405|12|REQUEST|203.0.113.7|admin|GET|/x|HTTP/1.1|200|0                                                     before version 7
  String.raw`^(?<front>\d{14})\|(?<duration>\d+)\|REQUEST\|${ADDRESS}\|[^|]*\|(?<method>[A-Z]+)\|(?<path>[^|]*)\|HTTP/[\d.]+\|${CODE}\|(?:${BYTES}|-1)$`,
  // [Fri Jan  2 15:04:05 2026] 203.0.113.7:54321 [200]: GET /x         PHP's own server; before PHP 7.4 without a method
  String.raw`^(?<front>\[[^\]]{24}\]) ${ADDRESS}:\d+ \[${CODE}\]: (?:${METHOD} )?${PATH}`,
  // [notice] 2026-01-02T15:04:05.123456Z couchdb@127.0.0.1 <0.123.0> 2f1b5a3ab6 a.example:5984 203.0.113.7 admin GET /x 200 ok 3
  String.raw`<[\d.]+> [\da-f]{10} (?<host>\S+) ${ADDRESS} \S+ ${METHOD} ${PATH} ${CODE} \w+ (?<duration>\d+)$`,
  // router: completed GET /x for 203.0.113.7:0, 200 OK in 12.3ms @ auth/auth.go:12(auth.SignIn)                           Gitea
  String.raw`\bcompleted ${METHOD} ${PATH} for ${ADDRESS}(?::\d+)?, ${CODE} [\w ]+ in ${DURATION}`,
  // http <-- 200, user: null(203.0.113.7), req: 'GET /x', bytes: 0/12  Verdaccio
  String.raw`<-- ${CODE}, user: [^()]*\((?:[^()]* via )?${ADDRESS}\), req: '${METHOD} (?<path>[^\s']+)'`,
  // Completed: [203.0.113.7:51234] 200 GET /x (6 live) GZIP 4ms 450 bytes                                                 Plex
  String.raw`Completed: \[${ADDRESS}:\d+\] ${CODE} ${METHOD} ${PATH} \(\d+ live\) (?:[\w ]+ )?${DURATION}(?: ${BYTES} bytes)?`,
  // … 203.0.113.7 - 8008 - {@a:a.example} Processed request: 0.012sec/0.001sec (…) 123B 200 "GET /x HTTP/1.1" "agent" [0 dbevts]   Synapse
  String.raw`Processed request: (?<duration>[\d.]+)(?<unit>s)ec/\S+ [^"]{0,120}? ${BYTES}B ${CODE}!? "${METHOD} ${PATH} HTTP/[\d.]+"`,
  // [02/Jan/2026:15:04:05 +0000] "user" 203.0.113.7 200 "GET http://a.example/x HTTP/1.1" …                               McAfee Web Gateway, with the status first
  String.raw`^(?<front>\[[^\]]{20,30}\]) "[^"]*" (?:\S+ )?${ADDRESS} ${CODE} "${METHOD} ${PATH} HTTP/[\d.]+"`,
  // 203.0.113.7,-,-,02/Jan/2026:15:04:05 +0000,GET,/x,HTTP/1.1,200,20,abc-def                                              API Gateway's CSV
  String.raw`^${ADDRESS},[^,]*,[^,]*,(?<front>[^,]{20,30}),(?<method>[A-Z]+),(?<path>/[^,]*),HTTP/[\d.]+,${CODE},(?:${BYTES}|-),`,
  // <request id="abc"> <ip>203.0.113.7</ip> … <httpMethod>GET</httpMethod> <resourcePath>/x</resourcePath> <status>200</status> …   API Gateway's XML
  String.raw`^<request id="[^"]*"> ?<ip>${ADDRESS}</ip>[^/]{0,200}</caller>[^/]{0,200}</user> ?<requestTime>(?<front>[^<]*)</requestTime> ?<httpMethod>(?<method>[A-Z]+)</httpMethod> ?<resourcePath>(?<path>[^<]*)</resourcePath> ?<status>${CODE}</status>`,
  // [2026-01-02 15:04:05.123] [router:host-http] [origin:a.example] [client: 203.0.113.7] [useragent: curl] GET /x 200     Zoraxy
  String.raw`\[origin:(?<host>[^\]]*)\] \[client: ${ADDRESS}\] \[useragent: [^\]]*\] ${METHOD} ${PATH} ${CODE}$`,
  // 203.0.113.7 - 0.002 502 "GET /x HTTP/1.1"                          somebody's own, the status before the request
  String.raw`^${ADDRESS} [^"]{0,100}?\b${CODE} "${METHOD} ${PATH} HTTP/[\d.]+"$`,
  // [Web Server ] Jan  2 15:04:05 |INFO   | SERVER GET  (304) /x.js ip="203.0.113.7"                                      Symfony's command line
  String.raw`\| SERVER ${METHOD} +\(${CODE}\) ${OWN_PATH}(?: ip="${ADDRESS}")?`,
  // 203.0.113.7,10.0.0.1 | https | o48x27018x1 | - | 2012-09-20 00:48:05,435 | "GET /x HTTP/1.1" | "" "git/1.7" | 200 | …    Bitbucket
  String.raw`^${ADDRESS}[^|]{0,200} \| https? \| \S+ \| \S+ \| (?<front>[\d:, -]{19,23}) \| "${METHOD} ${PATH} HTTP/[\d.]+" \| "[^"]*" "[^"]*" \| ${CODE} \|`,
  // 203.0.113.7 - - GET /x HTTP/1.1 200 12 0.012                       somebody's own, a client right before the request
  String.raw`(?:^|[\s[])${ADDRESS}\]?(?: -(?: \S+)?){0,2}(?: \[\d[^\]]{18,29}\])? ['[]?${METHOD} "?${PATH.replace(String.raw`\S*`, String.raw`[^\s"]*`)}"? (?:HTTP/[\d.]+['\]]? )?(?:-1 |\d{1,2} |\d{4,} )?${CODE}(?: ${BYTES})?(?=\s|$)`,
].map((source) => new RegExp(source));
