// nginx's log_format.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './read.ts';

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
  ];
  for (const [format, line, expected] of cases) assert.deepEqual(read(format, line), expected, format);
});
