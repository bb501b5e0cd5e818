import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseTime } from '#shared/time-range.ts';

const now = 1_800_000_000_000;

test('numbers are seconds or milliseconds, told by their size', () => {
  assert.equal(parseTime('1700000000', now), 1_700_000_000_000);
  assert.equal(parseTime('1700000000.5', now), 1_700_000_000_500);
  assert.equal(parseTime('1700000000123', now), 1_700_000_000_123);
});

test('ISO 8601 is taken with and without a zone', () => {
  assert.equal(parseTime('2026-01-02T03:04:05Z', now), Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.equal(parseTime('2026-01-02T03:04:05+01:00', now), Date.UTC(2026, 0, 2, 2, 4, 5));
  assert.equal(parseTime('2026-01-02', now), Date.UTC(2026, 0, 2));
});

test('now and now-15m count from now', () => {
  assert.equal(parseTime('now', now), now);
  assert.equal(parseTime('now-15m', now), now - 900_000);
  assert.equal(parseTime('now - 7d', now), now - 7 * 86_400_000);
});

test('anything else is no time', () => {
  for (const text of ['', 'yesterday', '-5', '1e9', 'now-15', 'now-m', '15m', '2026-13-45'])
    assert.equal(parseTime(text, now), undefined, text);
});
