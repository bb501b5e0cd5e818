import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundText, durationBucket, quantile } from '../../../server/core/count/duration.ts';

test('a duration on a bound belongs to the bucket it closes', () => {
  assert.deepEqual([0, 5, 5.001, 60_000, 60_001, 1e9].map((ms) => boundText(durationBucket(ms))), ['0.005', '0.005', '0.01', '60', '90', '+Inf']);
});

test('quantiles are interpolated within their bucket, and never beyond the last finite bound', () => {
  assert.equal(quantile(0.5, new Map([['0.1', 10], ['0.25', 10]])), 0.1);
  assert.equal(quantile(0.75, new Map([['0.1', 10], ['0.25', 10]])), 0.175);
  assert.equal(quantile(0.99, new Map([['+Inf', 1]])), 300);
  assert.ok(Number.isNaN(quantile(0.5, new Map())));
});
