// The JSON scanner against what JSON parsers die of, and against JSON.parse.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonScanner } from '../../../server/formats/keyed/json-scanner.ts';
import { Keys } from '../../../server/formats/keyed/keys.ts';
import { unescaped } from '../../../server/formats/bytes/scalars.ts';
import { ESCAPED, Values } from '../../../server/formats/keyed/values.ts';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { Hit } from '../../../server/core/hit.ts';
import { chunkOf } from '../parsed.ts';

const NAMES = ['status', 'uri', 'a', 'b', 'request.method', 'request.uri', 'x.y.z'];
const keys = new Keys();
const nameOf = new Map(NAMES.map((name) => [keys.id(name), name]));
const scanner = new JsonScanner(keys, new Values());

/** What the scanner finds in one line, by name; undefined when it finds no object. */
function found(line: string): Record<string, string> | undefined {
  const chunk = chunkOf(line);
  if (!scanner.scan(chunk, 0, chunk.bytes.length)) return undefined;
  const { values } = scanner;
  const out: Record<string, string> = {};
  for (let i = 0; i < values.count; i++) {
    const text =
      values.kinds[i] === ESCAPED
        ? unescaped(chunk.bytes, values.starts[i], values.ends[i])
        : chunk.bytes.toString('utf8', values.starts[i], values.ends[i]);
    out[nameOf.get(values.ids[i])!] ??= text;
  }
  return out;
}

const torture = new URL('../../fixtures/json-torture/', import.meta.url);

for (const file of readdirSync(torture)) {
  test(`${file} neither throws nor hangs, and gives no hit`, () => {
    const bytes = readFileSync(new URL(file, torture));
    const chunk = { bytes, text: bytes.toString('latin1') };
    scanner.scan(chunk, 0, bytes.length);
    assert.notEqual(openLineReader().read(chunk, 0, bytes.length, new Hit()), undefined);
    if (file.startsWith('y_object')) {
      const line = bytes.toString('utf8').replaceAll('\n', ' ');
      assert.deepEqual(found(`{"a":${line},"status":502}`)?.status, '502', 'what stands after it is found');
    }
  });
}

test('a hundred thousand brackets are skipped in one pass', () => {
  const many = 100_000;
  assert.deepEqual(found('['.repeat(many)), undefined);
  assert.deepEqual(found('{"a":'.repeat(many)), {});
  assert.deepEqual(found(`{"status":502,"zz":${'['.repeat(many)}`), { status: '502' });
  assert.deepEqual(found(`{"zz":${'['.repeat(many)}${']'.repeat(many)},"status":502}`), { status: '502' });
});

test('values are found in any nesting, in flat dotted keys, and in any spelling', () => {
  assert.deepEqual(found('{"x":{"y":{"z":1}},"request":{"zz":{"a":2},"method":"GET"}}'), {
    'x.y.z': '1',
    'request.method': 'GET',
  });
  assert.deepEqual(found('{"x.y":{"z":1},"Request.METHOD":"GET"}'), { 'x.y.z': '1', 'request.method': 'GET' });
  assert.deepEqual(found('{ "Status" : "5\\u00302" , "_uri":"/\\"x" }'), { status: '502', uri: '/"x' });
});

test('invalid JSON that proxies really write is read as far as it goes', () => {
  assert.deepEqual(found('{"status":009,"uri":"/"}'), { status: '009', uri: '/' });
  assert.deepEqual(found('{"a":-,"b":,"uri":"/",}'), { a: '-', b: '', uri: '/' });
  assert.deepEqual(found('{"a":0.001, 0.002,"b":"x"}'), { a: '0.001, 0.002', b: 'x' });
  assert.deepEqual(found('{"a":"say "hi", twice","b":"x"}'), { a: 'say "hi", twice', b: 'x' });
  assert.deepEqual(found('{"a":"\\x22","b":"x"}'), { a: '"', b: 'x' });
});

test('brackets between quotes inside a string close nothing, nor does what was learnt there', () => {
  assert.deepEqual(found('{"request":{"uri":"/a"}b"},"status":502}'), { 'request.uri': '/a"}b', status: '502' });
  assert.deepEqual(found('{"request":{"uri":"/a"},"status":502}'), { 'request.uri': '/a', status: '502' });
});

test('a line cut short gives what was whole, never half a number', () => {
  assert.deepEqual(found('{"uri":"/","status":50'), { uri: '/' });
  assert.deepEqual(found('{"status":502,"uri":"/abc'), { status: '502' });
});

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const record = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...NAMES.filter((name) => !name.includes('.'))),
    fc.string({ maxLength: 8 }).filter((key) => !key.includes('.')),
  ),
  fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 4 }), value, { maxKeys: 3 })),
  { maxKeys: 10 },
);

/** JSON with blanks and escapes where they may be. */
function spell(x: unknown, blank: string, escape: boolean): string {
  const text = JSON.stringify(x, undefined, blank).replaceAll('\n', ' ');
  return escape
    ? text
        .replaceAll('/', '\\/')
        .replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text;
}

test('what JSON.parse finds is found, whatever lines came before (law)', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('', ' ', '\t'),
      fc.boolean(),
      (records, blank, escape) => {
        for (const line of [...records, ...records]) {
          const got = found(spell(line, blank, escape)) ?? {};
          for (const name of ['status', 'uri', 'a', 'b']) {
            const want = Object.hasOwn(line, name) ? line[name] : undefined;
            const isText = typeof want === 'string';
            if (
              want === undefined ||
              Object.keys(line).some((key) => key !== name && key.toLowerCase().replace(/[\s_\-@:$%()]/g, '') === name)
            )
              continue;
            if (isText) assert.equal(got[name], Buffer.from(want).toString());
            else if (typeof want !== 'object') assert.equal(got[name], JSON.stringify(want));
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('any bytes are read without an exception, again and again the same (law)', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', 'status', '5', ' ', '"a":', '"status":', '-'),
        { maxLength: 60 },
      ),
      (parts) => {
        const line = `{${parts.join('')}`;
        assert.deepEqual(found(line), found(line));
      },
    ),
    { numRuns: 500 },
  );
});
