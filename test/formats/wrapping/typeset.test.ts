// Lines and formats that were pasted through a chat, a word processor or a web page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

const HIT = { ts: 1704164645000, code: 502, method: 'GET', path: '/a?b=1&c=2', bytes: 157, client: '203.0.113.5' };

test('curly quotes and entities are read as what they were', () => {
  for (const line of [
    '203.0.113.5 - - [02/Jan/2024:03:04:05 +0000] “GET /a?b=1&c=2 HTTP/1.1” 502 157 “-” “curl/8”',
    '203.0.113.5 – – [02/Jan/2024:03:04:05 +0000] “GET /a?b=1&c=2 HTTP/1.1” 502 157 “-” “curl/8”',
    '203.0.113.5 - - [02/Jan/2024:03:04:05 +0000] &quot;GET /a?b=1&amp;c=2 HTTP/1.1&quot; 502 157 &quot;-&quot; &quot;curl/8&quot;',
  ])
    assert.deepEqual(parsed(line)[0], HIT, line);
});

test('a line that is read as it stands keeps its signs', () => {
  const [row] = parsed(
    '203.0.113.5 - - [02/Jan/2024:03:04:05 +0000] "GET /a?b=1&amp;c=“2” HTTP/1.1" 502 157 "-" "curl/8"',
  );
  assert.equal(row.path, '/a?b=1&amp;c=“2”');
});

test('a format in curly quotes is the format', () => {
  const [row] = parsed(
    '203.0.113.5 [02/Jan/2024:03:04:05 +0000] "GET /a HTTP/1.1" 502 0.012',
    '$remote_addr [$time_local] “$request” $status $request_time',
  );
  assert.deepEqual([row.code, row.path, row.durationMs], [502, '/a', 12]);
});
