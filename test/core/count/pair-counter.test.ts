import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PairCounter } from '../../../server/core/count/pair-counter.ts';

const pair = fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(40));
/** What is counted between two clearings: few pairs and many, in any order, so that the table grows, is emptied and grows again. */
const rounds = fc.array(fc.array(pair, { maxLength: 600 }), { minLength: 1, maxLength: 6 });

test('a table that is cleared and filled again counts as a new one', () => {
  fc.assert(
    fc.property(rounds, (all) => {
      const table = new PairCounter();
      for (const pairs of all) {
        const expected = new Map<string, number>();
        for (const [i, [a, b]] of pairs.entries()) {
          table.add(a, b, i + 1);
          expected.set(`${a} ${b}`, (expected.get(`${a} ${b}`) ?? 0) + i + 1);
        }
        const counted = Array.from({ length: table.size }, (_, e): [string, number] => [
          `${table.a(e)} ${table.b(e)}`,
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
  const table = new PairCounter();
  for (let i = 0; i < 5000; i++) table.add(i, 7, 1);
  const bytes = table.byteLength;
  table.clear();
  for (let i = 0; i < 5000; i++) table.add(i, 9, 2);
  assert.equal(table.byteLength, bytes);
  assert.equal(table.counts[table.entry(4999, 9)], 2);
});
