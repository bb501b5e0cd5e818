// Caddy's line formats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { parsed } from '../parsed.ts';

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
