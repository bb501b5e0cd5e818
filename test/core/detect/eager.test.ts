import { test } from 'node:test';
import assert from 'node:assert/strict';
import { pages, play } from '../../support/traffic.ts';

test('failures that no restart makes page within twenty seconds from 5 % of a busy source on', () => {
  for (const code of [500, 504]) {
    assert.ok(play(`200x2000 ×3h | 200x1900 ${code}x100 ×5m`).pagedAfter! <= 20);
  }
});

test('what a restart makes has half a minute', () => {
  for (const code of [502, 503])
    assert.equal(pages(play(`200x2000 ×3h | 200x1720 ${code}x280 ×20s | 200x2000 ×10m`)).length, 0);
});

test('more failures a second than one client makes page within twenty seconds at 1.5 %, by night too', () => {
  for (const n of [10_000, 30_000])
    assert.ok(play(`200x30000 ×12h | 200x${n} ×1h | 200x${n * 0.97} 500x${n * 0.03} ×5m`).pagedAfter! <= 20);
  assert.ok(play('200x30000 ×6h | 200x29400 500x600 ×5m').pagedAfter! <= 20);
});

test('everything answered 301 or 404 pages within twenty seconds, ten seconds of it do not', () => {
  for (const code of [301, 404]) {
    assert.ok(play(`200x90 ${code}x5 ×3h | ${code}x95 ×5m`).pagedAfter! <= 20);
    assert.equal(pages(play(`200x90 ${code}x5 ×3h | ${code}x95 | 200x90 ${code}x5 ×10m`)).length, 0);
  }
});

test('on a source that always fails a little, a blip is judged by what it adds, and a level that triples pages', () => {
  assert.equal(pages(play('200x392 500x8 ×12h | 200x348 500x8 503x44 ×20s | 200x392 500x8 ×10m')).length, 0);
  assert.ok(play('200x392 500x8 ×12h | 200x376 500x24 ×20m').pagedAfter! <= 120);
});
