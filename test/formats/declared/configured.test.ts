// The format is found in the piece of configuration, YAML or command line that holds it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './read.ts';

test('formats are found in the piece of configuration that holds them', () => {
  const combined = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 502 12 "-" "curl"';
  for (const format of [
    'http {\n  log_format main \'$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"\';\n  access_log /var/log/nginx/access.log main;\n}',
    'LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined\nCustomLog ${APACHE_LOG_DIR}/access.log combined',
    '<Valve className="org.apache.catalina.valves.AccessLogValve" suffix=".txt" pattern="%h %l %u %t &quot;%r&quot; %s %b &quot;%{Referer}i&quot; &quot;%{User-Agent}i&quot;" />',
    `goaccess access.log --log-format='%h %^[%d:%t %^] "%r" %s %b "%R" "%u"' --date-format='%d/%b/%Y' --time-format='%T'`,
    '\\$remote_addr - \\$remote_user [\\$time_local] "\\$request" \\$status \\$body_bytes_sent "\\$http_referer" "\\$http_user_agent"',
  ])
    assert.deepEqual(
      read(format, combined),
      { ts: 1767366245000, code: 502, method: 'GET', path: '/x', bytes: 12, client: '192.0.2.7' },
      format,
    );
  assert.equal(
    read(
      'defaults\n  mode http\n  log-format "%ci [%T] %ST %{+Q}r %Ta"\n',
      '192.0.2.7 [02/Jan/2026:15:04:05 +0000] 502 "GET /x HTTP/1.1" 4',
    ).code,
    502,
  );
});

test("the pattern is found in Gunicorn's and uvicorn's settings and in varnishncsa's command line", () => {
  const line = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 502 12 "-" "curl"';
  const expected = { ts: 1767366245000, code: 502, method: 'GET', path: '/x', bytes: 12, client: '192.0.2.7' };
  for (const format of [
    `access_log_format = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'`,
    `access_log_format = (\n    '%({x-forwarded-for}i)s %(l)s %(u)s %(t)s '\n    '"%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'\n)`,
    `gunicorn app:app --access-logfile - --access-logformat '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'`,
    `ExecStart=/usr/bin/varnishncsa -a -F '%%h %%l %%u %%t "%%r" %%s %%b "%%{Referer}i" "%%{User-agent}i"'`,
    String.raw`varnishncsa -F "%h %l %u %t \"%r\" %s %b \"%{Referer}i\" \"%{User-agent}i\""`,
  ])
    assert.deepEqual(read(format, line), expected, format);
  assert.equal(
    read(
      `--access-logformat '%(h)s [%(t)s] "%(r)s" %(s)s'`,
      '192.0.2.7 [[02/Jan/2026:15:04:05 +0000]] "GET /x HTTP/1.1" 404',
    ).code,
    404,
    "Gunicorn's time brings its brackets along",
  );
  assert.deepEqual(
    read(
      '%(asctime)s - %(levelname)s - %(client_addr)s - "%(request_line)s" %(status_code)s',
      '2026-01-02 15:04:05,250 - INFO - 192.0.2.7:5555 - "GET /x HTTP/1.1" 404 Not Found',
    ),
    { ts: 1767366245250, code: 404, method: 'GET', path: '/x', client: '192.0.2.7' },
  );
  assert.deepEqual(
    read('%h %l %u [%t] "%r" %s %b', '192.0.2.7 - joe [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 200 1').code,
    200,
    "Logback's time stands in brackets already",
  );
});

test('formats are found in YAML and properties', () => {
  const haproxy =
    '192.0.2.7:5 [02/Jan/2026:15:04:05.250] fe be/s1 0/0/1/2/3 200 512 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1"';
  const cases: [format: string, line: string, code: number][] = [
    [
      `data:\n  log-format-upstream: '$remote_addr [$time_local] "$request" $status $upstream_status'\n  use-gzip: "true"`,
      '192.0.2.7 [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 502 502',
      502,
    ],
    [
      'config:\n  log-format-upstream: >-\n    {"ts":"$time_iso8601","status":"$status",\n    "uri":"$request_uri"}\n  other: 1',
      '{"ts":"2026-01-02T15:04:05+00:00","status":"500", "uri":"/x"}',
      500,
    ],
    [
      "http-log-format: '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r'",
      haproxy,
      200,
    ],
    [
      'meshConfig:\n  accessLogFormat: |\n    [%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%\n  enableTracing: true',
      '[2026-01-02T15:04:05.250Z] "GET /x HTTP/2" 503 UF',
      503,
    ],
    [
      String.raw`accessLogFormat: "[%START_TIME%] \"%REQ(:METHOD)% %REQ(:PATH)%\" %RESPONSE_CODE% %DURATION%\n"`,
      '[2026-01-02T15:04:05.250Z] "GET /x" 404 12',
      404,
    ],
    [
      'log_format:\n  text_format_source:\n    inline_string: "%START_TIME% %REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%\\n"',
      '2026-01-02T15:04:05.250Z GET /x 404',
      404,
    ],
    [
      'json_format:\n  start_time: "%START_TIME%"\n  method: "%REQ(:METHOD)%"\n  path: "%REQ(:PATH)%"\n  code: "%RESPONSE_CODE%"',
      '{"code":503,"method":"GET","path":"/x","start_time":"2026-01-02T15:04:05.250Z"}',
      503,
    ],
    [
      'server.tomcat.accesslog.pattern=%t %a "%r" %s (%D ms)',
      '[02/Jan/2026:15:04:05 +0000] 192.0.2.7 "GET /x HTTP/1.1" 200 (12 ms)',
      200,
    ],
    [
      'server:\n  tomcat:\n    accesslog:\n      enabled: true\n      pattern: "%t %a \\"%r\\" %s (%D ms)"\n',
      '[02/Jan/2026:15:04:05 +0000] 192.0.2.7 "GET /x HTTP/1.1" 200 (12 ms)',
      200,
    ],
    [
      `RUN echo 'log_format main "$remote_addr $request_time \\"$request\\" $status";' > /etc/nginx/conf.d/log.conf`,
      '192.0.2.7 0.012 "GET /x HTTP/1.1" 200',
      200,
    ],
  ];
  for (const [format, line, code] of cases) {
    const hit = read(format, line);
    assert.deepEqual([hit.code, hit.path], [code, '/x'], format);
  }
});
