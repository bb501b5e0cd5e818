import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Delta } from '../../../server/core/count/delta.ts';
import { Hit } from '../../../server/core/hit.ts';
import { DURATION_BOUNDS } from '../../../server/core/count/duration.ts';
import { dimensionOf } from '../../../server/core/count/value-id.ts';
import { writeVarint } from '../../../server/core/count/varint.ts';
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

/** All counters, in an order of their own; clients are not stored. */
function contents(delta: Delta, clients = true): string[] {
  const rows: string[] = [`hits ${delta.hits}`];
  delta.forEachCount((source, second, code, count) => rows.push(`${source} ${second} ${code} = ${count}`));
  delta.forEachValue((id, second, code, count) => rows.push(`value ${id} ${second} ${code} = ${count}`));
  delta.forEachDuration((id, minute, bucket, count) => rows.push(`duration ${id} ${minute} ${bucket} = ${count}`));
  delta.forEachFailing((row, count) => rows.push(`failing ${Object.values(row).join(' ')} = ${count}`));
  if (clients) return rows.sort();
  const failing = new Map<string, number>();
  delta.forEachFailing(({ client: _, ...row }, count) => {
    const key = Object.values(row).join(' ');
    failing.set(key, (failing.get(key) ?? 0) + count);
  });
  return [
    ...rows.filter((row) => !row.startsWith('failing')),
    ...[...failing].map(([key, count]) => `failing ${key} = ${count}`),
  ].sort();
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
      assert.deepEqual(contents(again, false), contents(delta, false));
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

/** By source, second and code. */
function failingOf(delta: Delta): Map<string, number> {
  const sums = new Map<string, number>();
  delta.forEachFailing(({ source, second, code }, count) => {
    const key = `${source} ${second} ${code}`;
    sums.set(key, (sums.get(key) ?? 0) + count);
  });
  return sums;
}

test('what fails is in the failing rows of its source, second and code, and nothing else is (law)', () => {
  fc.assert(
    fc.property(fc.array(anyHit, { maxLength: 200 }), (hits) => {
      const failing = failingOf(deltaOf(hits));
      deltaOf(hits).forEachCount((source, second, code, count) => {
        const expected = [0, 9, 502].includes(code) ? count : undefined;
        assert.equal(failing.get(`${source} ${second} ${code}`), expected);
      });
    }),
  );
});

test('failing rows hold all that is known of an exchange, by the ids of its values and by its client', () => {
  const rows: unknown[] = [];
  const given = { source: 7, ts: 1000, code: 502, path: '/a', upstream: 'u1', client: '192.0.2.1' };
  deltaOf([given, { ...given, count: 16 }, { ...given, client: '192.0.2.2' }]).forEachFailing(
    ({ client, route, upstream, cause, ...row }, count) => {
      rows.push({ ...row, count, texts: [route, upstream, cause].map((id) => dictionary.textOf(id)) });
      assert.notEqual(client, 0);
    },
  );
  const same = { source: 7, second: 1, code: 502, host: 0, texts: ['/a', 'u1', 'upstream_connection_refused'] };
  assert.deepEqual(rows, [
    { ...same, count: 17 },
    { ...same, count: 1 },
  ]);
});

test('more clients than are told apart leave the counts exact', () => {
  const sums = { known: 0, unknown: 0 };
  deltaOf(Array.from({ length: 10_000 }, (_, i) => ({ source: 1, ts: 0, code: 502, client: `c${i}` }))).forEachFailing(
    ({ client }, count) => (sums[client === 0 ? 'unknown' : 'known'] += count),
  );
  assert.deepEqual(sums, { known: 4096, unknown: 10_000 - 4096 });
});

test('durations are of what did not fail, by upstream, route and host', () => {
  const rows: unknown[] = [];
  const given = { source: 1, ts: 60_000, path: '/a', upstream: 'u1', durationMs: 60_000 };
  deltaOf([
    given,
    { ...given, count: 2 },
    { ...given, code: 502 },
    { ...given, durationMs: undefined },
  ]).forEachDuration((id, minute, bucket, count) =>
    rows.push([dictionary.textOf(id), minute, DURATION_BOUNDS[bucket], count]),
  );
  assert.deepEqual(rows, [
    ['/a', 1, 60, 3],
    ['u1', 1, 60, 3],
  ]);
});

test('values are counted by slots of ten seconds, and by the minute in sums that are stored', () => {
  const delta = deltaOf([
    { source: 1, ts: 59_000, method: 'GET' },
    { source: 1, ts: 60_000, method: 'GET' },
    { source: 1, ts: 70_000, method: 'GET' },
  ]);
  const seconds = (of: Delta): number[] => {
    const all: number[] = [];
    of.forEachValue((_, second, __, count) => all.push(second, count));
    return all;
  };
  assert.deepEqual(seconds(delta), [50, 1, 60, 1, 70, 1]);
  const merged = new Delta(undefined, { isStored: true }),
    decoded = new Delta(undefined, { isStored: true });
  merged.merge(delta);
  decoded.decode(delta.encode());
  for (const stored of [merged, decoded]) assert.deepEqual(seconds(stored), [0, 1, 60, 2]);
});

test('a journal row of the version before is read: it had minutes, and nothing of what failed', () => {
  const encoded = [1, 3, 1, 62, 1480, 3, 1, 1, 456, 0, 1, 0, 700, 3];
  const bytes = Buffer.alloc(200);
  let at = 0;
  for (const number of encoded) at = writeVarint(bytes, at, number);
  const delta = new Delta();
  delta.decode(bytes.subarray(0, at));
  assert.deepEqual(contents(delta), ['1 62 456 = 3', 'hits 3', 'value 700 60 456 = 3']);
});
