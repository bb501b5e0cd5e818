import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { parsed } from './parsed.ts';

const read = (format: string, line: string): Record<string, unknown> => parsed(line, format)[0];

test('an nginx log_format directive is read over several quoted lines', () => {
  const format = `log_format upstreamlog escape=default '$remote_addr - $remote_user [$time_local] "$request" '
    '$status $body_bytes_sent "$http_referer" "$http_user_agent" '
    'rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time" up=$upstream_addr us=$upstream_status';`;
  const line = '192.0.2.1 - jo doe [02/Jan/2026:15:04:05 +0100] "GET /a b HTTP/1.1" 200 12 "-" "curl" rt=0.012 uct="-, 0.001" uht="-, 0.010" urt="0.001, 0.010" up=10.0.0.1:80, 10.0.0.2:80 us=502, 200';
  assert.deepEqual(read(format, line), {
    ts: 1767362645000, code: 200, method: 'GET', path: '/a b', upstream: '10.0.0.2:80', upstreamStatus: [502, 200], durationMs: 12, bytes: 12, client: '192.0.2.1',
  });
});

test('unquoted upstream lists with commas and colons keep their columns', () => {
  const format = '$time_iso8601 $status $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $request_method $host$request_uri';
  const line = '2026-01-02T15:04:05+00:00 504 10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 0, 0 : 12 1.000, 1.001 : 0.002 504, 504 : 504 POST example.com/pay?x=1';
  assert.deepEqual(read(format, line), {
    ts: 1767366245000, code: 504, method: 'POST', path: '/pay?x=1', host: 'example.com', upstream: '10.0.0.3:80', upstreamStatus: [504, 504, 504],
  });
});

test('a JSON-shaped log_format reads invalid JSON and undoes escapes', () => {
  const format = `log_format j escape=json '{"t":"$msec","m":"$request_method","u":"$request_uri","s":$status,"us":"$upstream_status"}';`;
  const line = '{"t":"1767366245.123","m":"GET","u":"/a\\"b","s":009,"us":"200"}';
  assert.deepEqual(read(format, line), { ts: 1767366245123, code: 9, method: 'GET', path: '/a"b', upstreamStatus: [200] });
});

test('an unquoted browser in front of the status does not move the columns', () => {
  const line = '192.0.2.1 Mozilla/5.0 (X11; Linux) Gecko 502 0.004';
  assert.deepEqual(read('$remote_addr $http_user_agent $status $request_time', line), { code: 502, durationMs: 4, client: '192.0.2.1' });
});

test('an Apache LogFormat directive is read with its units', () => {
  const format = String.raw`LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D" mine`;
  const line = String.raw`www.example.com:443 192.0.2.7 - - [26/Dec/2016:16:22:14 +0000] "GET /a\"b HTTP/1.1" 503 499 "-" "x" 5012`;
  assert.deepEqual(read(format, line), {
    ts: 1482769334000, code: 503, method: 'GET', path: '/a\\"b', host: 'www.example.com', durationMs: 5.012, bytes: 499, client: '192.0.2.7',
  });
});

test('Apache times in strftime, with the fraction apart, are put together', () => {
  const line = '2026-01-02 15:04:05.250 +0100 GET /x?y=1 200 12';
  assert.deepEqual(read('%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{%z}t %m %U%q %>s %{ms}T', line), { ts: 1767362645250, code: 200, method: 'GET', path: '/x?y=1', durationMs: 12 });
});

test('a GoAccess log-format is read with its date-format and time-format', () => {
  const format = 'log-format %h %^[%d:%t %^] "%r" %s %b "%R" "%u" %T\ndate-format %d/%b/%Y\ntime-format %H:%M:%S';
  const line = '192.0.2.7 - - [26/Dec/2016:16:22:14 -0030] "GET / HTTP/1.1" 502 499 "-" "x" 0.250';
  assert.deepEqual(read(format, line), { ts: 1482771134000, code: 502, method: 'GET', path: '/', durationMs: 250, bytes: 499, client: '192.0.2.7' });
});

test("GoAccess's Google Cloud Storage preset reads microseconds since the epoch", () => {
  const line = '"1524233483000000","192.0.2.7","1","","GET","/b/o","200","0","12","250000","h","ref","ua"';
  assert.deepEqual(read('CLOUDSTORAGE', line), { ts: 1524233483000, code: 200, method: 'GET', path: '/b/o', durationMs: 250, bytes: 12, client: '192.0.2.7' });
});

test('a format without a status is refused with what to add', () => {
  assert.throws(() => openLineReader('$remote_addr [$time_local] "$request" $upstream_status'), /add \$status/);
  assert.throws(() => openLineReader('LogFormat "%h %l %u %t \\"%r\\" %b" x'), /add %>s/);
  assert.throws(() => openLineReader('%h %^[%d:%t %^] "%r" %b'), /add the status/);
  assert.throws(() => openLineReader('nonsense'), /known formats are auto, /);
});

test('a line that does not fit is rejected with the field that failed', () => {
  const format = '$remote_addr [$time_local] "$request" $status $bytes_sent';
  assert.deepEqual(read(format, '192.0.2.1 [02/Jan/2026:15:04:05 +0100] "GET / HTTP/1.1" abc 1'), { rejected: 'status is not a code from 0 to 999' });
  assert.deepEqual(read(format, '192.0.2.1 [yesterday] "GET / HTTP/1.1" 200 1'), { rejected: 'time cannot be read' });
});
