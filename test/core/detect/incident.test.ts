import { test } from 'node:test';
import assert from 'node:assert/strict';
import { MONDAY, pages, play } from '../../support/traffic.ts';

test('an outage fires, recovers, and is resolved when it has not shown for five minutes', () => {
  const { log, incidents } = play('200x100 ×2h | 502x80 200x20 ×5m | 200x100 ×20m');
  assert.equal(incidents.length, 1);
  assert.match(log.join(', '), /^page firing \+-290, page recovering \+\d+, page resolved \+\d+$/);
  assert.ok(incidents[0].resolvedAt - incidents[0].lastBadAt >= 300);
});

test('a warning is pending for a minute before it is one', () => {
  const { log } = play('200x1000 ×2h | 200x1000 404x900 ×10m');
  assert.deepEqual(
    log.slice(0, 2).map((line) => line.replace(/\+\d+/, '+')),
    ['warn pending +', 'warn firing +'],
  );
});

test('good and bad by turns of five minutes for three hours are one incident', () => {
  const turns = Array.from({ length: 18 }, () => '200x400 500x600 ×5m | 200x1000 ×5m').join(' | ');
  const played = play(`200x1000 ×6h | ${turns} | 200x1000 ×40m`);
  assert.equal(pages(played).length, 1);
  assert.equal(pages(played)[0].state, 'resolved');
});

test('turns of a few minutes are one incident, by the minute too, on a busy source and a slow one, with much history and with little', () => {
  for (const minutes of [2, 5, 7, 10]) {
    for (const [bucket, n] of [
      [60, 6000],
      [60, 120],
      [10, 1000],
      [10, 20],
    ]) {
      const turn = `200x${n * 0.7} 500x${n * 0.3} ×${(minutes * 600) / bucket}s | 200x${n} ×${(minutes * 600) / bucket}s`;
      const turns = Array.from({ length: Math.floor(90 / minutes) }, () => turn).join(' | ');
      for (const before of ['2h', '40m']) {
        const { incidents } = play(`200x${n} ×${before} | ${turns}`, { bucket });
        assert.deepEqual(
          incidents.map(({ severity }) => severity),
          ['page'],
          `${minutes} min, buckets of ${bucket} s of ${n}, ${before} before`,
        );
      }
    }
  }
});

test('a minute on, a minute off is one incident too', () => {
  const turns = Array.from({ length: 20 }, () => '200x60 502x40 ×1m | 200x100 ×1m').join(' | ');
  assert.equal(pages(play(`200x100 ×3h | ${turns} | 200x100 ×1h`)).length, 1);
});

test('what comes back within the grace period is the same incident; half an hour later it is another', () => {
  const outage = '502x90 200x10 ×3m';
  assert.equal(pages(play(`200x100 ×3h | ${outage} | 200x100 ×8m | ${outage} | 200x100 ×30m`)).length, 1);
  assert.equal(pages(play(`200x100 ×3h | ${outage} | 200x100 ×30m | ${outage} | 200x100 ×30m`)).length, 2);
});

test('when the data stops while it fires, the incident is blind and not recovered', () => {
  const { log, incidents } = play('200x100 ×3h | 502x90 200x10 ×3m | — ×30m');
  assert.equal(incidents.length, 1);
  assert.equal(incidents[0].state, 'blind');
  assert.ok(!log.some((line) => line.includes('resolved')));
  assert.equal(play('200x100 ×3h | 502x90 200x10 ×3m | — ×30m | 200x100 ×10m').incidents[0].state, 'resolved');
});

test('a tiny site is not healthy because two requests went well', () => {
  const played = play('200x1 ×3h | 502x1 ×5m | 200x1 ×20s | — ×70s | 200x1 ×20s');
  assert.notEqual(played.incidents[0].state, 'resolved');
});

test('an incident does not teach the detector that failing is normal', () => {
  const played = play('200x100 ×3h | 502x50 200x50 ×6h | 200x100 ×1h | 502x20 200x80 ×3m');
  assert.equal(pages(played).length, 2);
  assert.ok(pages(played)[1].baselineShare < 0.001);
});

test('other codes that join in are part of it', () => {
  const played = play('200x100 ×3h | 502x60 200x40 ×2m | 504x60 200x40 ×2m | 200x100 ×1h');
  assert.deepEqual(
    pages(played).map(({ codes }) => codes),
    [[502, 504]],
  );
});

test('what arrives two minutes out of order still counts, later does not', () => {
  const { engine } = play('200x100 ×1h');
  const watched = engine.source('shop', MONDAY);
  assert.equal(engine.count(watched, MONDAY + 3600 - 100, 502, 1), true);
  assert.equal(engine.count(watched, MONDAY + 3600 - 300, 502, 1), false);
});

test('a source of errors only has recovered when they come as seldom as ever, and pages for the next flood', () => {
  const flood = '500x3 ×6h | 500x60 ×5m | 500x3 ×2h | 500x60 ×5m | 500x3 ×1h';
  assert.deepEqual(
    pages(play(flood)).map(({ rule, state }) => [rule, state]),
    [
      ['error-rate', 'resolved'],
      ['error-rate', 'resolved'],
    ],
  );
});
