// The counts that live deltas add up to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SNAPSHOT_MS, type CountRow } from '#shared/live.ts';
import { LiveCounts } from '../../web/src/lib/live-counts.ts';

const NOW = 1_795_400_000_000;
const STEP = 10_000;
const names = ['web', '__proto__', 'constructor'];
const row = fc.tuple(
  fc.integer({ min: 0, max: 80 }).map((i) => NOW - i * STEP),
  fc.nat(2),
  fc.constantFrom(0, 200, 404, 502),
  fc.integer({ min: 1, max: 1000 }),
) as fc.Arbitrary<CountRow>;
const sums = (counts: LiveCounts, source: string | null) => {
  const out: Record<number, number> = {};
  for (const [code, xs] of counts.byCode(NOW - 80 * STEP, STEP, 81, source)) out[code] = xs.reduce((a, b) => a + b, 0);
  return out;
};

test('every hit is in exactly one bucket, for all sources and for each, in whatever pieces it came', () => {
  fc.assert(
    fc.property(fc.array(row), fc.nat(50), (rows, cut) => {
      const counts = new LiveCounts();
      const added = counts.add(rows.slice(0, cut), names, NOW) + counts.add(rows.slice(cut), names, NOW);
      assert.equal(
        added,
        rows.reduce((a, [, , , n]) => a + n, 0),
      );
      for (const source of [null, ...names]) {
        const wanted: Record<number, number> = {};
        for (const [, name, code, n] of rows)
          if (source === null || names[name] === source) wanted[code] = (wanted[code] ?? 0) + n;
        assert.deepEqual(sums(counts, source), wanted);
      }
    }),
  );
});

test('what is older than the snapshot is forgotten, and a late line of long ago is not kept', () => {
  const counts = new LiveCounts();
  counts.add(
    [
      [NOW, 0, 200, 5],
      [NOW - 11 * 365 * 86_400_000, 0, 200, 7],
    ],
    names,
    NOW,
  );
  assert.deepEqual(sums(counts, null), { 200: 5 });
  counts.add([], names, NOW + SNAPSHOT_MS + 3 * STEP);
  assert.deepEqual(sums(counts, null), {});
  assert.equal(counts.byCode(NOW, STEP, 1, 'web').size, 0);
});
