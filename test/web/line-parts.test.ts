// Dimming the keys of a line never changes the line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineParts } from '../../web/src/lib/line-parts.ts';

const keys = (line: string) =>
  lineParts(line)
    .filter(({ isKey }) => isKey)
    .map(({ text }) => text);

test('keys of JSON and of logfmt are told from values', () => {
  assert.deepEqual(keys('{"status":"502", "path": "/a:b", "up": {"addr":"10.0.0.3:8080"}}'), [
    '"status":',
    '"path": ',
    '"up": ',
    '"addr":',
  ]);
  assert.deepEqual(keys('level=info status=502 path="/a?x=…"'), ['level=', 'status=', 'path=']);
  assert.deepEqual(keys('203.0.113.7 - - [23/Nov/2026:03:58:02 +0200] "GET / HTTP/1.1" 502 157'), []);
});

test('the parts put together are the line, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((text) => text.slice(0, text.length >> 1)),
      ),
      (line) => {
        assert.equal(
          lineParts(line)
            .map(({ text }) => text)
            .join(''),
          line,
        );
      },
    ),
  );
});
