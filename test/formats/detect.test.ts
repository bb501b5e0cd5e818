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

const nothing: Record<string, string | readonly string[]> = {
  'an nginx error-log line': ERROR,
  'an Apache error-log line':
    '[Mon Aug 31 16:27:04 2015] [error] [client 10.17.42.3] Premature end of script headers: example.com',
  'an Apache ssl_request_log line, which has no status':
    '[10/Oct/2000:13:55:36 -0700] 192.0.2.1 TLSv1.2 ECDHE-RSA-AES128 "GET / HTTP/1.1" 404',
  'an application log line':
    '2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server [req-38101a0b] 10.11.10.1 "GET /v2/servers HTTP/1.1" status: 200 len: 1893 time: 0.2477829',
  'a TCP or UDP session: its status is not an HTTP status': [
    'Feb  6 12:12:56 localhost haproxy[14387]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0',
    '[2019-04-08T16:50:12.533Z] "- - -" 0 - 87 254 4 - "-" "-" "-" "-" "172.27.0.2:80"',
  ],
  'an access line quoted in code or text':
    'const line = \'127.0.0.1 - - [01/Feb/2022:10:00:00 +0000] "GET /q HTTP/1.1" 200 153\';',
  'no status code: "-" stands in its place':
    '83.149.9.216 - a.user [11/Jan/2020:23:05:27 +0100] "OPTIONS /remote.php/ HTTP/1.1" - 7908 "-" "monitoring-client (v2.2)"',
};
for (const [reason, lines] of Object.entries(nothing)) {
  for (const line of [lines].flat())
    test(`${line.slice(0, 40)} is skipped as ${reason}`, () => assert.deepEqual(parsed(line), [{ skipped: reason }]));
}

test('a request that somebody tells of is no record', () => {
  assert.deepEqual(
    codes(
      'We saw "GET /x HTTP/1.1" 502 in the log and restarted the server at 10:00.\n"GET /x HTTP/1.1" 502 12\n"GET /x HTTP/1.1" 200 is returned when all is fine',
    ),
    [null, 502, null],
  );
});

test('a request that a client made of somebody else, quoted with what it was answered, is no record', () => {
  assert.deepEqual(
    codes(
      [
        '[10:24:32] "POST /v1/images HTTP/1.1" 502 Bad Gateway',
        '"GET /x HTTP/1.1" 404 Not Found',
        'INFO: "GET /x HTTP/1.1" 404 Not Found',
        '2026-01-02 15:04:05 connectionpool http://localhost:9200 "HEAD /x HTTP/1.1" 404 0',
        '{"name":"urllib3","message":"https://a.example:443 \\"GET /x HTTP/1.1\\" 402 None"}',
        '"GET https://a.example/x HTTP/1.1" 200',
        'GET https://a.example/x HTTP/1.1 503',
        '✓ GET /x 200 (15ms)',
        '[PASS] [200] GET /x → expect 200',
        'npm http fetch GET 404 https://registry.example/x 45ms',
      ].join('\n'),
    ),
    [null, null, 404, null, null, null, null, null, null, null],
  );
});

test('a request in single quotes or brackets is read when a client or a size stands with it', () => {
  assert.deepEqual(
    codes(
      [
        "192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] 'GET /x HTTP/1.1' 404 12 'http://a.example/' 'curl'",
        "Jan  2 15:04:05 host confd[7]: 'GET /x HTTP/1.1' 200 17",
        '192.0.2.7 - - [GET /x HTTP/1.1] 502 -',
        "it logs 'GET /x HTTP/1.1' 200 and goes on",
        "assertLogged 'GET /x HTTP/1.1' 200",
      ].join('\n'),
    ),
    [404, 200, 502, null, null],
  );
});

test('what an FTP server was told, logged as a web server logs, has no HTTP status', () => {
  const line = (request: string): string => `192.0.2.7 - ada [02/Jan/2026:15:04:05 +0000] "${request}`;
  assert.deepEqual(
    codes(
      [
        line('RETR x.txt" 226 1234'),
        line('USER ada" 331 -'),
        line('QUIT" 221 -'),
        line('QUIT" 400 150'),
        line('USER ada" 405 150'),
      ].join('\n'),
    ),
    [null, null, null, 400, 405],
  );
});

