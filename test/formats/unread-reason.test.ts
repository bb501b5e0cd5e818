// What looks like a request served and is none, and why it is passed over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, parsed } from './parsed.ts';

const ERROR =
  '2026/01/02 15:04:05 [error] 53054#0: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: a, request: "GET /x HTTP/1.1", upstream: "http://127.0.0.1:81/x", host: "a"';

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
