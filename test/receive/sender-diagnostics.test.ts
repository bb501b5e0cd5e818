import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createSenderDiagnostics } from '../../server/receive/sender-diagnostics.ts';
import type { Sources } from '#shared/api.ts';
import { combined, NOON, openApp } from '../support/app.ts';

const seen = (at: number, newestEvent?: number) => ({
  at,
  receiver: 'http',
  userAgent: 'agent',
  format: 'combined',
  newestEvent,
  misses: [],
});

test('lag is the median of the last batches, and a backfill says nothing about it', () => {
  const diagnostics = createSenderDiagnostics();
  for (const lag of [1000, 3000, 2000, 90_000]) diagnostics.saw('shop', seen(NOON, NOON - lag));
  diagnostics.saw('shop', seen(NOON, NOON - 86_400_000));
  assert.equal(diagnostics.about('shop').lagMs, 3000);
  assert.equal(diagnostics.about('shop').clockAheadMs, null);
});

test('a clock that is ahead shows, one that is off by a moment does not', () => {
  const diagnostics = createSenderDiagnostics();
  diagnostics.saw('ahead', seen(NOON, NOON + 60_000));
  diagnostics.saw('near', seen(NOON, NOON + 500));
  assert.deepEqual(
    [diagnostics.about('ahead').clockAheadMs, diagnostics.about('ahead').lagMs, diagnostics.about('ahead').flags],
    [60_000, 0, ['clock-ahead']],
  );
  assert.deepEqual([diagnostics.about('near').clockAheadMs, diagnostics.about('near').flags], [null, []]);
});

test('memory is bounded: sources, strangers, answers, misses and their texts', () => {
  const diagnostics = createSenderDiagnostics();
  for (let i = 0; i < 5000; i++) {
    diagnostics.saw(`s${i}`, seen(NOON + i));
    diagnostics.stranger({ at: NOON, method: 'POST', path: `/x${i}/${'y'.repeat(1000)}`, userAgent: 'z'.repeat(1000) });
    diagnostics.answered('busy', NOON + i, 200, 'n'.repeat(1000));
    diagnostics.saw('busy', {
      ...seen(NOON),
      misses: Array.from({ length: 20 }, () => ({
        miss: { kind: 'rejected', id: 'r', text: 'r' } as const,
        sample: 's',
      })),
    });
  }
  assert.equal(diagnostics.about('s0').receiver, null);
  assert.equal(diagnostics.about('s4999').receiver, 'http');
  assert.ok(diagnostics.strangers().length <= 50);
  assert.ok(diagnostics.strangers().every(({ path, userAgent }) => path.length <= 200 && userAgent!.length <= 200));
  assert.deepEqual(
    [
      diagnostics.about('busy').answers.length,
      diagnostics.about('busy').lastMisses.length,
      diagnostics.about('busy').answers[0].note.length,
    ],
    [10, 10, 200],
  );
});

test("names of objects' own methods are sources like any other", () => {
  const diagnostics = createSenderDiagnostics();
  assert.equal(diagnostics.about('__proto__').receiver, null);
  diagnostics.saw('__proto__', seen(NOON));
  assert.equal(diagnostics.about('__proto__').receiver, 'http');
  assert.equal(diagnostics.about('constructor').receiver, null);
});

test('what a sender puts into a path or its name is shown without its keys', () => {
  const diagnostics = createSenderDiagnostics();
  const key = 'd41d8cd98f00b204e9800998ecf8427e';
  diagnostics.stranger({
    at: NOON,
    method: 'POST',
    path: `/v1/input/${key}?x=${key}`,
    userAgent: `agent token=${key}`,
  });
  diagnostics.stranger({ at: NOON, method: 'POST', path: `/v1/input/${key.toUpperCase()}` });
  diagnostics.stranger({ at: NOON, method: 'POST', path: `/${'a/'.repeat(95)}${key}` });
  const shown = JSON.stringify(diagnostics.strangers());
  assert.ok(!shown.toLowerCase().includes(key.slice(0, 8)), shown);
  assert.deepEqual(diagnostics.strangers().find(({ path }) => path === '/v1/input/…')?.count, 2);
  assert.match(shown, /Datadog's logs/);
});

test('lines whose time is not read count at arrival, and the source says so', async (t) => {
  const app = await openApp(t);
  const flagsOf = async (name: string) => {
    const { sources } = (await app.app.inject('/api/sources')).json<Sources>();
    return sources.find((source) => source.name === name)!.flags;
  };
  const send = (name: string, payload: string) => app.app.inject({ method: 'POST', url: `/ingest/${name}`, payload });
  const untimed = '{"method":"GET","path":"/a","status":502,"duration_ms":5,"remote_addr":"203.0.113.7"}';
  await send('none', `${untimed}\n${untimed}`);
  await send('some', [untimed, ...Array.from({ length: 3 }, () => combined(NOON, 200))].join('\n'));
  await send('all', combined(NOON, 200));
  await send('wrapped', JSON.stringify({ time: new Date(NOON).toISOString(), log: untimed }));
  assert.deepEqual(
    [await flagsOf('none'), await flagsOf('some'), await flagsOf('all'), await flagsOf('wrapped')],
    [['no-time'], ['some-no-time'], [], []],
  );
});
