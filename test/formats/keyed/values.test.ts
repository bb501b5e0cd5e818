// Codes, times and durations as keys hold them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

const one = (line: string): Record<string, unknown> => parsed(line)[0];

test('codes stay as they are', () => {
  for (const [text, want] of [
    ['000', 0],
    ['0', 0],
    ['009', 9],
    ['"009"', 9],
    ['444', 444],
    ['499', 499],
    ['561', 561],
    ['"502"', 502],
    ['502.0', 502],
    ['"404 Not Found"', 404],
    ['-1', 0],
  ] as const) {
    assert.equal(one(`{"request_method":"GET","uri":"/","request_time":0.1,"status":${text}}`).code, want, text);
  }
});

test('times are read in any unit and zone, the better name first', () => {
  const at = Date.UTC(2026, 0, 2, 15, 4, 5);
  const times = {
    time: '2026-01-02T15:04:05Z',
    time_local: '02/Jan/2026:16:04:05 +0100',
    time_iso8601: '2026-01-02T15:04:05+00:00',
    msec: '1767366245.000',
    ts: at / 1000,
    timestamp: at,
    '@timestamp': at * 1000,
    datetime: `${at}000000`,
    event_time: 'Fri, 02 Jan 2026 15:04:05 GMT',
    start_time: '2026-01-02 15:04:05',
    log_time: '[02/Jan/2026:15:04:05 +0000]',
    requested_at: 1.767366245e9,
  };
  for (const [key, value] of Object.entries(times))
    assert.equal(one(JSON.stringify({ status: 200, method: 'GET', path: '/', [key]: value })).ts, at, key);
  assert.equal(
    one(
      JSON.stringify({
        '@timestamp': '2030-01-01T00:00:00Z',
        time_local: times.time_local,
        status: 200,
        method: 'GET',
        path: '/',
      }),
    ).ts,
    at,
  );
});

test('durations are read in their own unit', () => {
  const durations: [string, unknown, number][] = [
    ['request_time', 0.25, 250],
    ['duration_ms', 250, 250],
    ['latency', '250ms', 250],
    ['latency', '0.25s', 250],
    ['elapsed', '250000µs', 250],
    ['duration_ns', 250e6, 250],
    ['event.duration', 250e6, 250],
    ['took', '1m2.5s', 62_500],
  ];
  for (const [key, value, want] of durations)
    assert.equal(one(JSON.stringify({ status: 200, method: 'GET', path: '/', [key]: value })).durationMs, want, key);
});
