// Apache's LogFormat, and the programs that took over its language.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';
import { read } from './read.ts';

test('an Apache LogFormat directive is read with its units', () => {
  const format = String.raw`LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D" mine`;
  const line = String.raw`www.example.com:443 192.0.2.7 - - [26/Dec/2016:16:22:14 +0000] "GET /a\"b HTTP/1.1" 503 499 "-" "x" 5012`;
  assert.deepEqual(read(format, line), {
    ts: 1482769334000,
    code: 503,
    method: 'GET',
    path: '/a\\"b',
    host: 'www.example.com',
    durationMs: 5.012,
    bytes: 499,
    client: '192.0.2.7',
  });
});

test('of two statuses in a LogFormat the final one is read, wherever it stands', () => {
  assert.deepEqual(read('%h "%r" %s->%>s %B', '192.0.2.7 "GET / HTTP/1.1" 301->200 12'), {
    code: 200,
    method: 'GET',
    path: '/',
    bytes: 12,
    client: '192.0.2.7',
  });
  assert.deepEqual(read('%h "%r" %!200,304>s %s', '192.0.2.7 "GET / HTTP/1.1" 503 301'), {
    code: 503,
    method: 'GET',
    path: '/',
    client: '192.0.2.7',
  });
});

test('Apache times in strftime, with the fraction apart, are put together', () => {
  const line = '2026-01-02 15:04:05.250 +0100 GET /x?y=1 200 12';
  assert.deepEqual(read('%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{%z}t %m %U%q %>s %{ms}T', line), {
    ts: 1767362645250,
    code: 200,
    method: 'GET',
    path: '/x?y=1',
    durationMs: 12,
  });
});

test('an Apache time that holds blanks is read whole', () => {
  assert.deepEqual(
    read('%{%s}t %{%d/%b/%Y %T}t %a "%r" %>s', '1767366245 02/Jan/2026 15:04:05 192.0.2.7 "GET /x HTTP/1.1" 502'),
    { ts: 1767366245000, code: 502, method: 'GET', path: '/x', client: '192.0.2.7' },
  );
});

test("the pattern language is read from Gunicorn's, lighttpd's and Tomcat's configurations too", () => {
  const expected = { ts: 1767366245000, code: 502, method: 'GET', path: '/x', bytes: 12, client: '192.0.2.7' };
  const line = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 502 12 "-" "curl"';
  for (const format of [
    '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"',
    String.raw`accesslog.format = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""`,
    '%h %l %u %t &quot;%r&quot; %s %b &quot;%{Referer}i&quot; &quot;%{User-Agent}i&quot;',
  ])
    assert.deepEqual(read(format, line), expected, format);
});

test("Tomcat's date patterns, Undertow's arguments and names, Quarkus' time without brackets are read", () => {
  const at = Date.UTC(2026, 0, 2, 15, 4, 5);
  for (const [format, line, ts] of [
    [
      '<Valve className="org.apache.catalina.valves.AccessLogValve" pattern="%{yyyy-MM-dd HH:mm:ss.SSS}t %h &quot;%r&quot; %s %b" />',
      '2026-01-02 15:04:05.250 192.0.2.7 "GET /a HTTP/1.1" 502 -',
      at + 250,
    ],
    ['%{dd/MMM/yyyy\'T\'HH:mm:ss Z}t %h "%r" %s', '02/Jan/2026T16:04:05 +0100 192.0.2.7 "GET /a HTTP/1.1" 502', at],
    [
      '%h %t "%r" %s %b "%{i,User-Agent}" %{o,X-Id}',
      '192.0.2.7 [02/Jan/2026:15:04:05 +0000] "GET /a HTTP/1.1" 502 12 "curl" x',
      at,
    ],
    [
      '%{REMOTE_IP} %t %{METHOD} %{REQUEST_URL} %{RESPONSE_CODE} %{RESPONSE_TIME}',
      '192.0.2.7 [02/Jan/2026:15:04:05 +0000] GET /a 502 3',
      at,
    ],
    [
      'quarkus.http.access-log.pattern=%h %l %u %t "%r" %s %b',
      '192.0.2.7 - - 02/Jan/2026:15:04:05 +0000 "GET /a HTTP/1.1" 502 12',
      at,
    ],
  ] as const) {
    const { ts: read, code, method, path, client } = parsed(line, format)[0];
    assert.deepEqual(
      { read, code, method, path, client },
      { read: ts, code: 502, method: 'GET', path: '/a', client: '192.0.2.7' },
      format,
    );
  }
});

test('the forwarded address is the client, the request may be in three pieces, the duration in microseconds', () => {
  assert.deepEqual(
    read(
      '%{X-Forwarded-For}i %h %t "%m %U%q %H" %>s %{us}T',
      '10.0.0.1 192.0.2.1 [02/Jan/2026:15:04:05 +0000] "PUT /x?y HTTP/1.1" 503 1500',
    ),
    { ts: 1767366245000, code: 503, method: 'PUT', path: '/x?y', durationMs: 1.5, client: '10.0.0.1' },
  );
});
