import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SourceState } from '../../../server/core/detect/source-state.ts';
import { RecurringFailures } from '../../../server/core/detect/recurring-failures.ts';
import { MONDAY, pages, play } from '../../support/traffic.ts';

const hour = '200x150 500x50 ×40s | 200x200 ×3560s';
const times = (n: number, what: string): string => Array.from({ length: n }, () => what).join(' | ');

test('failures at the same minute of each hour wake someone twice and are a habit then', () => {
  const { incidents } = play(`200x200 ×26h | ${times(24, hour)}`);
  assert.equal(incidents.filter(({ severity }) => severity === 'page').length, 2);
});

test('a habit that is worse or longer than before pages', () => {
  const before = `200x200 ×26h | ${times(6, hour)}`;
  assert.equal(pages(play(`${before} | 200x50 500x150 ×40s | 200x200 ×1h`)).length, 3);
  assert.equal(pages(play(`${before} | 200x150 500x50 ×20m | 200x200 ×1h`)).length, 3);
});

test('the same failures at any other minute page', () => {
  assert.equal(
    pages(play(`200x200 ×26h | ${times(6, hour)} | 200x200 ×25m | 200x150 500x50 ×40s | 200x200 ×1h`)).length,
    3,
  );
});

test('what comes at the same time of each day is a habit from the third day on', () => {
  const day = '200x50 502x150 ×5m | 200x200 ×86100s';
  assert.equal(pages(play(`200x200 ×26h | ${times(7, day)}`)).length, 2);
});

test('what comes and goes by turns of minutes is no habit', () => {
  assert.equal(
    pages(
      play(
        `200x200 ×26h | ${times(4, '200x100 500x100 ×4m | 200x200 ×4m')} | 200x200 ×3h | 200x100 500x100 ×4m | 200x200 ×1h`,
      ),
    ).length,
    2,
  );
});

test('habits are kept across restarts', () => {
  const kept = new SourceState('shop', MONDAY);
  for (const h of [1, 2]) for (let s = 0; s < 40; s += 10) kept.habits.seen(MONDAY + h * 3600 + s, 0.3);
  const again = new RecurringFailures();
  again.restore((JSON.parse(JSON.stringify(kept.learning)) as typeof kept.learning).habits!);
  assert.equal(again.excuse(MONDAY + 3 * 3600 + 20, 0.3), true);
  assert.equal(again.excuse(MONDAY + 3 * 3600 + 1200, 0.3), false);
});