test("a web server's own logger gives what failed the level of a failure", () => {
  assert.deepEqual(
    codes(
      [
        'ERROR 2026-01-02 15:04:05,250 basehttp 71 140213 "GET /x HTTP/1.1" 500 145',
        'django.server - WARNING - "GET /x HTTP/1.1" 404 5',
        '[2026-01-02 15:04:05,250] {basehttp.py:187} INFO - "GET /x HTTP/1.1" 200 5',
        'WARNING 2026-01-02 15:04:05,250 log Forbidden: /x',
        'ERROR 2026-01-02 15:04:05,250 proxy "GET /x HTTP/1.1" 500 145',
      ].join('\n'),
    ),
    [500, 404, 200, null, null],
  );
});

test("syslog leaves W3C's directives whole", () => {
  const syslog = 'Jan  2 15:04:05 10.0.0.1 ';
  assert.deepEqual(
    codes(
      [`${syslog}#Fields: date time cs-method cs-uri-stem sc-status`, `${syslog}2026-01-02 10:00:00 GET /a 200`].join(
        '\n',
      ),
    ),
    [null, 200],
  );
});

const tolerated: Record<string, [line: string, expected: Record<string, unknown>]> = {
  'a user with a blank': [
    '192.0.2.1 - john smith [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/a', bytes: 2, client: '192.0.2.1' },
  ],
  'a list of forwarders': [
    '10.0.0.2, 10.0.0.1 - - [10/Oct/2000:13:55:36 +0330] "GET /a HTTP/2.0" 200 -',
    { ts: 971173536000, code: 200, method: 'GET', path: '/a', client: '10.0.0.2' },
  ],
  'an IPv6 address with a port': [
    '[2001:db8::1]:443 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/', bytes: 2, client: '2001:db8::1' },
  ],
  'quotes that nobody escaped': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a"b HTTP/1.1" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/a"b', bytes: 2, client: '192.0.2.1' },
  ],
  'escaped quotes': [
    String.raw`192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a\" 500 1 HTTP/1.1" 200 2`,
    { ts: 971211336000, code: 200, method: 'GET', path: String.raw`/a\" 500 1`, bytes: 2, client: '192.0.2.1' },
  ],
  'a request without protocol': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/a', bytes: 2, client: '192.0.2.1' },
  ],
  'no request at all': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "-" 408 -',
    { ts: 971211336000, code: 408, client: '192.0.2.1' },
  ],
  'an empty request': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "" 400 0 "-" "-"',
    { ts: 971211336000, code: 400, bytes: 0, client: '192.0.2.1' },
  ],
  'a browser that never ends': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 499 0 "-" "Mozil',
    { ts: 971211336000, code: 499, method: 'GET', path: '/', bytes: 0, client: '192.0.2.1' },
  ],
  'another logger in front': [
    '[2026-01-02 10:00:00 +0000] [7] [INFO] 192.0.2.1 - - [02/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 500 5',
    { ts: 1767348000000, code: 500, method: 'GET', path: '/a', bytes: 5, client: '192.0.2.1' },
  ],
  'an ISO time in the brackets': [
    '192.0.2.1 - - [2026-01-02T10:00:00.250Z] "GET /a HTTP/1.1" 500 5',
    { ts: 1767348000250, code: 500, method: 'GET', path: '/a', bytes: 5, client: '192.0.2.1' },
  ],
  'columns in CSV': [
    '"192.0.2.1","2026-01-02T10:00:00Z","GET /a HTTP/1.1","404","5"',
    { ts: 1767348000000, code: 404, method: 'GET', path: '/a', client: '192.0.2.1' },
  ],
  'a bare request': [
    '2026-01-02 10:00:00 192.0.2.1 GET /a HTTP/1.1 503 12',
    { ts: 1767348000000, code: 503, method: 'GET', path: '/a', bytes: 12, client: '192.0.2.1' },
  ],
  'upstream columns without names': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 502 5 "-" "x" 0.005 0.001, 0.002 10.0.0.1:80, 10.0.0.2:80 504, 502',
    {
      ts: 971211336000,
      code: 502,
      method: 'GET',
      path: '/a',
      upstream: '10.0.0.2:80',
      upstreamStatus: [504, 502],
      durationMs: 5,
      bytes: 5,
      client: '192.0.2.1',
    },
  ],
  "APISIX's columns": [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] a.example:9080 "GET /a HTTP/1.1" 503 5 0.012 "-" "x" 10.0.0.1:80 503 0.011 "http://a.example:9080"',
    {
      ts: 971211336000,
      code: 503,
      method: 'GET',
      path: '/a',
      upstream: '10.0.0.1:80',
      upstreamStatus: [503],
      durationMs: 12,
      bytes: 5,
      client: '192.0.2.1',
    },
  ],
  "an address whose neighbours are not an upstream's": [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 502 5 "-" "x" 0.005 10.0.0.1:80 200',
    { ts: 971211336000, code: 502, method: 'GET', path: '/a', durationMs: 5, bytes: 5, client: '192.0.2.1' },
  ],
  "upstream's variables under shortened names": [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 502 5 "-" "x" reqt=0.005 up_addr=10.0.0.1:80, 10.0.0.2:80 up-stat=504, 502 uhdr=-, -',
    {
      ts: 971211336000,
      code: 502,
      method: 'GET',
      path: '/a',
      upstream: '10.0.0.2:80',
      upstreamStatus: [504, 502],
      durationMs: 5,
      bytes: 5,
      client: '192.0.2.1',
    },
  ],
  "LTSV with the upstream's variables shortened": [
    'time:10/Oct/2000:13:55:36 -0700\tmethod:GET\turi:/a\tstatus:502\tups:10.0.0.1:80\tups_status:502\tupsConnTime:-',
    { ts: 971211336000, code: 502, method: 'GET', path: '/a', upstream: '10.0.0.1:80', upstreamStatus: [502] },
  ],
  'the host in quotes before the request': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "a.example" "GET /a HTTP/1.1" 502 5 "-" "x"',
    { ts: 971211336000, code: 502, method: 'GET', path: '/a', host: 'a.example', bytes: 5, client: '192.0.2.1' },
  ],
  'codes that nobody standardised': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 009 0 "-" "-"',
    { ts: 971211336000, code: 9, method: 'GET', path: '/', bytes: 0, client: '192.0.2.1' },
  ],
};
for (const [what, [line, expected]] of Object.entries(tolerated)) {
  test(`reads a line with ${what}`, () => assert.deepEqual(parsed(line), [expected]));
}

