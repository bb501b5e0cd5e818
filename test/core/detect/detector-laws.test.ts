import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pages, play } from '../../support/traffic.ts';

const HISTORY = '×2h';
const failing = fc.record({
  good: fc.integer({ min: 1, max: 200 }),
  bad: fc.integer({ min: 0, max: 60 }),
  code: fc.constantFrom(500, 502, 503, 504, 522),
});

test('the same traffic ten times over is never paged later', () => {
  fc.assert(
    fc.property(failing, fc.integer({ min: 2, max: 20 }), ({ good, bad, code }, times) => {
      const n = good + bad;
      const one = play(`200x${n} ${HISTORY} | 200x${good} ${code}x${bad} ×10m`).pagedAfter ?? Infinity;
      const many =
        play(`200x${n * times} ${HISTORY} | 200x${good * times} ${code}x${bad * times} ×10m`).pagedAfter ?? Infinity;
      assert.ok(many <= one, `${many} s against ${one} s`);
    }),
    { numRuns: 60 },
  );
});

test('more successes never make it worse', () => {
  const severity = (good: number, bad: number, code: number): number => {
    const played = play(`200x200 ${HISTORY} | 200x${good} ${code}x${bad} ×5m`);
    return pages(played).length > 0 ? 2 : played.incidents.length > 0 ? 1 : 0;
  };
  fc.assert(
    fc.property(failing, fc.integer({ min: 1, max: 300 }), ({ good, bad, code }, more) => {
      assert.ok(severity(good + more, bad, code) <= severity(good, bad, code));
    }),
    { numRuns: 60 },
  );
});

test('the order of counts within a bucket is irrelevant', () => {
  fc.assert(
    fc.property(fc.array(failing, { minLength: 1, maxLength: 8 }), (steps) => {
      const traffic = `200x100 500x1 ${HISTORY} | ${steps.map(({ good, bad, code }) => `200x${good} ${code}x${bad} 404x3 ×1m`).join(' | ')}`;
      assert.deepEqual(play(traffic).log, play(traffic, { order: (codes) => codes.reverse() }).log);
    }),
    { numRuns: 30 },
  );
});

test('nothing that arrives makes the engine throw, and at most one incident a source and group is open', () => {
  const step = fc.tuple(
    fc.integer({ min: 0, max: 999 }),
    fc.integer({ min: 0, max: 5000 }),
    fc.integer({ min: 1, max: 40 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const played = play(
        `200x10 ×20m | ${steps.map(([code, count, tens]) => `200x10 ${code}x${count} ×${tens * 10}s`).join(' | ')}`,
      );
      for (const group of ['server', 'client']) {
        const open = played.incidents.filter((incident) => incident.group === group && incident.state !== 'resolved');
        assert.ok(open.length <= 1);
      }
    }),
    { numRuns: 50 },
  );
});
