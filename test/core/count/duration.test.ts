import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundText, durationBucket } from '../../../server/core/count/duration.ts';

test('a duration on a bound belongs to the bucket it closes', () => {
  assert.deepEqual(
    [0, 5, 5.001, 60_000, 60_001, 1e9].map((ms) => boundText(durationBucket(ms))),
    ['0.005', '0.005', '0.01', '60', '90', '+Inf'],
  );
});
