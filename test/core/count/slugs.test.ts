import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hit } from '../../../server/core/hit.ts';
import { Slugs } from '../../../server/core/count/slugs.ts';
import { Values } from '../../../server/core/count/values.ts';
import { causes, fill, valuesOver } from '../../store/support.ts';
import { MemoryDictionary } from '../../../server/core/count/memory-dictionary.ts';

const ROUTE_BYTES = 192;
const taught = Buffer.alloc(ROUTE_BYTES);
const learn = (slugs: Slugs, route: string): boolean => slugs.learn(1, taught, taught.write(route));
function apply(slugs: Slugs, source: number, route: string): string {
  const bytes = Buffer.alloc(ROUTE_BYTES);
  return bytes.toString('utf8', 0, slugs.apply(source, bytes, bytes.write(route)));
}

const teach = (slugs: Slugs, n: number, route: (i: number) => string): boolean => {
  let any = false;
  for (let i = 0; i < n; i++) any = learn(slugs, route(i)) || any;
  return any;
};
const word = (i: number): string => [...String(i)].map((d) => 'abcdefghij'[Number(d)]).join('');

test('a folder of many titles becomes one route, and so does what lies below them', () => {
  const slugs = new Slugs();
  assert.ok(teach(slugs, 60, (i) => `/blog/how-to-${word(i)}`));
  assert.equal(apply(slugs, 1, '/blog/something-else/comments'), '/blog/{slug}/comments');
  assert.equal(apply(slugs, 1, '/about'), '/about');
  assert.equal(apply(slugs, 2, '/blog/something-else'), '/blog/something-else');
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
  assert.equal(apply(new Slugs(new Map([[1, slugs.of(1)]])), 1, '/blog/x'), '/blog/{slug}');
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

test('a learned folder whose name holds a slug itself, and routes too long for what they become', () => {
  const slugs = new Slugs(new Map([[1, ['/a', '/a/{slug}/b']]]));
  assert.equal(apply(slugs, 1, '/a/x/b/y/c'), '/a/{slug}/b/{slug}/c');
  assert.equal(apply(slugs, 1, '/a/x/c/y'), '/a/{slug}/c/y');
  assert.equal(apply(slugs, 1, '/a'), '/a');
  assert.equal(apply(slugs, 1, '/'), '/');
  assert.equal(apply(slugs, 1, `/a/x/${'y'.repeat(ROUTE_BYTES - 5)}`), `/a/{slug}/${'y'.repeat(ROUTE_BYTES - 10)}`);
});

test('what a flood of paths leaves behind is bounded, and learning goes on after it', () => {
  const slugs = new Slugs();
  for (let i = 0; i < 500; i++) learn(slugs, `/x${word(i)}/${word(i * 7)}`);
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 300_000; i++) learn(slugs, `/x${word(i)}/${word(i * 7)}/${word(i * 31)}`);
  const grown = (process.memoryUsage.rss() - before) / 1e6;
  assert.ok(grown < 100, `${Math.round(grown)} MB`); // it was 240, a set and some strings a folder
  assert.ok(teach(slugs, 60, (i) => `/blog/how-to-${word(i)}`));
  assert.equal(apply(slugs, 1, '/blog/something-else/comments'), '/blog/{slug}/comments');
  assert.equal(apply(slugs, 1, '/about'), '/about');
  assert.equal(apply(slugs, 2, '/blog/something-else'), '/blog/something-else');
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
  assert.equal(apply(new Slugs(new Map([[1, slugs.of(1)]])), 1, '/blog/x'), '/blog/{slug}');
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

test('a learned folder whose name holds a slug itself, and routes too long for what they become', () => {
  const slugs = new Slugs(new Map([[1, ['/a', '/a/{slug}/b']]]));
  assert.equal(apply(slugs, 1, '/a/x/b/y/c'), '/a/{slug}/b/{slug}/c');
  assert.equal(apply(slugs, 1, '/a/x/c/y'), '/a/{slug}/c/y');
  assert.equal(apply(slugs, 1, '/a'), '/a');
  assert.equal(apply(slugs, 1, '/'), '/');
  assert.equal(apply(slugs, 1, `/a/x/${'y'.repeat(ROUTE_BYTES - 5)}`), `/a/{slug}/${'y'.repeat(ROUTE_BYTES - 10)}`);
});

test('what a flood of paths leaves behind is bounded, and learning goes on after it', () => {
  const slugs = new Slugs();
  for (let i = 0; i < 500; i++) learn(slugs, `/x${word(i)}/${word(i * 7)}`);
  const before = process.memoryUsage();
  for (let i = 0; i < 300_000; i++) learn(slugs, `/x${word(i)}/${word(i * 7)}/${word(i * 31)}`);
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grown < 30e6, `${Math.round(grown / 1e6)} MB`);
  assert.ok(teach(slugs, 60, (i) => `/blog/how-to-${word(i)}`));
});
