// Which format a line has, in streams of several and behind what loggers and terminals put in front.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, parsed } from './parsed.ts';

const COMBINED = '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET /a HTTP/1.1" 502 157 "-" "curl/8.5.0"';

const HAPROXY =
  '10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 503 2750 - - ---- 1/1/1/1/0 0/0 "GET /index.html HTTP/1.1"';
const ERROR =
  '2026/01/02 15:04:05 [error] 53054#0: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: a, request: "GET /x HTTP/1.1", upstream: "http://127.0.0.1:81/x", host: "a"';

test('a stream of several formats and error logs is read line by line', () => {
  assert.deepEqual(codes([COMBINED, ERROR, HAPROXY, '', COMBINED, '#comment', HAPROXY].join('\n')), [
    502,
    null,
    503,
    null,
    502,
    null,
    503,
  ]);
});

test('CRLF, a BOM, trailing blanks and tabs for blanks change nothing', () => {
  assert.deepEqual(
    codes(
      `\uFEFF${COMBINED}\r\n${COMBINED}  \r\n${COMBINED.replaceAll('] "', ']\t"').replaceAll('" 502 ', '"\t502\t')}`,
    ),
    [502, 502, 502],
  );
});

test("a framework's level in front of an access line does not hide it, a level in front of a client's request does", () => {
  assert.deepEqual(
    codes(
      [
        '2026-01-02 15:04:05,123 INFO  [io.qua.htt.access-log] (executor-thread-1) 192.0.2.7 - - 02/Jan/2026:15:04:05 +0000 "GET / HTTP/1.1" 200 5',
        '[2026-01-02T15:04:05Z INFO  actix_web::middleware::logger] 192.0.2.7 "GET / HTTP/1.1" 404 12 "-" "curl" 0.000123',
        '2026-01-02T15:04:05.123456Z  INFO request{method=GET uri=/ version=HTTP/1.1}: tower_http::trace::on_response: finished processing request latency=1 ms status=200',
        '2026-01-02 15:04:05,123 INFO connectionpool http://10.0.0.1:80 "GET /x HTTP/1.1" 404 12',
        '2026-01-02 15:04:05,123 DEBUG proxy for 10.0.0.1 "GET /x HTTP/1.1" 404 12',
      ].join('\n'),
    ),
    [200, 404, 200, null, null],
  );
});

test("a framework's line has its time wherever it stands, and a clock is no client", () => {
  const ts = Date.UTC(2026, 0, 2, 15, 4, 5);
  const rows = parsed(
    [
      '192.0.2.7 - frank [02/Jan/2026:15:04:05 +0000] GET /x HTTP/1.1 200 12 0.012',
      '02/Jan/2026:15:04:05 +0000 192.0.2.7 - - GET /x 200 12',
      '192.0.2.7 - [02/Jan/2026:15:04:05 +0000] 0.012 200 "GET /x HTTP/1.1"',
      '[2026-01-02T15:04:05Z] 2001:db8::7 - GET /x 200',
    ].join('\n'),
  );
  assert.deepEqual(
    rows.map((row) => [row.ts, row.code, row.client]),
    [...Array<unknown>(3).fill([ts, 200, '192.0.2.7']), [ts, 200, '2001:db8::7']],
  );
  assert.deepEqual(codes('02.01.2026 15:04:05 GET /x 200 and more'), [null]);
});

test("a terminal's colours change nothing, in the line or inside a record that holds it", () => {
  const line = '\x1b[0mGET /x \x1b[36m304\x1b[0m 0.567 ms - -\x1b[0m';
  const expected = { code: 304, method: 'GET', path: '/x', durationMs: 0.567 };
  const [bare, compose, docker, gin, werkzeug] = parsed(
    [
      line,
      `\x1b[36mweb-1  |\x1b[0m ${line}`,
      JSON.stringify({ log: `${line}\n`, stream: 'stdout' }),
      '[GIN] 2026/01/02 - 15:04:05 |\x1b[97;43m 404 \x1b[0m|      12.345µs |       127.0.0.1 |\x1b[97;44m GET     \x1b[0m "/x"',
      '127.0.0.1 - - [02/Jan/2026 15:04:05] "\x1b[33mGET /favicon.ico HTTP/1.1\x1b[0m" 404 -',
    ].join('\n'),
  );
  assert.deepEqual([bare, compose, docker], [expected, expected, expected]);
  assert.deepEqual([gin.code, gin.method, gin.path], [404, 'GET', '/x']);
  assert.deepEqual([werkzeug.code, werkzeug.method, werkzeug.path], [404, 'GET', '/favicon.ico']);
});

test('a logger may stand in front of the pairs', () => {
  const [ruby, fly] = parsed(
    "I, [2026-01-02T15:04:05.123456 #7]  INFO -- : [abc] method=GET path=/x status=500 error='RuntimeError: x' duration=58.33\n2026-01-02T15:04:05Z proxy[abc] fra [info] method=GET path=/x status=200",
  );
  assert.deepEqual([ruby.code, ruby.path, fly.code], [500, '/x', 200]);
});
