// What web frameworks and small servers print of a request on their own account: Morgan, hapi, Tornado, chi, ASP.NET Core, Kubernetes' API
// server, Artifactory … (framework-patterns.ts).
import { CLIENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { PATTERNS } from '../layout/framework-patterns.ts';
import { clientBefore, timeBefore } from '../bytes/leading-fields.ts';
import { rejected } from '../misses.ts';
import { isDigit, Needle } from '../bytes/scanner.ts';
import { Line } from '../layout/pattern-line.ts';
import { TimeReader } from '../bytes/times.ts';
import { DOT, QUOTE, SPACE } from '../bytes/ascii.ts';

const NO_PATTERN = rejected('framework-no-request', 'no request as a web framework prints it');
/** Longer lines are no such request; and a pattern sees no more than it must. */
const LINE_BYTES_MAX = 8 * 1024;

class FrameworkReader implements Reader {
  readonly #time = new TimeReader();
  readonly #protocol = new Needle('HTTP/');
  readonly #line = new Line();
  /** Those that lines had last come first: a stream has few. */
  readonly #patterns = [...PATTERNS];

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    if (end - start > LINE_BYTES_MAX || this.#isQuoted(chunk, start, end)) return NO_PATTERN;
    const line = this.#line,
      patterns = this.#patterns;
    line.open(chunk, start, end, hit);
    let i = 0;
    while (
      i < patterns.length &&
      !((i === 0 || !patterns[i].needsMethod || line.method(0) !== -1) && patterns[i].read(line))
    )
      i++;
    if (i === patterns.length) return NO_PATTERN;
    for (const pattern = patterns[i]; i >= 0; i--) patterns[i] = i > 0 ? patterns[i - 1] : pattern;
    if (line.frontEnd === line.frontStart) return undefined;
    hit.ts = timeBefore(this.#time, chunk.bytes, line.frontStart, line.frontEnd);
    if (!hit.has(CLIENT)) clientBefore(chunk.bytes, line.frontStart, line.frontEnd, hit);
    return undefined;
  }

  /** Is there a quoted request with its status behind it? Other formats read that. */
  #isQuoted(chunk: Chunk, start: number, end: number): boolean {
    const b = chunk.bytes;
    for (let at = this.#protocol.find(chunk, start, end); at !== -1; at = this.#protocol.find(chunk, at + 1, end)) {
      let stop = at + 5;
      while (stop < end && (isDigit(b[stop]) || b[stop] === DOT)) stop++;
      if (
        stop + 5 <= end &&
        b[stop] === QUOTE &&
        b[stop + 1] === SPACE &&
        b[stop + 2] >= 0x31 &&
        b[stop + 2] <= 0x35 &&
        isDigit(b[stop + 3]) &&
        isDigit(b[stop + 4])
      )
        return true;
    }
    return false;
  }
}

export const frameworks = {
  name: 'frameworks',
  title: "web frameworks' own request lines",
  proxy: 'unknown',
  supplies: ['client', 'method', 'path', 'host', 'durationMs', 'size'],
  samples: [
    {
      line: 'GET /x?y=1 503 5.123 ms - 170',
      hit: { code: 503, method: 'GET', path: '/x?y=1', durationMs: 5.123, bytes: 170 },
    },
    { line: 'GET /x 304 - - 0.567 ms', hit: { code: 304, method: 'GET', path: '/x', durationMs: 0.567 } },
    {
      line: '[2026-01-02 15:04:05.123] http: GET /admin (12 ms) 200',
      hit: { ts: 1767366245123, code: 200, method: 'GET', path: '/admin', durationMs: 12 },
    },
    { line: 'GET /ready (200) 1.25ms', hit: { code: 200, method: 'GET', path: '/ready', durationMs: 1.25 } },
    {
      line: '[Wed, 29 Aug 2018 11:53:11 GMT] [info] [<0.404.0>] 192.0.2.7 - - DELETE /db/doc?rev=2-4c 200',
      hit: { ts: 1535543591000, code: 200, method: 'DELETE', path: '/db/doc?rev=2-4c', client: '192.0.2.7' },
    },
    {
      line: '260102/150405.123, [response] http://localhost:3000: get /x {"q":"1"} 404 (12ms)',
      hit: { ts: 1767366245000, code: 404, method: 'get', path: '/x', durationMs: 12 },
    },
    {
      line: '[W 260102 15:04:05 web:2239] 404 GET /x (192.0.2.7) 0.55ms',
      hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x', durationMs: 0.55, client: '192.0.2.7' },
    },
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
    {
      line: '[GIN] 2026/01/02 - 15:04:05 | 500 |    1.25ms |       192.0.2.7 | GET      "/ping?x=1"',
      hit: { ts: 1767366245000, code: 500, method: 'GET', path: '/ping?x=1', durationMs: 1.25, client: '192.0.2.7' },
    },
    {
      line: '15:04:05 | 404 |    12ms |       192.0.2.7 | GET     | /x',
      hit: { code: 404, method: 'GET', path: '/x', durationMs: 12, client: '192.0.2.7' },
    },
    {
      line: '2026-01-02 15:04:05 GET /x - 200 (12ms)',
      hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x', durationMs: 12 },
    },
    {
      line: '192.0.2.7 - GET /x - 502 - 0.012s',
      hit: { code: 502, method: 'GET', path: '/x', durationMs: 12, client: '192.0.2.7' },
    },
    { line: '[GET] /x 304 12ms', hit: { code: 304, method: 'GET', path: '/x', durationMs: 12 } },
    { line: '[200] GET /x 1.25ms', hit: { code: 200, method: 'GET', path: '/x', durationMs: 1.25 } },
    {
      line: '[I 2026-01-02 15:04:05.123 JupyterHub log:191] 302 GET /hub/ -> /hub/home (ada@192.0.2.7) 1.25ms',
      hit: { ts: 1767366245123, code: 302, method: 'GET', path: '/hub/', durationMs: 1.25, client: '192.0.2.7' },
    },
    {
      line: '2026/01/02 15:04:05.123 [D] [router.go:1305] |  192.0.2.7| 404 |  1.25ms|   nomatch| GET      /x   r:/x',
      hit: { ts: 1767366245123, code: 404, method: 'GET', path: '/x', durationMs: 1.25, client: '192.0.2.7' },
    },
    {
      line: '[INFO] 2026/01/02 15:04 200 1.25ms 192.0.2.7 GET /x',
      hit: { code: 200, method: 'GET', path: '/x', durationMs: 1.25, client: '192.0.2.7' },
    },
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
    { line: '[15:04:05] 404 -    12ms GET      /x', hit: { code: 404, method: 'GET', path: '/x', durationMs: 12 } },
    {
      line: 'Request finished HTTP/1.1 GET http://a.example:5000/x - 200 - application/json;+charset=utf-8 12.5ms',
      hit: { code: 200, method: 'GET', path: '/x', host: 'a.example:5000', durationMs: 12.5 },
    },
    {
      line: '2026-01-02 15:04:05.123 +00:00 [ERR] HTTP GET /x responded 500 in 12.5 ms',
      hit: { ts: 1767366245123, code: 500, method: 'GET', path: '/x', durationMs: 12.5 },
    },
    {
      line: 'I0102 15:04:05.123456       1 httplog.go:90] GET /healthz: (1.25ms) 200 [kube-probe/1.15 192.0.2.7:1234]',
      hit: { code: 200, method: 'GET', path: '/healthz', durationMs: 1.25 },
    },
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
    {
      line: '[Fri Jan  2 15:04:05 2026] 192.0.2.7:54321 [404]: GET /x',
      hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x', client: '192.0.2.7' },
    },
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
    {
      line: '2026/01/02 15:04:05 router: completed GET /x for 192.0.2.7:0, 200 OK in 12.5ms @ auth/auth.go:12(auth.SignIn)',
      hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x', durationMs: 12.5, client: '192.0.2.7' },
    },
    {
      line: " http <-- 200, user: null(192.0.2.7), req: 'GET /x', bytes: 0/12",
      hit: { code: 200, method: 'GET', path: '/x', client: '192.0.2.7' },
    },
    {
      line: 'Jan 02, 2026 15:04:05.123 [0x7f] DEBUG - Completed: [192.0.2.7:51234] 200 GET /status/sessions (6 live) GZIP 4ms 450 bytes (pipelined: 1)',
      hit: { code: 200, method: 'GET', path: '/status/sessions', durationMs: 4, bytes: 450, client: '192.0.2.7' },
    },
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
    {
      line: '192.0.2.7|Fri 02 Jan 2026 15:04:05 +0000|404|1234||GET /x?y=1 HTTP/1.1|Host: a.example|User-Agent: curl',
      hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x?y=1', bytes: 1234, client: '192.0.2.7' },
    },
    {
      line: '[wrangler:info] GET /x 404 Not Found (3ms)',
      hit: { code: 404, method: 'GET', path: '/x', durationMs: 3 },
    },
    { line: '[2026-01-02T15:04:05Z] [200] GET /x', hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x' } },
    { line: '[2026-01-02 15:04:05] POST /x 401', hit: { ts: 1767366245000, code: 401, method: 'POST', path: '/x' } },
    {
      line: '2026/01/02 15:04:05 GET /x?y=1 200',
      hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x?y=1' },
    },
    {
      line: '192.0.2.7 -  02/Jan/2026:15:04:05 +0000 "GET /index.php" 500 /app/index.php 8.695 2048 0.00%',
      hit: { ts: 1767366245000, code: 500, method: 'GET', path: '/index.php', client: '192.0.2.7' },
    },
    {
      line: '2026-01-02T15:04:05Z GET 404 12.5 ms 2048 kB 32.4% /x',
      hit: { ts: 1767366245000, code: 404, method: 'GET', path: '/x', durationMs: 12.5 },
    },
    {
      line: 'INFO:     192.0.2.7:54321 - "WebSocket /ws?x=1" 403',
      hit: { code: 403, path: '/ws?x=1', client: '192.0.2.7' },
    },
    {
      line: '[2026-01-02T15:04:05.123Z]  "GET /favicon.ico" Error (404): "Not found"',
      hit: { ts: 1767366245123, code: 404, method: 'GET', path: '/favicon.ico' },
    },
    {
      line: '[02/Jan/2026:15:04:05 +0000] "" 192.0.2.7 403 "GET http://a.example/x HTTP/1.1" "Games" "Minimal Risk" "text/html" 1234',
      hit: { ts: 1767366245000, code: 403, method: 'GET', path: '/x', host: 'a.example', client: '192.0.2.7' },
    },
    {
      line: '192.0.2.7,-,-,02/Jan/2026:15:04:05 +0000,GET,/x,HTTP/1.1,502,20,abc-def',
      hit: { ts: 1767366245000, code: 502, method: 'GET', path: '/x', bytes: 20, client: '192.0.2.7' },
    },
    {
      line: '<request id="abc"> <ip>192.0.2.7</ip> <caller>-</caller> <user>-</user> <requestTime>02/Jan/2026:15:04:05 +0000</requestTime> <httpMethod>GET</httpMethod> <resourcePath>/x</resourcePath> <status>200</status> <protocol>HTTP/1.1</protocol> <responseLength>20</responseLength> </request>',
      hit: { ts: 1767366245000, code: 200, method: 'GET', path: '/x', client: '192.0.2.7' },
    },
    {
      line: '[2026-01-02 15:04:05.123456] [router:host-http] [origin:a.example] [client: 192.0.2.7] [useragent: Mozilla/5.0 (X11)] GET /x 404',
      hit: { ts: 1767366245123, code: 404, method: 'GET', path: '/x', host: 'a.example', client: '192.0.2.7' },
    },
    {
      line: '2013-02-11T06:43:36 192.0.2.7 - GET "/client/" -1 200 5778 "-" "Mozilla/5.0 (X11)"',
      hit: { ts: 1360565016000, code: 200, method: 'GET', path: '/client/', bytes: 5778, client: '192.0.2.7' },
    },
    {
      line: '[Web Server ] Jan  2 15:04:05 |INFO   | SERVER GET  (304) /js/edit.js ip="192.0.2.7"',
      hit: { code: 304, method: 'GET', path: '/js/edit.js', client: '192.0.2.7' },
    },
    {
      line: '192.0.2.7 - 0.002 502 "GET /x HTTP/1.1"',
      hit: { code: 502, method: 'GET', path: '/x', client: '192.0.2.7' },
    },
    {
      line: '192.0.2.7,10.0.0.1 | https | o48x27018x1 | - | 2026-01-02 15:04:05,435 | "GET /scm/x.git/info/refs HTTP/1.1" | "" "git/1.7.11.4" | 200 | 10 | - | - | 20 | abc |',
      hit: { ts: 1767366245435, code: 200, method: 'GET', path: '/scm/x.git/info/refs', client: '192.0.2.7' },
    },
  ],
  open: () => new FrameworkReader(),
} as const satisfies Format;
