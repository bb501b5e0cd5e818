import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { routeBytes, routeOf, ROUTE_BYTES } from '../../../server/core/count/route.ts';

const routes: readonly [path: string, route: string][] = [
  ['/', '/'],
  ['/users/8812/orders/3f2a9c1e-1234-4abc-8def-001122334455?page=2', '/users/{id}/orders/{uuid}'],
  ['/x?q=1#top', '/x'],
  ['/a;jsessionid=55AA/b', '/a/b'],
  ['//a///b/', '/a/b/'],
  ['/v1/web-2/login.php', '/v1/web-2/login.php'],
  ['/order-12345/user90210', '/order-{id}/user{id}'],
  ['/commit/9fceb02d0ae598e95dc970b74767f19372d61af8', '/commit/{hash}'],
  ['/pods/web-7d4b9c6f5d-x2x', '/pods/web-{hash}-x2x'],
  ['/log/2024-01-31/day', '/log/{date}/day'],
  ['/to/bob@example.com', '/to/{email}'],
  ['/to/bob%40example.com', '/to/{email}'],
  ['/host/10.0.0.1', '/host/{ip}'],
  ['/s/AbC123dEf456GhI789xyz', '/s/{token}'],
  ['/%E4%BD%A0%E5%A5%BD/x', '/{slug}/x'],
  ['/blog/how-to-tell-a-502-from-the-504-that-follows-it', '/blog/{slug}'],
  ['/assets/app.81bd2f.js', '/assets/*.js'],
  ['/IMG_0001.JPG', '/*.jpg'],
  ['/favicon.ico', '/favicon.ico'],
  ['http://example.com/a/1?x', '/a/{id}'],
  ['http://example.com', '/'],
  ['example.com:443', '{authority}'],
  ['*', '*'],
  ['\x16\x03\x01', '{invalid}'],
  ['/__proto__/constructor', '/__proto__/constructor'],
];

for (const [path, route] of routes) {
  test(`${JSON.stringify(path)} is of route ${route}`, () => assert.equal(routeOf(path), route));
}

test('a path of any depth and length gives a bounded route', () => {
  assert.equal(routeOf('/a'.repeat(3000)), `${'/a'.repeat(10)}/{rest}`);
  assert.equal(routeOf(`/${'x'.repeat(60_000)}`), '/{token}');
});

test('any bytes give a route that is short, printable and the same every time', () => {
  const out = new Uint8Array(ROUTE_BYTES);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, slash) => {
      if (slash) bytes = Uint8Array.from([0x2f, ...bytes]);
      const length = routeBytes(bytes, 0, bytes.length, out);
      assert.ok(length > 0 && length <= ROUTE_BYTES);
      const route = Buffer.from(out.subarray(0, length)).toString('latin1');
      assert.match(route, /^[\x21-\x7e]+$/);
      assert.equal(routeBytes(bytes, 0, bytes.length, out), length);
    }),
  );
});

test('a route of deep paths of long words never overruns its space', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z0-9-]{1,50}$/), { maxLength: 20 }), (words) => {
      assert.ok(routeOf(`/${words.join('/')}`).length <= ROUTE_BYTES);
    }),
  );
});
