import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Rates } from '../../server/receive/rates.ts';
import { NOON } from '../support/app.ts';

const SECOND = NOON / 1000;

/** `hits` in each second from `from` for so long, s; all arrive at `now`, or each at its own time. */
function sent(rates: Rates, from: number, seconds: number, hits: number, now?: number): void {
  for (let s = from; s < from + seconds; s++) rates.count(1, s, hits, now ?? s * 1000);
}

test('a rate is hits per second over the last minute, and none once nothing comes', () => {
  const rates = new Rates();
  sent(rates, SECOND, 30, 10);
  assert.equal(rates.of(1, NOON + 29_000), 5);
  sent(rates, SECOND + 30, 90, 10);
  assert.equal(rates.of(1, NOON + 119_000), 10);
  assert.equal(rates.of(1, NOON + 400_000), 0);
  assert.equal(rates.of(2, NOON), 0);
});

test('history that arrives at once is no rate, before the present or after it', () => {
  const rates = new Rates();
  sent(rates, SECOND - 900, 900, 10, NOON);
  assert.equal(rates.of(1, NOON), 10, 'a quarter of an hour in one second');
  sent(rates, SECOND - 4000, 3000, 10, NOON + 1000);
  assert.equal(rates.of(1, NOON + 1000), 10, 'what is late does not count');
  const old = new Rates();
  sent(old, SECOND - 90_000, 3000, 10, NOON);
  assert.equal(old.of(1, NOON), 0, 'yesterday is not now');
});

test('who exports once a minute, or with a delay, has one rate and not a saw', () => {
  const rates = new Rates();
  for (let minute = 1; minute < 10; minute++) {
    sent(rates, SECOND + (minute - 1) * 60 - 120, 60, 10, NOON + minute * 60_000);
    if (minute > 1)
      for (const s of [0, 30, 59])
        assert.equal(rates.of(1, NOON + minute * 60_000 + s * 1000), 10, `${minute} min ${s} s`);
  }
});

test('a host whose clock is ahead does not hide the others', () => {
  const rates = new Rates();
  for (let s = 0; s < 60; s++) {
    rates.count(1, SECOND + s + 120, 5, NOON + s * 1000);
    rates.count(1, SECOND + s, 5, NOON + s * 1000);
  }
  assert.equal(rates.of(1, NOON + 59_000), 10);
});
