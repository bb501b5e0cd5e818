import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planRange } from '../../server/store/sqlite/range-plan.ts';

const SECONDS = [10, 60, 3600];
const HOURS = 3600;

test('a cover of any range holds every second of it once, in whole buckets of tiers that are still held', () => {
  const second = fc.integer({ min: 0, max: 10 * HOURS });
  const marks = fc
    .tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 }))
    .map(([a, b]) => [Math.max(a, b) * HOURS, Math.min(a, b) * HOURS, 0]);
  fc.assert(
    fc.property(second, second, marks, (a, b, held) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const covered = planRange(from, to, SECONDS, held);
      assert.ok(covered.from <= from && covered.to >= to);
      const stretches = covered.stretches.sort((x, y) => x.from - y.from);
      let at = covered.from;
      for (const stretch of stretches) {
        assert.equal(stretch.from, at);
        assert.ok(
          stretch.to > stretch.from &&
            stretch.from % SECONDS[stretch.tier] === 0 &&
            stretch.to % SECONDS[stretch.tier] === 0,
        );
        assert.ok(stretch.from >= held[stretch.tier]);
        at = stretch.to;
      }
      assert.equal(at, covered.to);
      if (from >= held[0]) assert.ok(from - covered.from < 10 && covered.to - to < 10);
    }),
    { numRuns: 2000 },
  );
});
