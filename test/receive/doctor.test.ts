import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createDoctor } from '../../server/receive/doctor.ts';
import { NOON } from '../support/app.ts';

const seen = (at: number, newestEvent?: number) => ({
  at,
  receiver: 'http',
  userAgent: 'agent',
  format: 'combined',
  newestEvent,
  misses: [],
});

test('lag is the median of the last batches, and a backfill says nothing about it', () => {
  const doctor = createDoctor();
  for (const lag of [1000, 3000, 2000, 90_000]) doctor.saw('shop', seen(NOON, NOON - lag));
  doctor.saw('shop', seen(NOON, NOON - 86_400_000));
  assert.equal(doctor.about('shop').lagMs, 3000);
  assert.equal(doctor.about('shop').clockAheadMs, null);
});

test('a clock that is ahead shows, one that is off by a moment does not', () => {
  const doctor = createDoctor();
  doctor.saw('ahead', seen(NOON, NOON + 60_000));
  doctor.saw('near', seen(NOON, NOON + 500));
  assert.deepEqual(
    [doctor.about('ahead').clockAheadMs, doctor.about('ahead').lagMs, doctor.about('ahead').flags],
    [60_000, 0, ['clock-ahead']],
  );
  assert.deepEqual([doctor.about('near').clockAheadMs, doctor.about('near').flags], [null, []]);
});

test('memory is bounded: sources, strangers, answers, misses and their texts', () => {
  const doctor = createDoctor();
  for (let i = 0; i < 5000; i++) {
    doctor.saw(`s${i}`, seen(NOON + i));
    doctor.stranger({ at: NOON, method: 'POST', path: `/x${i}/${'y'.repeat(1000)}`, userAgent: 'z'.repeat(1000) });
    doctor.answered('busy', NOON + i, 200, 'n'.repeat(1000));
    doctor.saw('busy', {
      ...seen(NOON),
      misses: Array.from({ length: 20 }, () => ({
        miss: { kind: 'rejected', id: 'r', text: 'r' } as const,
        sample: 's',
      })),
    });
  }
  assert.equal(doctor.about('s0').receiver, null);
  assert.equal(doctor.about('s4999').receiver, 'http');
  assert.ok(doctor.strangers().length <= 50);
  assert.ok(doctor.strangers().every(({ path, userAgent }) => path.length <= 200 && userAgent!.length <= 200));
  assert.deepEqual(
    [
      doctor.about('busy').answers.length,
      doctor.about('busy').lastMisses.length,
      doctor.about('busy').answers[0].note.length,
    ],
    [10, 10, 200],
  );
});

test("names of objects' own methods are sources like any other", () => {
  const doctor = createDoctor();
  assert.equal(doctor.about('__proto__').receiver, null);
  doctor.saw('__proto__', seen(NOON));
  assert.equal(doctor.about('__proto__').receiver, 'http');
  assert.equal(doctor.about('constructor').receiver, null);
});

test('what a sender puts into a path or its name is shown without its keys', () => {
  const doctor = createDoctor();
  const key = 'd41d8cd98f00b204e9800998ecf8427e';
  doctor.stranger({ at: NOON, method: 'POST', path: `/v1/input/${key}?x=${key}`, userAgent: `agent token=${key}` });
  doctor.stranger({ at: NOON, method: 'POST', path: `/v1/input/${key.toUpperCase()}` });
  doctor.stranger({ at: NOON, method: 'POST', path: `/${'a/'.repeat(95)}${key}` });
  const shown = JSON.stringify(doctor.strangers());
  assert.ok(!shown.toLowerCase().includes(key.slice(0, 8)), shown);
  assert.deepEqual(doctor.strangers().find(({ path }) => path === '/v1/input/…')?.count, 2);
  assert.match(shown, /Datadog's logs/);
});
