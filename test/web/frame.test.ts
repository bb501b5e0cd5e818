// Frames: what the timeline draws from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byClass, frameOfSeries, fullOf, isGap, only, thin, totalOf } from '../../web/src/lib/frame.ts';
import { boundOf, bucketsOf } from '../../web/src/lib/percentile.ts';
import { timeTicks } from '../../web/src/lib/time-ticks.ts';

const series = {
  from: 0,
  to: 50_000,
  step: 10_000,
  by: 'code',
  oldest: null,
  sampled: [],
  gaps: [{ from: 20_000, to: 30_000 }],
  series: [
    { key: '200', counts: [1, 2, 0, 4, 5] },
    { key: '502', counts: [0, 1] },
    { key: '0', counts: [0, 0, 0, 0, 9] },
  ],
};

test('a series becomes a frame whose short rows are filled up, and whose classes add up', () => {
  const frame = frameOfSeries(series, 50_000);
  assert.equal(frame.n, 5);
  assert.deepEqual(byClass(frame)['5xx'], [0, 1, 0, 0, 0]);
  assert.deepEqual(byClass(frame).other, [0, 0, 0, 0, 9]);
  assert.equal(totalOf(frame), 22);
  assert.equal(totalOf(only(frame, '5xx', null)), 1);
  assert.equal(totalOf(only(frame, null, 200)), 12);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => isGap(frame, i)),
    [false, false, true, false],
  );
});

test('thinned, what is level stays level, and what rises rises', () => {
  assert.deepEqual(new Set(thin(new Array<number>(91).fill(7), 40)), new Set([7]));
  const rising = thin(
    Array.from({ length: 90 }, (_, i) => i),
    40,
  );
  assert.equal(rising.length, 40);
  assert.ok(rising.every((x, i) => i === 0 || x > rising[i - 1]));
  assert.deepEqual(thin([1, 2], 40), [1, 2]);
});

test('the bucket that is being filled is not full, and one of the past is', () => {
  assert.deepEqual(
    [34_000, 40_000, Infinity, -5000].map((asOf) => fullOf(frameOfSeries(series, asOf))),
    [3, 4, 5, 1],
  );
});

test('ticks stand at round times, as many as fit', () => {
  const from = Date.UTC(2026, 10, 23, 11, 49, 10);
  assert.deepEqual(
    timeTicks(from, from + 15 * 60_000, 8, true).map((t) => t.text),
    ['11:50', '11:52', '11:54', '11:56', '11:58', '12:00', '12:02', '12:04'],
  );
  assert.deepEqual(
    timeTicks(from, from + 7 * 86_400_000, 8, true).map((t) => t.text),
    ['24 Nov', '25 Nov', '26 Nov', '27 Nov', '28 Nov', '29 Nov', '30 Nov'],
  );
});

test('a percentile is the bound under which that share lies', () => {
  const buckets = bucketsOf([
    { value: '+Inf', count: 1 },
    { value: '0.1', count: 90 },
    { value: '2.5', count: 9 },
  ]);
  assert.deepEqual(
    [0.5, 0.95, 0.99, 1].map((p) => boundOf(buckets, p)),
    [0.1, 2.5, 2.5, Infinity],
  );
  assert.equal(boundOf([], 0.5), null);
});
