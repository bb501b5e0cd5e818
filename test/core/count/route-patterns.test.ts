import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hit } from '../../../server/core/hit.ts';
import { RoutePatterns } from '../../../server/core/count/route-patterns.ts';
import { Values } from '../../../server/core/count/values.ts';
import { causes, fill } from '../../store/support.ts';
import { MemoryDictionary } from '../../../server/core/count/memory-dictionary.ts';

test('a written route takes the paths it is made for, before anything is guessed', () => {
  const dictionary = new MemoryDictionary();
  const values = new Values({
    dictionary,
    ...causes,
    routes: new RoutePatterns(['/shop/{product}/reviews', '/v1/2024/{rest}', '/files/*']),
  });
  const hit = new Hit();
  const routeOf = (path: string) => dictionary.textOf(values.route(fill(hit, { path }), 1, 0));
  assert.equal(routeOf('/shop/red-shoes/reviews?page=2'), '/shop/{product}/reviews');
  assert.equal(routeOf('/shop/red-shoes/reviews?page=3'), '/shop/{product}/reviews');
  assert.equal(routeOf('/v1/2024/17'), '/v1/2024/{rest}');
  assert.equal(routeOf('/files/a/b/c.pdf'), '/files/*');
  assert.equal(routeOf('/shop/red-shoes/17'), '/shop/red-shoes/{id}');
  assert.equal(routeOf('/files'), '/files');
});

test('what is no route is refused by name', () => {
  for (const bad of ['', 'shop', '/a b', '/{', '/a*', '/*/b', '/{a}{b}', `/${'x'.repeat(200)}`])
    assert.throws(() => new RoutePatterns([bad]), RangeError);
  for (const good of ['/', '/*', '/a', '/a/', '/{a}/b/*']) new RoutePatterns([good]);
});
