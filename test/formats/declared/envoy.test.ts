// Envoy's format strings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';
import { read } from './read.ts';

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

test('a format may stand in quotes with its newline, or begin and end with a quoted field', () => {
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
