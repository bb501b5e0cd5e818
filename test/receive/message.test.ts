// Envelopes that are read where they are looked at: the same as a tree of all of it, whatever their limits leave out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { Failure } from '../../server/errors.ts';
import { Allowance, RECORDS_MAX } from '../../server/receive/allowance.ts';
import { jsonMessage } from '../../server/receive/json-message.ts';
import { Malformed, VALUE_BYTES_MAX, type Message, type Shape } from '../../server/receive/message.ts';
import { planOf, protobufMessage } from '../../server/receive/protobuf-message.ts';

const allowance = (): Allowance => new Allowance({ maxBytes: 64 * 1024 * 1024 }, new EventEmitter() as never);
const shape: Shape = { fields: ['a', 'b', 'value'], lists: { groups: VALUE_BYTES_MAX, items: VALUE_BYTES_MAX } };
const json = (text: string | Buffer): Promise<Message> => jsonMessage(Buffer.from(text as string), shape, allowance());
const is =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === code;

async function listed(message: Message, list: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { value } of message.items(list)) found.push(value);
  return found;
}

test('fields are made, lists are read item by item and as often as asked, in whatever order they come', async () => {
  const message = await json(
    '\ufeff {"groups": [{"items":[{"a":1},{"a":2}], "b":"x"}, {"b":null}] , "other": {"a":[1,"]}"]}, "a": {"b":[true,-1.5e3], "made up": 1} }\n',
  );
  assert.deepEqual(message.value, { a: { b: [true, -1500] } });
  const seen: unknown[] = [];
  for (let i = 0; i < 2; i++)
    for await (const group of message.items('groups'))
      seen.push([group.value, await listed(group, 'items'), group.has('items')]);
  const once = [
    [{ b: 'x' }, [{ a: 1 }, { a: 2 }], true],
    [{ b: null }, [], false],
  ];
  assert.deepEqual(seen, [...once, ...once]);
});

test('what is made is what JSON.parse makes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ stringUnit: 'binary' })),
      fc.constantFrom(undefined, 1),
      async (items, indent) => {
        const names = new Set<string>();
        const text = JSON.stringify({ items }, (key, value: unknown) => (names.add(key), value), indent);
        if (names.has('__proto__')) return; // no shape asks for it
        const message = await jsonMessage(
          Buffer.from(text),
          { fields: [...names], lists: { items: VALUE_BYTES_MAX } },
          allowance(),
        );
        assert.deepEqual(await listed(message, 'items'), (JSON.parse(text) as { items: unknown[] }).items);
      },
    ),
    { numRuns: 1000 },
  );
});

test('what is not JSON is refused, wherever it stands', async () => {
  for (const text of [
    '',
    ' ',
    'x',
    '1',
    '"a"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{"a":1 "b":2}',
    '{"a":01}',
    '{"a":tru}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{a:1}',
    '{"a":1}}',
    '{"a":1}{"a":1}',
    '{"a":1} x',
    '{"a":[1,]}',
    '{"a":[1 2]}',
    '{"a":"\\',
    '[1}',
    '{"a" "b"}',
  ]) {
    await assert.rejects(json(text), Malformed, text);
  }
  for (const text of [
    '{"groups":[{"a":1},]}',
    '{"groups":[{"a":x}]}',
    '{"groups":[1 2]}',
    '{"groups":3}',
    '{"groups":"x"}',
  ])
    await assert.rejects(
      json(text).then((message) => listed(message, 'groups')),
      Malformed,
      text,
    );
  await assert.rejects(json(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`), Malformed);
});

test('an item that is too large is known for it, and the next is read', async () => {
  const large = JSON.stringify({
    groups: [
      { a: 'x'.repeat(VALUE_BYTES_MAX) },
      { a: 'y' },
      { b: Array(200_000).fill(1) },
      { a: 'z', c: 'x'.repeat(VALUE_BYTES_MAX) },
    ],
  });
  assert.deepEqual(await listed(await json(large), 'groups'), [undefined, { a: 'y' }, undefined, { a: 'z' }]);
});

test('more than a million members of lists, or names beyond any message, are refused before anything is made', async () => {
  await assert.rejects(json(`{"groups":[${'1,'.repeat(RECORDS_MAX)}1]}`), is('tooManyRecords'));
  await json(`{"groups":[${'1,'.repeat(RECORDS_MAX - 1)}1]}`);
  await assert.rejects(json(`{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}`), Malformed);
  const one = allowance();
  await jsonMessage(Buffer.from(`{"groups":[${'1,'.repeat(600_000)}1]}`), shape, one);
  await assert.rejects(
    jsonMessage(Buffer.from(`{"groups":[${'1,'.repeat(600_000)}1]}`), shape, one),
    is('tooManyRecords'),
    'all parts of a request together',
  );
});

const parsed = (): protobuf.Type =>
  protobuf
    .parse(
      `syntax = "proto3";
  message Top { repeated Group groups = 1; string a = 2; }
  message Group { string b = 1; repeated Item items = 2; Inner inner = 3; }
  message Item { string a = 1; repeated Item more = 2; }
  message Inner { int32 n = 1; }`,
    )
    .root.lookupType('Top');
const whole = parsed();
const written = (value: object): Buffer => Buffer.from(whole.encode(value).finish());
const plan = planOf(parsed(), { groups: VALUE_BYTES_MAX, items: VALUE_BYTES_MAX });
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('protobuf: fields are made, lists are read item by item', async () => {
  const bytes = written({
    a: 'top',
    groups: [
      { b: 'x', inner: { n: 3 }, items: [{ a: '1', more: [{ a: '2' }] }, { a: '3' }] },
      { items: [{ a: 'x'.repeat(VALUE_BYTES_MAX) }] },
    ],
  });
  const message = await protobufMessage(bytes, plan, allowance());
  assert.deepEqual(plain(message.value), { a: 'top' });
  const seen: unknown[] = [];
  for await (const group of message.items('groups')) seen.push(plain(group.value), plain(await listed(group, 'items')));
  assert.deepEqual(seen, [{ b: 'x', inner: { n: 3 } }, [{ a: '1', more: [{ a: '2' }] }, { a: '3' }], {}, [null]]);
});

test('protobuf: what is cut off, overlaps or holds more than a million messages is refused', async () => {
  const bytes = written({ groups: [{ b: 'x', items: [{ a: '1' }] }] });
  for (let end = 1; end < bytes.length; end++)
    await assert.rejects(protobufMessage(bytes.subarray(0, end), plan, allowance()), Malformed, String(end));
  const overlapping = Buffer.from(bytes);
  overlapping[overlapping.indexOf(0x12) + 1] += 1;
  await assert.rejects(protobufMessage(overlapping, plan, allowance()), Malformed);
  const empty = Buffer.alloc((RECORDS_MAX + 1) * 2);
  for (let i = 0; i < empty.length; i += 2) empty[i] = 0x0a;
  await assert.rejects(protobufMessage(empty, plan, allowance()), is('tooManyRecords'));
});

test('protobuf: any bytes are a message or malformed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      try {
        for await (const group of (await protobufMessage(Buffer.from(bytes), plan, allowance())).items('groups'))
          await listed(group, 'items');
      } catch (error) {
        assert.ok(error instanceof Malformed, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
