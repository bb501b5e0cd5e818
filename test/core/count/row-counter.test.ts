import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RowCounter } from '../../../server/core/count/row-counter.ts';

const row = fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(3), fc.nat(40));
/** What is counted between two clearings: few rows and many, in any order, so that the table grows, is emptied and grows again. */
const rounds = fc.array(fc.array(row, { maxLength: 600 }), { minLength: 1, maxLength: 6 });

test('a table that is cleared and filled again counts as a new one', () => {
  fc.assert(
    fc.property(rounds, (all) => {
      const table = new RowCounter(3);
      for (const rows of all) {
        const expected = new Map<string, number>();
        for (const [i, keys] of rows.entries()) {
          table.row.set(keys);
          assert.equal(table.find() !== -1, expected.has(keys.join(' ')));
          table.add(i + 1);
          expected.set(keys.join(' '), (expected.get(keys.join(' ')) ?? 0) + i + 1);
        }
        const counted = Array.from({ length: table.size }, (_, e): [string, number] => [
          [0, 1, 2].map((i) => table.key(e, i)).join(' '),
          table.counts[e],
        ]);
        assert.deepEqual(counted, [...expected]);
        table.clear();
        assert.equal(table.size, 0);
      }
    }),
    { numRuns: 100 },
  );
});

test('clearing keeps the memory that a table has grown to', () => {
  const table = new RowCounter(2);
  const fill = (b: number): void => {
    for (let i = 0; i < 5000; i++) {
      table.row.set([i, b]);
      table.add(1);
    }
  };
  fill(7);
  const bytes = table.byteLength;
  table.clear();
  fill(9);
  assert.equal(table.byteLength, bytes);
});
