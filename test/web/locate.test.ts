// Placing in a line what was read from it, only where it is certain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locate } from '../../web/src/lib/locate.ts';

const field = (name: string, value: string, from: number | null = null, to: number | null = null) => ({
  name,
  value,
  from,
  to,
});
const shown = (text: string, ...fields: ReturnType<typeof field>[]) =>
  Object.fromEntries(locate(text, fields).map((f) => [f.name, f.from === null ? null : text.slice(f.from, f.to!)]));

test('a time is found in each way of writing it, by its value', () => {
  for (const text of [
    '[23/Nov/2026:03:58:02 +0200] x',
    'at 2026-11-23T01:58:02.123Z',
    't=1795399082.123 c=1',
    '1795399082123 GET',
    '2026-11-23 01:58:02,5 GET',
  ]) {
    assert.notEqual(shown(text, field('time', '2026-11-23T01:58:02.123Z')).time, null, text);
  }
  assert.equal(
    shown('[23/Nov/2026:03:58:03 +0200]', field('time', '2026-11-23T01:58:02.000Z')).time,
    null,
    'another second is another time',
  );
});

test('a status is marked where it stands, and not where an upstream status stands already', () => {
  const text = '"GET /502 HTTP/1.1" 502 157 us=502';
  assert.deepEqual(
    shown(
      text,
      field('code', '502'),
      field('bytes', '157'),
      field('upstreamStatus', '502', 31, 34),
      field('path', '/502', 5, 9),
    ),
    { code: '502', bytes: '157', upstreamStatus: '502', path: '/502' },
  );
});

test('two possibilities are none', () => {
  assert.deepEqual(shown('200 200', field('code', '200')), { code: null });
});

test('a duration is found in the unit that it was written in', () => {
  assert.equal(shown('rt=0.084 uct=0.001', field('duration', '84 ms')).duration, '0.084');
  assert.equal(shown('200 5120 84', field('duration', '84 ms')).duration, '84');
  assert.equal(shown('took 84000us', field('duration', '84 ms')).duration, '84000');
  assert.equal(shown('rt=0.084 urt=0.084', field('duration', '84 ms')).duration, null);
});
