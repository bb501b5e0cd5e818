import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Engine } from '../../../server/core/detect/engine.ts';
import { why } from '../../../server/core/detect/why.ts';
import { BUCKET, MONDAY, buckets, pages, play } from '../../support/traffic.ts';

test('a source that fails a quarter or more from its first request pages within seconds', () => {
  for (const [good, bad] of [
    [50, 50],
    [500, 500],
    [70, 30],
    [740, 260],
  ]) {
    for (const code of [500, 502, 503, 504]) {
      const { pagedAfter } = play(`200x${good} ${code}x${bad} ×10m`);
      assert.ok(pagedAfter! <= 30, `${bad} of ${good + bad} ${code}: ${pagedAfter} s`);
    }
  }
});

test('one with little traffic pages once its few requests are certain', () => {
  assert.ok(play('200x3 502x2 ×10m').pagedAfter! <= 90);
  assert.equal(pages(play('200x4 502x1 ×2h')).length, 0);
});

test('a smaller certain share from the first request is a warning', () => {
  for (const share of [5, 10, 18]) {
    const { incidents } = play(`200x${1000 - share * 10} 502x${share * 10} ×30m`);
    assert.deepEqual(
      incidents.map(({ severity, codes }) => [severity, codes[0]]),
      [['warn', 502]],
    );
  }
});

test('a new source that is healthy says nothing', () => {
  for (const traffic of ['200x100 ×3h', '200x1000 500x2 404x30 ×3h', '200x2 ×12h', '304x50 404x5 ×2h'])
    assert.deepEqual(play(traffic).log, []);
});

test('what fails from the first request on stays one open incident for an hour, and is taken for usual then', () => {
  for (const traffic of ['200x50 502x50', '200x700 503x300', '502x40 200x1', '200x3 502x3', '200x900 500x100']) {
    const early = play(`${traffic} ×50m`);
    assert.deepEqual(
      early.incidents.map(({ state }) => state),
      ['firing'],
      traffic,
    );
    const late = play(`${traffic} ×30h`);
    assert.deepEqual(
      late.incidents.map(({ state }) => state),
      ['resolved'],
      traffic,
    );
    assert.match(late.transitions.at(-1)!.why, /since its first request/);
  }
});

test('what was taken for usual is no longer paged for, more than that is', () => {
  assert.deepEqual(
    pages(play('200x70 502x30 ×3h | 502x95 200x5 ×5m')).map(({ resolvedAt }) => resolvedAt - MONDAY > 0),
    [true, false],
  );
});

test('an outage that strikes a young source stays open for as long as it lasts', () => {
  for (const before of ['1m', '4m', '10m', '40m']) {
    const { incidents } = play(`200x100 ×${before} | 200x50 502x50 ×5h`);
    assert.deepEqual(
      incidents.map(({ state, severity }) => [state, severity]),
      [['firing', 'page']],
      before,
    );
    assert.equal(pages(play(`200x100 ×${before} | 200x50 502x50 ×40m | 200x100 ×1h`))[0].state, 'resolved');
  }
});

test('an outage is never part of what is usual, at whatever second of a slot it began', () => {
  for (let second = 0; second < BUCKET; second++) {
    for (const before of ['200x30 ×2s', '200x10 ×40s']) {
      const { log, transitions } = play(`${before} | 200x12 502x68 ×60s`, { from: MONDAY + second, bucket: 1 });
      assert.match(log.join(', '), /^page firing \+\d+$/, `from second ${second}`);
      assert.ok(transitions[0].incident.baselineShare <= transitions[0].verdict!.baseline, `from second ${second}`);
    }
  }
});

const segment = fc.record({
  good: fc.integer({ min: 0, max: 80 }),
  bad: fc.integer({ min: 0, max: 60 }),
  code: fc.constantFrom(500, 502, 503, 504, 522, 499, 301),
  tens: fc.integer({ min: 1, max: 30 }),
});

test('"it pages" is said exactly when a page is opened', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '200x40 ×20m | ', '200x40 500x1 ×2h | ', '200x3 ×27h | '),
      fc.array(segment, { minLength: 1, maxLength: 6 }),
      (history, segments) => {
        let opened = 0,
          now = MONDAY;
        const engine = new Engine({
          resolution: BUCKET,
          onTransition: (incident, { verdict }) => {
            if (verdict?.level === 'page' && incident.group === 'server') opened = now;
          },
        });
        const traffic =
          history +
          segments.map(({ good, bad, code, tens }) => `200x${good} ${code}x${bad} ×${tens * 10}s`).join(' | ');
        for (const { counts, times } of buckets(traffic)) {
          for (let i = 0; i < times; i++) {
            for (const [code, count] of counts)
              if (count > 0) engine.count(engine.source('shop', now), now + BUCKET - 1, code, count);
            now += BUCKET;
            const watched = engine.sources.get('shop');
            const before = watched?.server.incident;
            const wasPage = before?.state === 'firing' && before.severity === 'page';
            const wasOpen = watched?.server.open === true;
            const says = watched ? why(watched.state, now).some(({ fires }) => fires) : false;
            engine.tick(now);
            const { incident } = watched?.server ?? {};
            if (says)
              assert.ok(incident?.severity === 'page' && watched!.server.open, `said at ${now - MONDAY} that it pages`);
            if (!wasOpen && !wasPage && opened === now) assert.ok(says, `paged at ${now - MONDAY} unsaid`);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});
