// JSON objects put end to end on one line: each is a record of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Hit } from '../../../server/core/hit.ts';
import { openLineReader } from '../../../server/formats/line-reader.ts';

const access = (code: number): string =>
  `{"time":"2026-01-02T15:04:05Z","method":"GET","path":"/a}{b","status":${code}}`;

/** The code of each record on the line; why not, of those that have none. */
function recordsOf(line: string, reader = openLineReader()): (number | string)[] {
  const hit = new Hit(),
    bytes = Buffer.from(line);
  const chunk = { bytes, text: bytes.toString('latin1') };
  const shown = (miss: { text: string } | undefined): number | string => miss?.text ?? hit.code;
  const found = [shown(reader.read(chunk, 0, bytes.length, hit))];
  while (reader.hasMore) found.push(shown(reader.more(hit)));
  return found;
}

test('objects end to end all count, whatever stands between them', () => {
  for (const gap of ['', ' ', ',', ', ', '\t'])
    assert.deepEqual(recordsOf([200, 502, 503].map(access).join(gap)), [200, 502, 503], JSON.stringify(gap));
  assert.deepEqual(recordsOf(access(200)), [200]);
});

test('an object that is no record has its reason, and those around it count', () => {
  const [first, , last] = recordsOf(`${access(200)}{"msg":"ready"}${access(500)}`);
  assert.deepEqual([first, last], [200, 500]);
  assert.equal(recordsOf(`{"a":1}{"b":2}`).length, 2);
});

test('counts end to end are added up one by one', () => {
  assert.deepEqual(
    recordsOf('{"ts":1767225600,"code":200,"count":3}{"ts":1767225600,"code":500,"count":4}'),
    [200, 500],
  );
});

test('objects in a message count, and so does what follows the envelope', () => {
  const envelope = JSON.stringify({ '@timestamp': '2026-01-02T15:04:05Z', message: access(200) + access(404) });
  const reader = openLineReader();
  for (let i = 0; i < 3; i++) assert.deepEqual(recordsOf(envelope + envelope, reader), [200, 404, 200, 404]);
});

test('as many records are read as there are objects, and no line knows of the one before it (law)', () => {
  const reader = openLineReader();
  const code = fc.integer({ min: 100, max: 599 });
  fc.assert(
    fc.property(fc.array(code, { minLength: 1, maxLength: 6 }), fc.constantFrom('', ' ', ', '), (codes, gap) => {
      assert.deepEqual(recordsOf(codes.map(access).join(gap), reader), codes);
    }),
  );
});
