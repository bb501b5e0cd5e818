import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SAMPLED, SampledTimes } from '../../server/receive/sampled.ts';

const HOUR = 3_600_000;

test('a range touches what was of a sample, and not the day before, between or after', () => {
  const times = new SampledTimes();
  times.add('shop', 100 * HOUR, 101 * HOUR);
  times.add('shop', 150 * HOUR, 151 * HOUR);
  const touched = (from: number, to: number): boolean => times.touches('shop', from * HOUR, to * HOUR);
  assert.deepEqual(
    [touched(90, 100), touched(90, 100.1), touched(101, 102), touched(102, 150), touched(102, 151), touched(152, 999)],
    [false, true, true, false, true, false],
  );
  assert.deepEqual([times.sources(0, 200 * HOUR), times.touches('blog', 0, 200 * HOUR)], [['shop'], false]);
});

test('whatever the order, the number and the restarts: no sampled moment is ever taken for exact, and what is kept is bounded', () => {
  const hour = fc.integer({ min: 0, max: 50_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(hour, fc.integer({ min: 0, max: 30 })), { maxLength: 200 }), (batches) => {
      let times = new SampledTimes();
      for (const [i, [from, length]] of batches.entries()) {
        const cursor = times.add('shop', from * HOUR, (from + length) * HOUR);
        assert.ok(cursor.key === `${SAMPLED}shop` && cursor.value.length < 2000);
        if (i % 7 !== 0) continue;
        times = new SampledTimes();
        times.restore([cursor], 0);
      }
      for (const [from, length] of batches) {
        assert.ok(times.touches('shop', from * HOUR, from * HOUR + 1));
        assert.ok(times.touches('shop', (from + length) * HOUR, (from + length) * HOUR + 1));
      }
    }),
    { numRuns: 50 },
  );
});
