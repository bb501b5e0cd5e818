// Sources whose requests come seldom, and traffic that goes.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { pages, play } from '../../support/traffic.ts';

const times = (n: number, what: string): string => Array.from({ length: n }, () => what).join(' | ');
const ran = '200x1 | — ×3590s',
  failed = '502x1 | — ×3590s';

test('an hourly job pages at its third failed run, names the code, and recovers', () => {
  const played = play(`${times(40, ran)} | ${times(6, failed)} | ${times(6, ran)}`);
  assert.deepEqual(
    pages(played).map(({ rule, codes, state }) => [rule, codes, state]),
    [['every-request', [502], 'resolved']],
  );
  assert.equal(pages(play(`${times(40, ran)} | ${times(2, failed)} | ${times(6, ran)}`)).length, 0);
});

test('one that fails a third of its runs does not page for three in a row', () => {
  const third = `${times(2, ran)} | ${failed}`;
  const { transitions } = play(`${times(40, third)} | ${times(3, failed)} | ${times(3, ran)}`);
  assert.ok(!transitions.some(({ verdict }) => verdict?.rule === 'every-request'));
});

test('three days of a daily job are judged too', () => {
  const day = (what: string): string => `${what} | — ×86390s`;
  assert.deepEqual(
    pages(play(`${times(20, day('200x1'))} | ${times(4, day('500x1'))}`)).map(({ rule }) => rule),
    ['every-request'],
  );
});

test('traffic that falls to a fiftieth pages as silence does, and one that falls to a third does not', () => {
  const played = play('200x100 404x5 ×26h | 200x2 ×10m | 200x100 404x5 ×1h');
  assert.deepEqual(
    pages(played).map(({ rule, codes, state }) => [rule, codes.length, state]),
    [['traffic-vanished', 0, 'resolved']],
  );
  assert.ok(play('200x100 404x5 ×26h | 200x2 ×10m').pagedAfter! <= 130);
  assert.equal(pages(play('200x100 ×26h | 200x30 ×1h | 200x100 ×1h')).length, 0);
});

test('the end of a crawl, of a campaign or of a burst that comes each hour is no fall', () => {
  assert.equal(pages(play('200x20 ×26h | 200x20 404x900 ×1h | 200x20 404x1 ×1h')).length, 0);
  assert.equal(pages(play('200x20 ×26h | 200x600 ×30m | 200x20 ×1h')).length, 0);
  assert.equal(pages(play(times(72, '200x900 ×20m | 200x2 ×40m'))).length, 0);
});
