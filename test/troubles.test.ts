// Troubles of the server itself: what is logged, what is listed, and when it ends.
import assert from 'node:assert/strict';
import test from 'node:test';
import { errors } from '../server/errors.ts';
import type { StoreTrouble } from '../server/store/store.ts';
import { Troubles } from '../server/troubles.ts';

const NOON = Date.UTC(2026, 2, 1, 12);
const GROWING: StoreTrouble = {
  ...{ what: 'wal-held', since: NOON, text: 'It grows.', hint: 'End it.', refusing: false },
};

/** Troubles over a clock and a store that the test moves, and what they log. */
function open() {
  const said: string[] = [],
    world: { now: number; store: StoreTrouble[] } = { now: NOON, store: [] };
  const troubles = new Troubles({
    now: () => world.now,
    log: (level, text) => level !== 'debug' && said.push(`${level} ${text}`),
  });
  troubles.observe(() => world.store);
  return { troubles, said, world, listed: () => troubles.fresh.map(({ step, refusing }) => `${step} ${refusing}`) };
}

test('what goes on is logged when it begins, when lines come to be refused, and when it is over', () => {
  const { troubles, said, world } = open();
  for (const store of [
    [],
    [GROWING],
    [GROWING],
    [{ ...GROWING, refusing: true }],
    [{ ...GROWING, text: 'It has grown.', refusing: true }],
    [],
    [],
  ]) {
    world.store = store;
    troubles.look();
  }
  assert.deepEqual(said, ['warn It grows. End it.', 'error It grows. End it.', 'info Over: It has grown.']);
  assert.equal(troubles.counts.get('wal-held'), 1);
});

test('what goes on has begun once, is listed before what happened, and only until it ends', () => {
  const { troubles, world, listed } = open();
  troubles.note('detection', new Error('a bug'), 'shop');
  world.store = [GROWING, { ...GROWING, what: 'disk-full', refusing: true }];
  assert.deepEqual(listed(), ['disk-full true', 'wal-held false', 'detection false']);
  world.now += 5000;
  world.store = [{ ...GROWING, since: NOON + 3 }];
  assert.deepEqual(listed(), ['wal-held false', 'detection false']);
  assert.deepEqual([troubles.fresh[0].firstAt, troubles.fresh[0].lastAt], [NOON, NOON + 5000]);
  world.store = [];
  assert.deepEqual(listed(), ['detection false']);
  world.now += 10 * 60_000;
  assert.deepEqual(listed(), []);
});

test('a write that fails while lines are refused is counted, and not listed beside the reason', () => {
  const { troubles, said, world, listed } = open();
  world.store = [{ ...GROWING, refusing: true }];
  troubles.note('incidents', errors.walFull(), 'shop');
  assert.deepEqual(listed(), ['wal-held true']);
  assert.equal(troubles.counts.get('incidents'), 1);
  assert.deepEqual(said, ['error It grows. End it.']);
  troubles.note('incidents', new Error('a bug'), 'shop');
  assert.deepEqual(listed(), ['wal-held true', 'incidents false']);
  world.store = [];
  troubles.note('storage', errors.storeBusy());
  assert.deepEqual(listed(), ['storage false', 'incidents false']);
});

test('a write that failed before its reason was known is listed as that reason alone, and logged without a stack', () => {
  const { troubles, said, world, listed } = open();
  troubles.note('storage', errors.storeBusy());
  troubles.note('detection', new Error('a bug'), 'shop');
  assert.deepEqual(listed(), ['detection false', 'storage false']);
  world.store = [{ ...GROWING, refusing: true }];
  assert.deepEqual(listed(), ['wal-held true', 'detection false']);
  assert.deepEqual(said, [
    'warn storage failed: The database did not accept the write.',
    'error detection failed for shop',
    'error It grows. End it.',
  ]);
  world.store = [];
  assert.deepEqual(listed(), ['detection false']);
});

test('why lines are refused is known at once, without a tick', () => {
  const { troubles, world } = open();
  world.store = [GROWING];
  assert.equal(troubles.refusal, undefined);
  world.store = [GROWING, { ...GROWING, what: 'disk-full', text: 'It is full.', refusing: true }];
  assert.equal(troubles.refusal, 'It is full.');
});
