// Numbers and times as the dashboard writes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, duration, timestampText } from '../../web/src/lib/format.ts';

/** With ordinary spaces, to be read here. */
const plain = (text: string) => text.replaceAll('\u202f', ' ');

test('a duration is said in its largest unit, and the next while that is small', () => {
  const said = [
    0,
    240,
    999,
    45_000,
    60_000,
    6 * 60_000 + 30_000,
    2 * 3_600_000 + 5 * 60_000,
    26 * 3_600_000,
    12 * 86_400_000,
    4205 * 86_400_000,
  ].map((ms) => plain(duration(ms)));
  assert.deepEqual(said, ['0 s', '240 ms', '999 ms', '45 s', '1 min', '6 min', '2 h 5 min', '1 d 2 h', '12 d', '11 y']);
});

test('a change is a count while it is small, a percentage when there is enough to have one', () => {
  const said = [
    change(5, 5),
    change(12, 4),
    change(4, 12),
    change(24_810, 8),
    change(1100, 1000),
    change(850, 1000),
    change(1001, 1000),
    change(1_000_001, 1_000_000),
    change(5, 100_000),
    change(10_000, 200),
  ].map(plain);
  assert.deepEqual(said, ['±0', '+8', '−8', '+24.8K', '+10%', '−15%', '+0.1%', '<+0.01%', '>−99.99%', '+9,800']);
});

test('a moment of today has its time, another its day, another year its year', () => {
  const now = Date.UTC(2026, 10, 23, 12);
  assert.equal(timestampText(Date.UTC(2026, 10, 23, 2, 3, 4), now, true), '02:03:04');
  assert.equal(timestampText(Date.UTC(2026, 10, 22, 2, 3, 4), now, true), '22 Nov, 02:03');
  assert.equal(timestampText(Date.UTC(2015, 4, 17, 10, 5), now, true), '17 May 2015, 10:05');
});
