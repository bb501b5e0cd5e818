import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Sources, Totals } from '#shared/api.ts';
import { wholeTime } from '../../server/receive/event-time.ts';
import { NOON, openApp } from '../support/app.ts';

test('a time is whole milliseconds between 1970 and 2106, or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double(),
        fc.double({ min: -1e13, max: 1e13 }),
        fc.constantFrom(NaN, Infinity, -Infinity, -0.5, -0, 2 ** 32 * 1000),
      ),
      (ts) => {
        const whole = wholeTime(ts);
        if (Number.isNaN(whole)) assert.ok(!(ts >= 0 && ts < (2 ** 32 - 1) * 1000), String(ts));
        else assert.ok(Number.isInteger(whole) && whole >= 0 && whole <= ts && ts - whole < 1, String(ts));
      },
    ),
  );
});

test('whatever nanoseconds a Loki push names, each line counts once, at a time that can be', async (t) => {
  const app = await openApp(t);
  const line = '10.0.0.1 - - "GET / HTTP/1.1" 502 12 "-" "curl"';
  const times = [
    '-5',
    '0',
    'NaN',
    '1e400',
    '99999999999999999999999',
    `${NOON}000001`,
    `${NOON}999999`,
    '',
    `${NOON + 500 * 86_400_000}000000`,
  ];
  const payload = JSON.stringify({ streams: [{ stream: { job: 'odd' }, values: times.map((time) => [time, line]) }] });
  assert.equal(
    (
      await app.app.inject({
        method: 'POST',
        url: '/loki/api/v1/push',
        headers: { 'content-type': 'application/json' },
        payload,
      })
    ).statusCode,
    204,
  );
  const { totals } = (await app.app.inject(`/api/totals?from=${NOON - 60_000}&to=${NOON + 60_000}`)).json<Totals>();
  assert.deepEqual(totals, [{ source: 'odd', code: 502, count: times.length }]);
  const {
    sources: [{ lastEvent, clockAheadMs }],
  } = (await app.app.inject('/api/sources')).json<Sources>();
  assert.deepEqual([lastEvent, clockAheadMs], [NOON, 500 * 86_400_000], 'the clock of one is told to be ahead');
});
