import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SNAPSHOT_MS, type CountRow } from '#shared/live.ts';
import { LiveWindow } from '../../server/live/window.ts';
import { LiveCounts } from '../../web/src/lib/live-counts.ts';

const NOW = 1_795_400_000_000;

const step = fc.oneof(
  fc.record({
    do: fc.constant('count' as const),
    source: fc.integer({ min: 1, max: 3 }),
    age: fc.integer({ min: -30, max: 1000 }),
    code: fc.constantFrom(0, 200, 502),
    count: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constant('tick' as const) }),
  fc.record({ do: fc.constant('listen' as const) }),
);

test('a page that looks now and then, and shows one source or all, has the same counts as one that missed nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(undefined, 1, 2), (steps, shown) => {
      const window = new LiveWindow(),
        page = new LiveCounts();
      const truth = new Map<string, number>();
      let seq = 0,
        heard = -1,
        pending: [string, number][] = [];
      const listen = () => {
        page.put({ names: [null, 'own'], counts: window.rows(shown, heard) }, NOW);
        heard = seq;
      };
      for (const each of [...steps, { do: 'tick' } as const, { do: 'listen' } as const]) {
        if (each.do === 'listen') listen();
        else if (each.do === 'tick') {
          window.tick(NOW, ++seq);
          for (const [key, n] of pending) truth.set(key, (truth.get(key) ?? 0) + n);
          pending = [];
        } else {
          const second = NOW / 1000 - each.age,
            bucket = second - (second % 10);
          window.add(each.source, second, each.code, each.count, NOW);
          if (bucket * 1000 >= NOW - SNAPSHOT_MS - 10_000)
            pending.push([`${each.source === shown} ${bucket * 1000} ${each.code}`, each.count]);
        }
      }
      const rows = (source: string | null): [string, number][] =>
        [...page.byCode(NOW - SNAPSHOT_MS - 20_000, 10_000, 100, source)].flatMap(([code, xs]) =>
          xs.flatMap((n, i): [string, number][] =>
            n > 0 ? [[`${source !== null} ${NOW - SNAPSHOT_MS - 20_000 + i * 10_000} ${code}`, n]] : [],
          ),
        );
      assert.deepEqual(new Map(rows('own')), new Map([...truth].filter(([key]) => key.startsWith('true'))));
      const all = new Map<string, number>();
      for (const [key, n] of truth)
        all.set(key.replace('true', 'false'), (all.get(key.replace('true', 'false')) ?? 0) + n);
      assert.deepEqual(new Map(rows(null)), all);
    }),
  );
});

test('what is of another time than the live one is not held, however much of it comes', () => {
  const window = new LiveWindow();
  for (let day = -4000; day < 4000; day++) if (day !== 0) window.add(1, NOW / 1000 + day * 86_400, 200, 1, NOW);
  window.add(1, NOW / 1000, 200, 1, NOW);
  window.tick(NOW, 1);
  assert.deepEqual(window.rows(1), [[NOW, 1, 200, 1]] satisfies CountRow[]);
});
