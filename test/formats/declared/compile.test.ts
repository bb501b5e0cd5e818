// What is no format, and lines that do not fit the one that was declared.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLineReader } from '../../../server/formats/line-reader.ts';
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
