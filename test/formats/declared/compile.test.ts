// What is no format, and lines that do not fit the one that was declared.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { parsed } from '../parsed.ts';
import { read } from './read.ts';

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

test("a time of the format's own is read, in one variable or in parts", () => {
  for (const [format, time] of [
    ['$now', '2023-01-31 00:00:02.146'],
    ['[$time_iso8601_p1.$millis$time_iso8601_p2]', '[2023-01-31T00:00:02.146+00:00]'],
  ]) {
    const [row] = parsed(
      `203.0.113.4 ${time} "POST /a HTTP/1.1" 204 0`,
      `$remote_addr ${format} "$request" $status $body_bytes_sent`,
    );
    assert.deepEqual([row.ts, row.code, row.path], [1675123202146, 204, '/a'], format);
  }
});

test('the directives of a W3C log declare its columns', () => {
  const [row] = parsed(
    '1602008577.365\t203.0.113.9\t502\t500\tGET\td1.example\t/index.html\tIAD\t0.003\tcurl',
    '#Fields: timestamp c-ip sc-status sc-bytes cs-method cs-host cs-uri-stem x-edge-location time-taken cs-user-agent',
  );
  assert.deepEqual(row, {
    ts: 1602008577365,
    code: 502,
    method: 'GET',
    path: '/index.html',
    host: 'd1.example',
    durationMs: 3,
    bytes: 500,
    client: '203.0.113.9',
  });
});

test('a browser without quotes does not run into the duration behind it', () => {
  const line = (end: string): string => `10.0.0.1 - - [08/Oct/2019:11:25:10 +0530] "GET /a HTTP/1.1" 302 - - ${end}`;
  const format = '%h %l %u %t "%r" %s %b %{Referer}i %{User-Agent}i %T';
  const [whole, cut] = parsed(
    [line('Mozilla/5.0 (X11; Linux) Gecko/1 0.015'), line('Mozilla/5.0 (X11; Linux)')].join('\n'),
    format,
  );
  assert.deepEqual([whole.code, whole.durationMs], [302, 15]);
  assert.deepEqual([cut.code, cut.durationMs], [302, undefined]);
});
