import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hit } from '../../../server/core/hit.ts';
import { Slugs } from '../../../server/core/count/slugs.ts';
import { MemoryDictionary, Values } from '../../../server/core/count/values.ts';
import { causes, fill, valuesOver } from '../../store/support.ts';

const teach = (slugs: Slugs, n: number, route: (i: number) => string): boolean => {
  let taught = false;
  for (let i = 0; i < n; i++) taught = slugs.learn(1, route(i)) || taught;
  return taught;
};
const word = (i: number): string => [...String(i)].map((d) => 'abcdefghij'[Number(d)]).join('');

test('a folder of many titles becomes one route, and so does what lies below them', () => {
  const slugs = new Slugs();
  assert.ok(teach(slugs, 60, (i) => `/blog/how-to-${word(i)}`));
  assert.equal(slugs.apply(1, '/blog/something-else/comments'), '/blog/{slug}/comments');
  assert.equal(slugs.apply(1, '/about'), '/about');
  assert.equal(slugs.apply(2, '/blog/something-else'), '/blog/something-else');
});

test('a folder of a hundred plain words is an API, of three hundred it is not', () => {
  const slugs = new Slugs();
  assert.ok(!teach(slugs, 100, (i) => `/api/${word(i)}`));
  assert.ok(teach(slugs, 300, (i) => `/api/${word(i)}`));
});

test('what was learned is given back, and known after a restart', () => {
  const slugs = new Slugs();
  teach(slugs, 60, (i) => `/blog/a-${word(i)}`);
  assert.deepEqual(slugs.of(1), ['/blog']);
  assert.equal(new Slugs(new Map([[1, slugs.of(1)]])).apply(1, '/blog/x'), '/blog/{slug}');
});

test('once learned, titles are one route, and what has much traffic keeps its name', () => {
  const dictionary = new MemoryDictionary();
  const told: [number, string[]][] = [];
  const values = new Values({ dictionary, ...causes, onLearned: (...what) => told.push(what) });
  const hit = new Hit();
  const routeOf = (path: string, code = 200) => dictionary.textOf(values.route(fill(hit, { path, code }), 1, 0));
  for (let i = 0; i < 200; i++) {
    routeOf(`/shop/red-${word(i)}?x=${i}`);
    routeOf('/shop/cart');
  }
  assert.deepEqual(told, [[1, ['/shop']]]);
  assert.equal(routeOf('/shop/red-a'), '/shop/{slug}');
  assert.equal(routeOf('/shop/cart'), '/shop/cart');
  assert.equal(routeOf('/shop/red-a/reviews'), '/shop/{slug}/reviews');
  assert.equal(routeOf('/shop'), '/shop');
});

test('what lies at the root keeps its name', () => {
  const slugs = new Slugs();
  assert.ok(!teach(slugs, 1000, (i) => `/a-${word(i)}`));
});

test('a scan of what is not there teaches nothing', () => {
  const dictionary = new MemoryDictionary();
  const values = valuesOver(dictionary);
  const hit = new Hit();
  for (let i = 0; i < 1000; i++) values.route(fill(hit, { path: `/wp/a-${word(i)}`, code: 404 }), 1, 0);
  for (let i = 0; i < 10; i++)
    assert.notEqual(
      dictionary.textOf(values.route(fill(hit, { path: `/wp/my-${word(i)}`, code: 200 }), 1, 1)),
      '/wp/{slug}',
    );
});
