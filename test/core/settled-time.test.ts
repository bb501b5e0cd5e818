import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JUMP_MS, SettledTime } from '../../server/core/settled-time.ts';

const T = 1_770_000_000_000,
  DAY = 86_400_000,
  HOLD = DAY;

/** The clock's error from some moment on (ms), how long it then runs, and whether the process is started anew before it goes on. */
const errors = fc.array(
  fc.record({
    error: fc.oneof(
      fc.constant(0),
      fc.integer({ min: -2000 * DAY, max: 2000 * DAY }),
      fc.integer({ min: -120_000, max: 120_000 }),
    ),
    for: fc.integer({ min: 1000, max: HOLD / 2 }),
    asleep: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 * DAY })),
    anew: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

for (const monotonic of [true, false]) {
  test(`whatever the clock does ${monotonic ? 'beside one that cannot be set' : 'by itself'}, while it is right now and then the settled time is never ahead of the true one`, () => {
    fc.assert(
      fc.property(errors, (steps) => {
        let time = new SettledTime(HOLD),
          truth = T,
          elapsed = 5000,
          wrong = 0;
        time.look(truth, monotonic ? elapsed : undefined);
        for (const { error, for: long, asleep, anew } of steps) {
          truth += asleep;
          // steps that are no jumps pass for time without another clock; here they are looked at with one
          const ahead = monotonic || Math.abs(error) > 2 * JUMP_MS ? error : 0;
          const wrongNow = wrong + long < HOLD && ahead > 0 ? ahead : 0;
          wrong = wrongNow === 0 ? 0 : wrong + long;
          if (anew) {
            time = new SettledTime(HOLD, JSON.parse(JSON.stringify(time.kept)));
            elapsed = 0;
          }
          for (let passed = 0; passed < long; passed += 30_000) {
            truth += 30_000;
            elapsed += 30_000;
            time.look(truth + wrongNow, monotonic ? elapsed : undefined);
            // what is no jump is followed: seconds while it runs, a minute from one start to the next
            assert.ok(time.now <= truth + JUMP_MS + 2000, `${time.now - truth} ms ahead`);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
}

test('a clock that goes on without a jump is what it says, corrections by seconds included', () => {
  const time = new SettledTime(HOLD);
  for (let s = 0; s < 5000; s++) {
    assert.equal(time.look(T + s * 1000 + (s % 7), s * 1000), 0);
    assert.equal(time.now, T + s * 1000 + (s % 7));
  }
});

test('a jump counts once it has held: ahead after a sleep, back from a future that was never true', () => {
  for (const jump of [3 * DAY, -500 * DAY]) {
    const time = new SettledTime(HOLD);
    time.look(T, 0);
    assert.equal(time.look(T + 1000 + jump, 1000), jump);
    assert.equal(time.now, T + 1000);
    for (let passed = 1000; passed < HOLD; passed += 1000) time.look(T + passed + jump, passed);
    assert.equal(time.now, T + HOLD - 1000);
    for (let passed = HOLD; passed <= HOLD + 2000; passed += 1000) time.look(T + passed + jump, passed);
    assert.equal(time.now, T + HOLD + 2000 + jump);
  }
});

test('a machine that is off each night is believed after a day of running, not never', () => {
  let time = new SettledTime(HOLD),
    wall = T;
  for (let day = 0; day < 30; day++) {
    time = new SettledTime(HOLD, JSON.parse(JSON.stringify(time.kept)));
    for (let s = 0; s < 16 * 3600; s += 30) time.look(wall + s * 1000, s * 1000);
    wall += DAY;
  }
  assert.ok(wall - DAY + 16 * 3_600_000 - time.now < 2 * DAY, 'it lags by the nights of the last day of running');
});

test('a clock that jumps all the time is bounded, and stays behind', () => {
  const time = new SettledTime(HOLD);
  time.look(T, 0);
  for (let s = 1; s < 20_000; s++) time.look(T + s * 1000 + (s % 2) * s * DAY, s * 1000);
  assert.ok(time.kept.stretches.length <= 501);
  assert.ok(time.now <= T + 20_000_000);
});

test('what was kept is read again, and what is something else is not', () => {
  const time = new SettledTime(HOLD);
  time.look(T, 0);
  time.look(T + DAY, 1000);
  assert.deepEqual(SettledTime.read(JSON.stringify(time.kept)), time.kept);
  for (const text of [
    '',
    'null',
    '[]',
    '{}',
    '{"wall":null,"running":1,"offset":1,"stretches":[[1,1]]}',
    '{"wall":1,"running":1,"offset":1,"stretches":[]}',
    '{"wall":1,"running":1,"offset":1,"stretches":[[1]]}',
  ])
    assert.equal(SettledTime.read(text), undefined, text);
});
