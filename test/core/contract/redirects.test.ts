// What a redirect does to a request: a method lost, a loop; and what looks alike and is fine.
import assert from 'node:assert/strict';
import test from 'node:test';
import { T, client, found, times } from './sightings.ts';

test('POST answered 301, and the same client comes back with GET to nothing', () => {
  const lost = times(5, (i) => ({
    client: client(i),
    at: T + i * 1000,
    method: 'POST',
    route: '/v1/orders',
    code: 301,
  })).flatMap((post) => [post, { ...post, at: post.at! + 50, method: 'GET', route: '/v2/orders', code: 404 }]);
  const [f] = found('post-redirected', lost);
  assert.match(f.title, /^POST \/v1\/orders is answered 301, and clients come back with GET$/);
  assert.match(f.evidence[1], /^5 times the same client sent GET \/v2\/orders/);
  assert.deepEqual(f.codes, [301, 404]);
});

test('a form that answers 302 to its page is no finding', () => {
  assert.deepEqual(
    found(
      'post-redirected',
      times(50, (i) => ({ client: client(i), method: 'POST', route: '/login', code: 302 })).flatMap((p) => [
        p,
        { ...p, method: 'GET', route: '/home', code: 200 },
      ]),
    ),
    [],
  );
});

test('an API whose POST is moved by 308 is no finding', () => {
  assert.deepEqual(
    found(
      'post-redirected',
      times(50, () => ({ method: 'POST', route: '/v1/orders', code: 308 })),
    ),
    [],
  );
});

test('a client that is redirected to the same path until it gives up is in a loop; a check or a load test is not', () => {
  const browser = times(20, (i) => ({ at: T + Math.floor(i / 8) * 1000, code: 308, path: '/shop', route: '/shop' }));
  const [f] = found('redirect-loop', browser);
  assert.equal(f.title, 'Redirect loop at /shop');
  assert.deepEqual([f.hits, f.codes], [20, [308]]);
  assert.match(f.evidence[0], /^20 responses 308 went to clients .* 1 time, up to 20 in a row/);
  // once a second, following nothing
  assert.deepEqual(
    found(
      'redirect-loop',
      times(600, (i) => ({ at: T + i * 1000, code: 301 })),
    ),
    [],
  );
  // hundreds at once, following nothing
  assert.deepEqual(
    found(
      'redirect-loop',
      times(600, (i) => ({ at: T + i * 5, code: 301 })),
    ),
    [],
  );
  // one redirect each, of many clients
  assert.deepEqual(
    found(
      'redirect-loop',
      times(600, (i) => ({ at: T + i * 5, code: 301, client: client(i) })),
    ),
    [],
  );
});
