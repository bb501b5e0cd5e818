// From metric points to counts: each rule of the receiver's side of temporality, and the law that holds them together.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ResourceSeries, spread, type Increment } from '../../server/receive/otlp-series.ts';
import { adjustedCount } from '../../server/receive/otlp-traces.ts';

const MINUTE = 60_000;
const START = 1_700_000_000_000;
const point = (start: number, time: number, value: number, noRecordedValue = false) => ({
  start,
  time,
  value,
  noRecordedValue,
  attributes: new Map(),
});

/** "start..time=value" in minutes after START; what each point counted, or why it did not. */
function take(
  temporality: 'delta' | 'cumulative',
  notation: string,
  series = new ResourceSeries(),
): (number | string)[] {
  return notation.split(' ').map((text) => {
    const [, name, start, time, value] = /^(\w:)?(?:(\d+)\.\.)?(\d+)=(\d+)$/.exec(text)!;
    const taken = series.take(
      'http.server.request.duration',
      name ?? 'a:',
      temporality,
      point(start === undefined ? NaN : START + Number(start) * MINUTE, START + Number(time) * MINUTE, Number(value)),
    );
    return typeof taken === 'string' ? taken : taken.count;
  });
}

suite('cumulative points', () => {
  test('count the difference to the one before, the first from its start', () => {
    assert.deepEqual(take('cumulative', '0..1=10 0..2=25 0..3=25'), [10, 15, 0]);
  });
  test('of unknown start set a reference and count nothing', () => {
    assert.deepEqual(take('cumulative', '1..1=1000 1..2=1007'), [0, 7]);
    assert.deepEqual(take('cumulative', '1=1000 2=1007 3=4'), [0, 7, 4]);
  });
  test('with a new start are a restart: all of the value is new', () => {
    assert.deepEqual(take('cumulative', '0..1=10 2..3=4 2..4=5'), [10, 4, 1]);
  });
  test('sent twice, late, or of the life before a restart count nothing', () => {
    assert.deepEqual(take('cumulative', '0..2=10 0..2=10 0..1=3 3..4=1 0..3=12'), [10, 'duplicate', 'late', 1, 'late']);
  });
  test('of a status seen for the first time happened since the export before, not since the process began', () => {
    const series = new ResourceSeries();
    series.take('m', 'ok', 'cumulative', point(START, START + 10 * MINUTE, 500));
    series.take('m', 'ok', 'cumulative', point(START, START + 11 * MINUTE, 600));
    const first = series.take('m', 'bad', 'cumulative', point(START, START + 11 * MINUTE, 1)) as Increment;
    assert.deepEqual([first.count, first.from, first.to], [1, START + 10 * MINUTE, START + 11 * MINUTE]);
  });
  test('that hold no recorded value, or no count, are left out', () => {
    const series = new ResourceSeries();
    assert.equal(series.take('m', 's', 'cumulative', point(START, START + MINUTE, 0, true)), 'no recorded value');
    for (const value of [NaN, -1, 2 ** 60])
      assert.equal(series.take('m', 's', 'cumulative', point(START, START + MINUTE, value)), 'not a count');
  });
});

suite('delta points', () => {
  test('count what they say, once, in whatever order they come', () => {
    assert.deepEqual(take('delta', '0..1=3 2..3=5 1..2=4 2..3=5 3..4=1'), [3, 5, 4, 'duplicate', 1]);
  });
  test('that overlap are of a second writer, counted and told of', () => {
    const series = new ResourceSeries();
    series.take('m', 's', 'delta', point(START, START + MINUTE, 3));
    assert.equal(
      (series.take('m', 's', 'delta', point(START + 1000, START + MINUTE + 1000, 4)) as Increment).note,
      'second writer',
    );
  });
});

test('state survives being written and read at any moment: however points are repeated, the counts sum to the values', () => {
  const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      values,
      fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      fc.constantFrom('delta' as const, 'cumulative' as const),
      (increments, repeated, temporality) => {
        let kept: Buffer | undefined;
        let total = 0;
        let sum = 0;
        for (const [i, increment] of increments.entries()) {
          total += increment;
          const start = START + (temporality === 'delta' ? i * MINUTE : 0);
          for (let times = repeated[i] ? 2 : 1; times > 0; times--) {
            const series = new ResourceSeries(kept);
            const taken = series.take(
              'm',
              's',
              temporality,
              point(start, START + (i + 1) * MINUTE, temporality === 'delta' ? increment : total),
            );
            if (typeof taken !== 'string')
              spread(taken, (ts, count) => {
                sum += count;
                assert.ok(ts >= taken.from && ts <= taken.to);
              });
            kept = series.toBuffer();
          }
        }
        assert.equal(sum, total);
      },
    ),
  );
});

test('a long interval is spread evenly over it, and nothing is lost in rounding', () => {
  for (const [minutes, count] of [
    [1, 7],
    [60, 3601],
    [60 * 24 * 30, 100_003],
  ]) {
    const pieces: number[] = [];
    spread({ count, from: START, to: START + minutes * MINUTE }, (_, n) => pieces.push(n));
    assert.equal(
      pieces.reduce((a, b) => a + b),
      count,
    );
    assert.ok(Math.max(...pieces) - Math.min(...pieces) <= 1);
  }
});

test('more series than a service may have are refused, those known go on', () => {
  const series = new ResourceSeries();
  let refused = 0;
  for (let i = 0; i < 2100; i++)
    if (series.take('m', `s${i}`, 'cumulative', point(START, START + MINUTE, 1)) === 'too many series') refused++;
  assert.equal(refused, 100);
  assert.equal((series.take('m', 's0', 'cumulative', point(START, START + 2 * MINUTE, 5)) as Increment).count, 4);
});

test('the sampling threshold in tracestate says how many spans one stands for', () => {
  for (const [state, wanted] of [
    ['ot=th:0', 1],
    ['ot=th:8', 2],
    ['ot=th:c', 4],
    ['x=y,ot=rv:abc;th:e', 8],
    ['ot=p:8', undefined],
    ['', undefined],
    ['foo=th:8', undefined],
  ] as const)
    assert.equal(adjustedCount(state), wanted, state);
});
