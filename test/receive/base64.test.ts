import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base64In } from '../../server/receive/base64.ts';
import { Malformed } from '../../server/receive/message.ts';

const decoded = (json: string): Buffer => Buffer.concat([...base64In(Buffer.from(json))]);

test('base64 longer than a piece decodes as a whole does, escaped or broken into lines', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 90_000, maxLength: 110_000 }), fc.nat(100), (given, every) => {
      const bytes = Buffer.from(given),
        text = bytes.toString('base64');
      const escaped = text.replaceAll('/', '\\/').replaceAll('+', '\\u002b').replaceAll('=', '\\u003d');
      assert.deepEqual(decoded(text), bytes);
      assert.deepEqual(decoded(escaped), bytes);
      assert.deepEqual(decoded(text.replace(new RegExp(`.{${60 + every}}`, 'g'), '$&\\n')), bytes);
    }),
    { numRuns: 10 },
  );
  assert.deepEqual(decoded(''), Buffer.alloc(0));
});

test('a broken escape is told of', () => {
  assert.throws(() => decoded('aGVsbG8\\u00'), Malformed);
  assert.throws(() => decoded(`${'A'.repeat(65_534)}\\x`), Malformed);
});
