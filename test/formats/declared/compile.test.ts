import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { parsed } from '../parsed.ts';

const read = (format: string, line: string): Record<string, unknown> => parsed(line, format)[0];

test('an nginx log_format directive is read over several quoted lines', () => {
  const format = `log_format upstreamlog escape=default '$remote_addr - $remote_user [$time_local] "$request" '
    '$status $body_bytes_sent "$http_referer" "$http_user_agent" '
    'rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time" up=$upstream_addr us=$upstream_status';`;
  const line =
    '192.0.2.1 - jo doe [02/Jan/2026:15:04:05 +0100] "GET /a b HTTP/1.1" 200 12 "-" "curl" rt=0.012 uct="-, 0.001" uht="-, 0.010" urt="0.001, 0.010" up=10.0.0.1:80, 10.0.0.2:80 us=502, 200';
  assert.deepEqual(read(format, line), {
    ts: 1767362645000,
    code: 200,
    method: 'GET',
    path: '/a b',
    upstream: '10.0.0.2:80',
    upstreamStatus: [502, 200],
    durationMs: 12,
    bytes: 12,
    client: '192.0.2.1',
  });
});

test('unquoted upstream lists with commas and colons keep their columns', () => {
  const format =
    '$time_iso8601 $status $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $request_method $host$request_uri';
  const line =
    '2026-01-02T15:04:05+00:00 504 10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 0, 0 : 12 1.000, 1.001 : 0.002 504, 504 : 504 POST example.com/pay?x=1';
  assert.deepEqual(read(format, line), {
    ts: 1767366245000,
    code: 504,
    method: 'POST',
    path: '/pay?x=1',
    host: 'example.com',
    upstream: '10.0.0.3:80',
    upstreamStatus: [504, 504, 504],
  });
});

test('lists in a format of commas keep their columns', () => {
  assert.deepEqual(
    read('$upstream_status,$scheme,$upstream_addr,"$status"', '502, 200,https,10.0.0.1:80, 10.0.0.2:80,"206"'),
    { code: 206, upstream: '10.0.0.2:80', upstreamStatus: [502, 200] },
  );
});

test('a JSON-shaped log_format reads invalid JSON and undoes escapes', () => {
  const format = `log_format j escape=json '{"t":"$msec","m":"$request_method","u":"$request_uri","s":$status,"us":"$upstream_status"}';`;
  const line = '{"t":"1767366245.123","m":"GET","u":"/a\\"b","s":009,"us":"200"}';
  assert.deepEqual(read(format, line), {
    ts: 1767366245123,
    code: 9,
    method: 'GET',
    path: '/a"b',
    upstreamStatus: [200],
  });
});

test('an unquoted browser in front of the status does not move the columns', () => {
  const line = '192.0.2.1 Mozilla/5.0 (X11; Linux) Gecko 502 0.004';
  assert.deepEqual(read('$remote_addr $http_user_agent $status $request_time', line), {
    code: 502,
    durationMs: 4,
    client: '192.0.2.1',
  });
});

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

test('a quote lost at either end of a pasted log_format is put back', () => {
  const line = '192.0.2.7 [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 503';
  const format = '$remote_addr [$time_local] "$request" $status';
  for (const pasted of [`'${format}`, `${format}'`, `${format}';`, `log_format main '${format};`]) {
    assert.deepEqual(
      read(pasted, line),
      { ts: 1767366245000, code: 503, method: 'GET', path: '/', client: '192.0.2.7' },
      pasted,
    );
  }
});