test('W3C rows longer than their header are read when what it names stands in its place', () => {
  const header = '#Fields: date time time-taken c-ip sc-status s-action sc-bytes cs-method cs-host cs-uri-path s-ip';
  const long =
    '2026-01-02 15:04:05 48 192.0.2.7 302 TCP_NC_MISS 1242 GET a.example /x 10.0.0.1 "Mozilla/5.0 (X11)" more';
  const shifted = '2026-01-02 15:04:05 48 more 192.0.2.7 302 TCP_NC_MISS 1242 GET a.example /x 10.0.0.1';
  assert.deepEqual(parsed([header, long].join('\n'))[1], {
    ts: 1767366245000,
    code: 302,
    method: 'GET',
    path: '/x',
    host: 'a.example',
    durationMs: 48,
    bytes: 1242,
    client: '192.0.2.7',
  });
  assert.deepEqual(codes([header, shifted].join('\n')), [null, null]);
});

test('a column of responses beside one of methods holds statuses', () => {
  const [header, row] = parsed(
    'host\tlogname\ttime\tmethod\turl\tresponse\tbytes\nlocal.example\t-\t804571201\tGET\t/x.html\t503\t12',
  );
  assert.deepEqual(
    [header.skipped, row.code, row.method, row.path],
    ['a header that names the columns', 503, 'GET', '/x.html'],
  );
});

test('W3C columns may change in the middle of a file', () => {
  const lines = [
    '#Fields: date time cs-method cs-uri-stem sc-status',
    '2026-01-02 10:00:00 GET /a 200',
    '#Fields: sc-status time date cs-uri-stem cs-method',
    '503 10:00:01 2026-01-02 /b POST',
  ];
  assert.deepEqual(
    parsed(lines.join('\n')).filter(({ code }) => code !== undefined),
    [
      { ts: 1767348000000, code: 200, method: 'GET', path: '/a' },
      { ts: 1767348001000, code: 503, method: 'POST', path: '/b' },
    ],
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
