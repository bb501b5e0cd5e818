// GoAccess's log-format with its date and time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './read.ts';

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

test('a list of forwarders is read, its first address as the client', () => {
  assert.deepEqual(
    read(
      '~h{, } %^[%d:%t %^] "%m %U %H" %s',
      '10.0.0.1, 10.0.0.2 - [02/Jan/2026:15:04:05 +0100] "GET /x HTTP/1.1" 500',
    ),
    { ts: 1767362645000, code: 500, method: 'GET', path: '/x', client: '10.0.0.1' },
  );
});