test('a bare log_format may begin with a quote and hold semicolons', () => {
  assert.deepEqual(read('"$request_uri";stat=$status', '"/a";stat=404'), { code: 404, path: '/a' });
  assert.deepEqual(read('"$status";[$msec];$scheme', '"502";[1767366245.250];https'), { ts: 1767366245250, code: 502 });
  assert.deepEqual(read('"$remote_addr $status";', '192.0.2.7 502'), { code: 502, client: '192.0.2.7' });
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

test('a GoAccess log-format is read with its date-format and time-format', () => {
  const format = 'log-format %h %^[%d:%t %^] "%r" %s %b "%R" "%u" %T\ndate-format %d/%b/%Y\ntime-format %H:%M:%S';
  const line = '192.0.2.7 - - [26/Dec/2016:16:22:14 -0030] "GET / HTTP/1.1" 502 499 "-" "x" 0.250';
  assert.deepEqual(read(format, line), {
    ts: 1482771134000,
    code: 502,
    method: 'GET',
    path: '/',
    durationMs: 250,
    bytes: 499,
    client: '192.0.2.7',
  });
});

test("GoAccess's Google Cloud Storage preset reads microseconds since the epoch", () => {
  const line = '"1524233483000000","192.0.2.7","1","","GET","/b/o","200","0","12","250000","h","ref","ua"';
  assert.deepEqual(read('CLOUDSTORAGE', line), {
    ts: 1524233483000,
    code: 200,
    method: 'GET',
    path: '/b/o',
    durationMs: 250,
    bytes: 12,
    client: '192.0.2.7',
  });
});

test('a format without a status is refused with what to add', () => {
  assert.throws(() => openLineReader('$remote_addr [$time_local] "$request" $upstream_status'), /add \$status/);
  assert.throws(() => openLineReader('LogFormat "%h %l %u %t \\"%r\\" %b" x'), /add %>s/);
  assert.throws(() => openLineReader('%h %^[%d:%t %^] "%r" %b'), /add the status/);
  assert.throws(
    () =>
      openLineReader(
        'log_format tcp \'$remote_addr [$time_local] $protocol $status $bytes_sent $bytes_received $session_time "$upstream_addr"\';',
      ),
    /TCP or UDP session/,
  );
  assert.throws(() => openLineReader('nonsense'), /known formats are auto, /);
});

test('a line that does not fit is rejected with the field that failed', () => {
  const format = '$remote_addr [$time_local] "$request" $status $bytes_sent';
  assert.deepEqual(read(format, '192.0.2.1 [02/Jan/2026:15:04:05 +0100] "GET / HTTP/1.1" abc 1'), {
    rejected: 'status is not a code from 0 to 999',
  });
  assert.deepEqual(read(format, '192.0.2.1 [yesterday] "GET / HTTP/1.1" 200 1'), { rejected: 'time cannot be read' });
});

test('a HAProxy log-format is read, its timers and server kept together', () => {
  const format = String.raw`log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"`;
  const line =
    '10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/<NOSRV> 10/0/-1/-1/109 503 2750 - - sC-- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"';
  assert.deepEqual(read(format, line), {
    ts: 1233922454655,
    code: 503,
    method: 'GET',
    path: '/index.html',
    upstream: 'static/<NOSRV>',
    durationMs: 109,
    bytes: 2750,
    client: '10.0.1.2',
  });
  assert.deepEqual(read('%ci %[capture.req.hdr(0)] %HM %HU %ST %Ta', '10.0.1.2 a.example GET /x 404 12'), {
    code: 404,
    method: 'GET',
    path: '/x',
    durationMs: 12,
    client: '10.0.1.2',
  });
  assert.throws(() => openLineReader('%ci:%cp [%tr] %ft %b/%s'), /add it/);
});

test('an Envoy format is read with its operators', () => {
  const format =
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION% "%UPSTREAM_HOST%"';
  const line = '[2026-01-02T15:04:05.250Z] "GET /x?y HTTP/2" 503 UF 12 "10.0.0.1:80"';
  assert.deepEqual(read(format, line), {
    ts: 1767366245250,
    code: 503,
    method: 'GET',
    path: '/x?y',
    upstream: '10.0.0.1:80',
    durationMs: 12,
  });
});

test('log formats that people really use are read', () => {
  const cases: [format: string, line: string, expected: Record<string, unknown>][] = [
    [
      String.raw`log_format kv '"$time_local" client=$remote_addr method=$request_method request="$request" status=$status referer=$http_referer user_agent="$http_user_agent" upstream_addr=$upstream_addr upstream_status=$upstream_status request_time=$request_time upstream_header_time=$upstream_header_time';`,
      '"02/Jan/2026:15:04:05 +0000" client=192.0.2.1 method=GET request="GET /a?b=c HTTP/1.1" status=504 referer=- user_agent="curl/8" upstream_addr=10.0.0.1:80, 10.0.0.2:80 upstream_status=504, 504 request_time=2.001 upstream_header_time=-, -',
      {
        ts: 1767366245000,
        code: 504,
        method: 'GET',
        path: '/a?b=c',
        upstream: '10.0.0.2:80',
        upstreamStatus: [504, 504],
        durationMs: 2001,
        client: '192.0.2.1',
      },
    ],
    [
      '$remote_addr|$time_iso8601|$host|$request|$status|$request_time|$upstream_status',
      '192.0.2.1|2026-01-02T15:04:05+00:00|a.example|GET /a HTTP/1.1|502|0.001|502, 502',
      {
        ts: 1767366245000,
        code: 502,
        method: 'GET',
        path: '/a',
        host: 'a.example',
        upstreamStatus: [502, 502],
        durationMs: 1,
        client: '192.0.2.1',
      },
    ],
    [
      '$http_x_forwarded_for - $remote_user [$time_local] "$request" $status $bytes_sent',
      '10.0.0.1, 10.0.0.2 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 499 0',
      { ts: 1767366245000, code: 499, method: 'GET', path: '/', bytes: 0, client: '10.0.0.1' },
    ],
    [
      '$scheme://$host:$server_port$uri$is_args$args $status $msec',
      'https://a.example:443/x?y=1 301 1767366245.250',
      { ts: 1767366245250, code: 301, path: '/x?y=1', host: 'a.example' },
    ],
    [
      String.raw`$time_iso8601\t$status\t$request_uri`,
      '2026-01-02T15:04:05+00:00\t404\t/with space',
      { ts: 1767366245000, code: 404, path: '/with space' },
    ],
    [
      '~h{, } %^[%d:%t %^] "%m %U %H" %s',
      '10.0.0.1, 10.0.0.2 - [02/Jan/2026:15:04:05 +0100] "GET /x HTTP/1.1" 500',
      { ts: 1767362645000, code: 500, method: 'GET', path: '/x', client: '10.0.0.1' },
    ],
    [
      '%{X-Forwarded-For}i %h %t "%m %U%q %H" %>s %{us}T',
      '10.0.0.1 192.0.2.1 [02/Jan/2026:15:04:05 +0000] "PUT /x?y HTTP/1.1" 503 1500',
      { ts: 1767366245000, code: 503, method: 'PUT', path: '/x?y', durationMs: 1.5, client: '10.0.0.1' },
    ],
  ];
  for (const [format, line, expected] of cases) assert.deepEqual(read(format, line), expected, format);
});

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

test("HAProxy's own format reads lines with captures and without, and blanks as HAProxy prints them", () => {
  const format =
    'log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"';
  const front = '192.0.2.7:5 [02/Jan/2026:15:04:05.250] fe be/<NOSRV> 0/-1/-1/-1/3 503 512 - - SC-- 1/1/1/1/0 0/0';
  const expected = {
    ts: 1767366245250,
    code: 503,
    method: 'GET',
    path: '/x?a=b',
    upstream: 'be/<NOSRV>',
    durationMs: 3,
    bytes: 512,
    client: '192.0.2.7',
  };
  for (const captured of ['', ' {a.example|curl/8 (x)}', ' {a.example} {}'])
    assert.deepEqual(read(format, `${front}${captured} "GET /x?a=b HTTP/1.1"`), expected, captured);
  assert.equal(read(format, `${front.replace('503 512', '400 187')} "<BADREQ>"`).code, 400);
  assert.equal(read('%ci  %ST   %B', '192.0.2.7 404 12').code, 404, 'several blanks are printed as one');
});

test('of a HAProxy log-format that quotes all texts, numbers and times stand bare', () => {
  const format = String.raw`log-format "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc  %bc %sc %rc %sq %bq %CC %CS %hrl %hsl"`;
  const line =
    '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 200 512 "" "" 444 5 "fe" "be" "s1" 0 0 1 2 3 "----" 1 1 1 0 0 0 0 "-" "-"';
  assert.deepEqual(read(format, line), {
    ts: 1767366245000,
    code: 200,
    method: 'GET',
    path: '/x',
    upstream: 'be',
    durationMs: 3,
    bytes: 512,
    client: '192.0.2.7',
  });
  // as HAProxy 2.6 writes it
  assert.deepEqual(
    read(
      '%{+Q}o %t %ci %HM %HU %HV %ST %b %s %tsc',
      '02/Jan/2026:15:04:05.250 "192.0.2.7" "GET" "/x" "HTTP/1.1" 504 "app" "s1" sH--',
    ),
    { ts: 1767366245250, code: 504, method: 'GET', path: '/x', upstream: 'app', client: '192.0.2.7' },
  );
  assert.deepEqual(
    read(
      String.raw`log-format "%{+Q}o\ backend = %b, path = %HU, status = %ST"`,
      'backend = "be", path = "/x", status = 200',
    ),
    { code: 200, path: '/x', upstream: 'be' },
  );
});

test('a Squid logformat is read, numbers filled up with blanks included', () => {
  const native =
    'logformat mine %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt "%{Referer}>h" "%>h{User-Agent}"';
  assert.deepEqual(
    read(
      native,
      '1767366245.250     47 192.0.2.7 TCP_MISS/503 4762 GET http://a.example/x - HIER_DIRECT/10.0.0.1 text/html "-" "curl 8"',
    ),
    {
      ts: 1767366245250,
      code: 503,
      method: 'GET',
      path: '/x',
      host: 'a.example',
      upstream: '10.0.0.1',
      durationMs: 47,
      bytes: 4762,
      client: '192.0.2.7',
    },
  );
  assert.deepEqual(
    read(
      '%tl %>a "%rm %ru" %>Hs %<Hs %tr %%',
      '02/Jan/2026:15:04:05 +0000 192.0.2.7 "CONNECT a.example:443" 502 503 1200 %',
    ),
    {
      ts: 1767366245000,
      code: 502,
      method: 'CONNECT',
      path: 'a.example:443',
      upstreamStatus: [503],
      durationMs: 1200,
      client: '192.0.2.7',
    },
  );
  assert.throws(() => openLineReader('logformat x %ts.%03tu %>a %rm %ru %<Hs'), /no %>Hs/);
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

test("GoAccess's options are read as a shell takes them", () => {
  const line = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 200 512 "-" "curl"';
  const expected = { ts: 1767366245000, code: 200, method: 'GET', path: '/x', bytes: 512, client: '192.0.2.7' };
  for (const times of [
    '--date-format=%d/%b/%Y --time-format=%T',
    `--time-format "%H:%M:%S" --date-format '%d/%b/%Y' -o x.html`,
  ]) {
    assert.deepEqual(
      read(`goaccess -f access.log --log-format='%h %^[%d:%t %^] "%r" %s %b "%R" "%u"' ${times}`, line),
      expected,
      times,
    );
  }
  const caddy =
    '{"level":"info","ts":"2026-01-02T15:04:05+0000","request":{"remote_ip":"192.0.2.7","client_ip":"192.0.2.7","method":"GET","host":"a.example","uri":"/x"},"duration":0.001,"size":12,"status":200}';
  assert.equal(
    read(
      `--datetime-format '%FT%T%z' --log-format '{"ts":"%x","request":{"client_ip":"%h","method":"%m","host":"%v","uri":"%U"},"duration": "%T","size": "%b","status": "%s"}'`,
      caddy,
    ).code,
    200,
  );
  assert.deepEqual(
    read(
      `--log-format='%h - - [%x] "%m %U %H" %s %b "%R" "%u"' --datetime-format='%Y-%m-%dT%H:%M:%SZ'`,
      line.replace('02/Jan/2026:15:04:05 +0000', '2026-01-02T15:04:05Z'),
    ),
    expected,
  );
});

test("Caddy's line formats are read, of the transform encoder and of the first Caddy", () => {
  const line = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /a HTTP/1.1" 404 12 "-" "curl"';
  const want = {
    ts: Date.UTC(2026, 0, 2, 15, 4, 5),
    code: 404,
    method: 'GET',
    path: '/a',
    bytes: 12,
    client: '192.0.2.7',
  };
  const transform =
    'format transform `{request>remote_ip} - {user_id} [{ts}] "{request>method} {request>uri} {request>proto}" {status} {size} "{request>headers>Referer>[0]:"-"}" "{request>headers>User-Agent>[0]}"` {\n  time_format "02/Jan/2006:15:04:05 -0700"\n}';
  for (const format of [
    transform,
    '{combined}',
    '{remote} - {user} [{when}] "{method} {uri} {proto}" {status} {size} "{>Referer}" "{>User-Agent}"',
  ])
    assert.deepEqual(parsed(line, format)[0], want, format);
  assert.equal(
    parsed('192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 200 12', '{common_log}')[0].code,
    200,
  );
  assert.throws(() => openLineReader('{request>uri} {size}'), /\{status\}/);
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

test("HAProxy's sample fetches stand for its variables; an Envoy format may stand in quotes with its newline, or begin and end with a quoted field", () => {
  assert.deepEqual(
    parsed(
      '192.0.2.7 GET "/a?b=1" 502 SC--',
      'log-format "%[src] %[capture.req.method] %{+Q}[capture.req.uri] %ST %tsc"',
    )[0],
    { code: 502, method: 'GET', path: '/a?b=1', client: '192.0.2.7' },
  );
  assert.equal(
    parsed(
      '2026-01-02T15:04:05.250Z GET "a" /y 502 UF',
      '"%START_TIME% %REQ(:METHOD)% \\"%REQ(:AUTHORITY)%\\" %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS%\\n"',
    )[0].code,
    502,
  );
  assert.equal(
    parsed('"GET" 502 "10.0.0.1:80"', '"%REQ(:METHOD)%" %RESPONSE_CODE% "%UPSTREAM_HOST%"')[0].upstream,
    '10.0.0.1:80',
  );
});

test('a declared JSON format is read whatever order, spacing and types its lines were written anew in', () => {
  const nginx = `log_format j escape=json '{"t":$msec,"r":"$request_method $request_uri","s":"$status","us":"$upstream_status","in":{"a":"$remote_addr"}}'`;
  const want = {
    ts: 1767366245250,
    code: 502,
    method: 'GET',
    path: '/a"b',
    upstreamStatus: [502, 502],
    client: '192.0.2.7',
  };
  for (const line of [
    '{"t":1767366245.250,"r":"GET /a\\"b","s":"502","us":"502, 502","in":{"a":"192.0.2.7"}}',
    '{ "in": { "a": "192.0.2.7" }, "s": 502, "host": "h", "us": "502, 502", "r": "GET /a\\"b", "t": "1767366245.250" }',
  ]) {
    const { upstream: _upstream, ...read } = parsed(line, nginx)[0];
    assert.deepEqual(read, want, line);
  }
  const envoy =
    '{"ts":"%START_TIME%","verb":"%REQ(:METHOD)%","p":"%REQ(:PATH)%","rc":"%RESPONSE_CODE%","up":"%UPSTREAM_HOST%"}';
  assert.deepEqual(parsed('{"up":null,"p":"/x","rc":503,"ts":"2026-01-02T15:04:05.250Z","verb":"GET"}', envoy)[0], {
    ts: 1767366245250,
    code: 503,
    method: 'GET',
    path: '/x',
  });
  // neither without the declared status nor with little else of what was declared
  for (const line of ['{"verb":"GET","p":"/x","ts":"2026-01-02T15:04:05.250Z"}', '{"rc":503,"msg":"x"}'])
    assert.equal(parsed(line, envoy)[0].code, undefined);
});
