import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Delta } from '../../../server/core/count/delta.ts';
import { Hit } from '../../../server/core/hit.ts';
import { dimensionOf } from '../../../server/core/count/value-id.ts';
import { fill, valuesOver, type HitFields } from '../../store/support.ts';
import { MemoryDictionary } from '../../../server/core/count/memory-dictionary.ts';

const dictionary = new MemoryDictionary();
const values = valuesOver(dictionary);
const hit = new Hit();

interface Given extends HitFields {
  source: number;
  ts: number;
}

const anyHit: fc.Arbitrary<Given> = fc.record({
  source: fc.integer({ min: 1, max: 3 }),
  ts: fc.oneof(
    fc.integer({ min: 0, max: 5_000 }),
    fc.integer({ min: -10, max: 2 ** 42 }),
    fc.constant(1_700_000_059_999),
  ),
  code: fc.constantFrom(0, 9, 200, 200, 404, 502, 999),
  method: fc.constantFrom('GET', 'POST', undefined, '-'),
  path: fc.constantFrom('/a', '/b/1', '/b/2?x', undefined),
  host: fc.constantFrom('h', undefined),
  upstream: fc.constantFrom('u1', 'u1, u2', undefined),
  client: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  durationMs: fc.constantFrom(0, 4, 60_000, 1e9, undefined),
  count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 40 })),
});

function deltaOf(hits: readonly Given[]): Delta {
  const delta = new Delta(values);
  for (const given of hits) delta.add(fill(hit, given), given.source, given.ts);
  return delta;
}

/** All counters, in an order of their own. */
function contents(delta: Delta): string[] {
  const rows: string[] = [`hits ${delta.hits}`];
  delta.forEachCount((source, second, code, count) => rows.push(`${source} ${second} ${code} = ${count}`));
  delta.forEachValue((id, minute, code, count) => rows.push(`value ${id} ${minute} ${code} = ${count}`));
  return rows.sort();
}

test('counts by second, source and code', () => {
  const rows: unknown[] = [];
  deltaOf([
    { source: 7, ts: 1999, code: 502 },
    { source: 7, ts: 1000, code: 502, count: 16 },
    { source: 8, ts: 2000, code: 0 },
  ]).forEachCount((...row) => rows.push(row));
  assert.deepEqual(rows, [
    [7, 1, 502, 17],
    [8, 2, 0, 1],
  ]);
});

test('clients are counted only for failed requests', () => {
  const clients = (code: number): number => {
    let n = 0;
    deltaOf([{ source: 1, ts: 0, code, client: '192.0.2.1' }]).forEachValue((id) => {
      if (dimensionOf(id) === 5) n++;
    });
    return n;
  };
  assert.deepEqual([clients(399), clients(400)], [0, 1]);
});

test('what is encoded decodes to the same', () => {
  fc.assert(
    fc.property(fc.array(anyHit, { maxLength: 200 }), (hits) => {
      const delta = deltaOf(hits),
        again = new Delta();
      again.decode(delta.encode());
      assert.deepEqual(contents(again), contents(delta));
    }),
  );
});

test('a cut-off journal row is an error, not a wrong count', () => {
  const bytes = deltaOf([{ source: 1, ts: 1e12, code: 200, path: '/a' }]).encode();
  assert.throws(() => new Delta().decode(bytes.subarray(0, bytes.length - 1)), /cut off/);
});

test('merging is addition: of any cut of the hits, in any order', () => {
  fc.assert(
    fc.property(fc.array(anyHit, { maxLength: 200 }), fc.nat(), (hits, at) => {
      const cut = hits.length === 0 ? 0 : at % hits.length;
      const [a, b] = [deltaOf(hits.slice(0, cut)), deltaOf(hits.slice(cut))];
      b.merge(a);
      assert.deepEqual(contents(b), contents(deltaOf(hits)));
    }),
  );
});

test('a cleared delta is as good as new', () => {
  const used = deltaOf(Array.from({ length: 1000 }, (_, i) => ({ source: 1, ts: i * 1000, path: `/p${i}` })));
  used.clear();
  assert.deepEqual(contents(used), ['hits 0']);
  used.add(fill(hit, { path: '/a' }), 1, 0);
  assert.deepEqual(contents(used), contents(deltaOf([{ source: 1, ts: 0, path: '/a' }])));
});
