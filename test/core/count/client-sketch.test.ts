import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientOf } from '../../../server/core/count/client.ts';
import { ClientSketch, EXACT_MAX } from '../../../server/core/count/client-sketch.ts';
import { Hit } from '../../../server/core/hit.ts';
import { fill } from '../../store/support.ts';

/** Addresses as they are met: neighbours in a network, an IPv6 prefix, ports at their end. */
const KINDS = [
  (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
  (i: number) => `2001:db8::${i.toString(16)}`,
  (i: number) => `198.51.100.7:${i}`,
];

const hit = new Hit();
const print = (client: string | undefined): number => clientOf(fill(hit, { client }));

function sketchOf(from: number, to: number, address = KINDS[0]): ClientSketch {
  const sketch = new ClientSketch();
  for (let i = from; i < to; i++) sketch.add(print(address(i)));
  return sketch;
}

test('few clients are counted exactly, however often each comes', () => {
  for (const address of KINDS) {
    for (const n of [0, 1, 2, 17, EXACT_MAX]) {
      const sketch = sketchOf(0, n, address);
      sketch.merge(sketchOf(0, n, address));
      assert.deepEqual([sketch.count, sketch.isExact, sketch.text], [n, true, String(n)]);
    }
  }
});

test('many clients are counted to within 5%', () => {
  for (const address of KINDS) {
    for (const n of [EXACT_MAX + 1, 310, 1000, 4096, 10_000, 65_000, 400_000]) {
      const { count, isExact } = sketchOf(0, n, address);
      assert.ok(Math.abs(count / n - 1) <= 0.05, `${count} of ${n} like ${address(1)}`);
      assert.equal(isExact, false);
    }
  }
});

test('the error is that of the method: 1.6% in the mean square over many sets', () => {
  const errors = Array.from({ length: 200 }, (_, i) => sketchOf(i * 2000, (i + 1) * 2000).count / 2000 - 1);
  const deviation = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
  assert.ok(deviation < 0.02, `${deviation}`);
  assert.ok(Math.abs(errors.reduce((sum, e) => sum + e, 0) / errors.length) < 0.005, 'on neither side');
});

test('no client is none', () => {
  const sketch = new ClientSketch();
  for (const client of [undefined, '', '-']) sketch.add(print(client));
  assert.equal(sketch.count, 0);
});

test('a sketch put together from parts, in any order and again and again, is that of the whole', () => {
  const range = fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 300 }));
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 8 }), (ranges) => {
      const parts = ranges.map(([from, length]) => sketchOf(from, from + length));
      const whole = new ClientSketch(),
        backwards = new ClientSketch();
      for (const [from, length] of ranges) for (let i = from; i < from + length; i++) whole.add(print(KINDS[0](i)));
      for (const part of [...parts, ...parts]) whole.merge(part);
      for (const part of parts.toReversed()) backwards.merge(part);
      assert.equal(backwards.count, whole.count);
      assert.equal(backwards.isExact, whole.isExact);
    }),
    { numRuns: 60 },
  );
});

test('what is encoded decodes to the same and goes on, in at most 4 KiB', () => {
  for (const n of [0, 1, EXACT_MAX, EXACT_MAX + 1, 310, 50_000, 300_000]) {
    const sketch = sketchOf(0, n),
      bytes = sketch.encode(),
      again = ClientSketch.decode(bytes)!;
    assert.ok(bytes.length <= 4096, `${bytes.length}`);
    assert.deepEqual(again.encode(), bytes);
    again.merge(sketchOf(n, n + 500));
    sketch.merge(sketchOf(n, n + 500));
    assert.equal(again.count, sketch.count);
  }
});

test('bytes that are no sketch are none', () => {
  for (const bytes of [[], [0], [3, 1], [1, 0, 0], [2, 0, 0], Array.from({ length: 1 + 129 * 4 }, () => 1)])
    assert.equal(ClientSketch.decode(Uint8Array.from(bytes)), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      const sketch = ClientSketch.decode(bytes);
      assert.ok(sketch === undefined || sketch.count >= 0);
    }),
  );
  const any = Uint8Array.from({ length: 2561 }, (_, i) => (i === 0 ? 2 : 255));
  assert.ok(ClientSketch.decode(any)!.count > 1e9);
});

test('about as many are told in round numbers', () => {
  assert.match(sketchOf(0, 310).text, /^about (2[89]0|3[0-3]0)$/);
  assert.match(sketchOf(0, 47_000).text, /^about 4[5-9],000$/);
});
