// The counts that the live connection tells: what a bucket holds by now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SNAPSHOT_MS, type CountRow, type Counts } from '#shared/live.ts';
import { LiveCounts } from '../../web/src/lib/live-counts.ts';

const NOW = 1_795_400_000_000;
const STEP = 10_000;
const names = [null, '__proto__'];
const row = fc.tuple(
  fc.integer({ min: 0, max: 80 }).map((i) => NOW - i * STEP),
  fc.nat(1),
  fc.constantFrom(0, 200, 404, 502),
  fc.integer({ min: 1, max: 1000 }),
) as fc.Arbitrary<CountRow>;
const sums = (counts: LiveCounts, source: string | null) => {
  const out: Record<number, number> = {};
  for (const [code, xs] of counts.byCode(NOW - 80 * STEP, STEP, 81, source)) out[code] = xs.reduce((a, b) => a + b, 0);
  return out;
};

test('the last word on a bucket holds, in whatever pieces and however often it was said; all sources are the one shown and the others', () => {
  fc.assert(
    fc.property(fc.array(row), fc.nat(50), (rows, cut) => {
      const counts = new LiveCounts();
      for (const some of [rows.slice(0, cut), rows.slice(cut), rows.slice(cut)])
        counts.put({ names, counts: some }, NOW);
      const last = new Map(rows.map((each) => [each.slice(0, 3).join(), each]));
      for (const source of [null, '__proto__']) {
        const wanted: Record<number, number> = {};
        for (const [, name, code, n] of last.values())
          if (source === null || names[name] === source) wanted[code] = (wanted[code] ?? 0) + n;
        assert.deepEqual(sums(counts, source), wanted);
      }
      assert.deepEqual(sums(counts, 'constructor'), {});
    }),
  );
});

test('what is older than the live time is forgotten, and a late line of long ago is not kept', () => {
  const counts = new LiveCounts();
  const put = (rows: CountRow[], now: number) => counts.put({ names: ['web'], counts: rows } satisfies Counts, now);
  put(
    [
      [NOW, 0, 200, 5],
      [NOW - 11 * 365 * 86_400_000, 0, 200, 7],
    ],
    NOW,
  );
  assert.deepEqual(sums(counts, null), { 200: 5 });
  put([], NOW + SNAPSHOT_MS + 3 * STEP);
  assert.deepEqual(sums(counts, null), {});
  assert.equal(counts.byCode(NOW, STEP, 1, 'web').size, 0);
});
