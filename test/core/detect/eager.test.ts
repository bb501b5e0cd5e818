import { test } from 'node:test';
import assert from 'node:assert/strict';
import { pages, play } from '../../support/traffic.ts';

test('failures that no restart makes page within twenty seconds from 5 % of a busy source on', () => {
  for (const code of [500, 504]) {
    assert.ok(play(`200x2000 ×3h | 200x1900 ${code}x100 ×5m`).pagedAfter! <= 20);
  }
});

test('what a restart makes has half a minute', () => {
  for (const code of [502, 503]) assert.equal(pages(play(`200x2000 ×3h | 200x1720 ${code}x280 ×20s | 200x2000 ×10m`)).length, 0);
});
