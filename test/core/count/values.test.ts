import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Hit } from '../../../server/core/hit.ts';
import { routeOf } from '../../../server/core/count/route.ts';
import { dimensionOf, numberOf, sourceOf, UPSTREAM, valueId } from '../../../server/core/count/value-id.ts';
import { fill, hitOf, valuesOver } from '../../store/support.ts';
import { MemoryDictionary } from '../../../server/core/count/memory-dictionary.ts';

const ROUTES_MAX = 500;

test('a value id says its source and dimension, and its text', () => {
  const dictionary = new MemoryDictionary();
  const id = valuesOver(dictionary).route(hitOf({ path: '/users/17' }), 1023, 0);
  assert.deepEqual([sourceOf(id), dimensionOf(id), dictionary.textOf(id)], [1023, 2, '/users/{id}']);
});

test('however many paths were seen before, each is counted under its own route (law)', () => {
  const part = fc.constantFrom(
    '/',
    '/',
    '/',
    '1',
    '42',
    '77003',
    'a',
    'v2',
    'x-1',
    '?',
    '#',
    ';',
    '.',
    '%20',
    '1a',
    '//',
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.array(part, { minLength: 1, maxLength: 9 }).map((parts) => `/${parts.join('')}`),
        { maxLength: 60 },
      ),
      (paths) => {
        const dictionary = new MemoryDictionary();
        const values = valuesOver(dictionary);
        for (const path of paths)
          assert.equal(dictionary.textOf(values.route(hitOf({ path, code: 404 }), 1, 0)), routeOf(path), path);
      },
    ),
  );
});

test('what is absent, empty or "-" is not counted in its dimension', () => {
  const values = valuesOver(new MemoryDictionary());
  for (const path of [undefined, '', '-']) assert.equal(values.route(hitOf({ path }), 1, 0), 0);
  assert.equal(values.duration(hitOf({}), 1), 0);
  assert.equal(values.cause(hitOf({ code: 200 }), 1), 0);
});

test('hosts are told apart without regard to case, upstream lists by the last attempt, methods only if they are tokens', () => {
  const dictionary = new MemoryDictionary();
  const values = valuesOver(dictionary);
  assert.equal(values.host(hitOf({ host: 'Example.COM' }), 1, 0), values.host(hitOf({ host: 'example.com' }), 1, 0));
  assert.equal(
    dictionary.textOf(values.upstream(hitOf({ upstream: '10.0.0.1:80, 10.0.0.2:80 : unix:/run/a.sock' }), 1, 0)),
    'unix:/run/a.sock',
  );
  assert.equal(dictionary.textOf(values.upstream(hitOf({ upstream: 'app/<NOSRV>' }), 1, 0)), 'app/<NOSRV>');
  assert.equal(numberOf(values.method(hitOf({ method: '\x16\x03\x01' }), 1, 0)), 0);
});

test('a flood of distinct values takes no more seats than there are, and leaves those who matter theirs', () => {
  const dictionary = new MemoryDictionary();
  const values = valuesOver(dictionary);
  const hit = new Hit();
  const home = values.route(fill(hit, { path: '/home' }), 1, 0);
  const ids = new Set<number>();
  for (let i = 0; i < 100_000; i++) {
    ids.add(values.route(fill(hit, { path: `/x${i.toString(36)}y` }), 1, 0));
    if (i % 100 === 0) assert.equal(values.route(fill(hit, { path: '/home' }), 1, 0), home);
  }
  assert.ok(ids.size <= ROUTES_MAX + 100, `${ids.size} values`);
});

test('a route that becomes busy after a flood is told by name again', () => {
  const dictionary = new MemoryDictionary();
  const values = valuesOver(dictionary);
  const hit = new Hit();
  for (let i = 0; i < 5000; i++) values.route(fill(hit, { path: `/x${i.toString(36)}y` }), 1, 0);
  let id = 0;
  for (let i = 0; i < 100; i++) id = values.route(fill(hit, { path: '/checkout' }), 1, 1);
  assert.equal(dictionary.textOf(id), '/checkout');
});

test('a path remembers its route only as long as the route has its seat', () => {
  const dictionary = new MemoryDictionary();
  const values = valuesOver(dictionary);
  const hit = new Hit();
  const counts = new Map<string | undefined, number>();
  for (let minute = 0; minute < 50; minute++) {
    for (let i = 0; i < 600; i++) {
      for (let times = 0; times < 3; times++) {
        const route = `/r${((i + minute * 37) % 2000).toString(36)}z`;
        const text = dictionary.textOf(values.route(fill(hit, { path: route }), 1, minute));
        if (text !== undefined) assert.equal(text, route);
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
  }
  assert.ok(counts.size > ROUTES_MAX);
});

test('durations are kept of the fifty values with most hits; the rest counts under other', () => {
  const dictionary = new MemoryDictionary(),
    values = valuesOver(dictionary),
    hit = new Hit();
  const seen = (upstream: string): string | undefined => {
    const id = values.upstream(fill(hit, { upstream }), 1, 0);
    assert.equal(dictionary.textOf(id), upstream);
    assert.ok(values.measured === id || values.measured === valueId(1, UPSTREAM, 0));
    return dictionary.textOf(values.measured);
  };
  const measured = (): Set<string | undefined> => new Set(Array.from({ length: 120 }, (_, i) => seen(`u${i}`)));
  assert.deepEqual(measured(), new Set([...Array.from({ length: 50 }, (_, i) => `u${i}`), undefined]));
  for (let n = 0; n < 400; n++) for (let i = 60; i < 110; i++) seen(`u${i}`);
  assert.deepEqual(measured(), new Set([...Array.from({ length: 50 }, (_, i) => `u${i + 60}`), undefined]));
  assert.equal(values.host(fill(hit, {}), 1, 0), 0);
  assert.equal(values.measured, 0);
});
