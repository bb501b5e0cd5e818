import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import { Turns } from '../../server/receive/turns.ts';

/** A clock that only work moves, and work of so many steps. */
function open(): { turns: Turns; work(name: string, steps: number, stepMs: number): () => boolean; done: string[] } {
  let now = 0;
  const done: string[] = [];
  return {
    turns: new Turns(() => now),
    done,
    work: (name, steps, stepMs) => () => {
      now += stepMs;
      done.push(name);
      return --steps === 0;
    },
  };
}

test('work that fits into a slice is done at once, without a promise', () => {
  const { turns, work, done } = open();
  assert.equal(turns.run(work('a', 5, 1)), undefined);
  assert.equal(done.length, 5);
});

test('longer work goes on a slice a round of the event loop, and in turns with others', async () => {
  const { turns, work, done } = open();
  let rounds = 0,
    isOver = false;
  const counting = (async () => {
    for (; !isOver; rounds++) await nextRound();
  })();
  await Promise.all([turns.run(work('a', 60, 1)), turns.run(work('b', 30, 1)), turns.run(work('c', 1, 1))]);
  isOver = true;
  await counting;
  const order = done.join('');
  assert.equal(order.length, 91);
  assert.ok(order.indexOf('c') < 20, 'a short piece waits for one turn of each, not for their ends');
  assert.doesNotMatch(
    order.slice(10, order.lastIndexOf('b')),
    /a{11}|b{11}/,
    'none has a whole slice while others wait',
  );
  assert.ok(rounds >= 8, `${rounds} rounds`);
});

test('all that comes in one round shares one slice', async () => {
  const { turns, work, done } = open();
  const all = Array.from({ length: 20 }, (_, i) => turns.run(work(String.fromCharCode(97 + i), 1, 5)));
  assert.ok(done.length <= 3, `${done.length} of 20 in the first slice`);
  for (const one of all) await one;
  assert.equal(done.join(''), 'abcdefghijklmnopqrst', 'first come, first served');
});

test('what a step throws is thrown in the first slice, and rejects after it; others go on', async () => {
  const { turns, work } = open();
  assert.throws(
    () =>
      turns.run(() => {
        throw new Error('now');
      }),
    /now/,
  );
  let steps = 0;
  const failing = turns.run(() => {
    if (++steps === 3) throw new Error('later');
    return work('x', 2, 20)();
  });
  await assert.rejects(failing!, /later/);
  await turns.run(work('y', 30, 1));
});
