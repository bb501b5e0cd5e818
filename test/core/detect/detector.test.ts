import { test } from 'node:test';
import assert from 'node:assert/strict';
import { MONDAY, pages, play } from '../../support/traffic.ts';

const DAY = 86_400;

test('3 of 4 on a tiny site pages, 1 of 2 does not', () => {
  assert.equal(pages(play('200x1 ×3h | 500x3 200x1')).length, 1);
  assert.equal(pages(play('200x1 ×3h | 500x1 200x1')).length, 0);
  assert.equal(pages(play('200x1 ×3h | 500x2 ×10s')).length, 0, 'two failures prove nothing');
});

test('it holds for a site that nothing is known of yet', () => {
  assert.equal(pages(play('500x3 200x1')).length, 1);
  assert.equal(pages(play('500x1 200x1')).length, 0);
});

test('an outage pages with its code within ten seconds', () => {
  for (const code of [500, 502, 503, 504, 521]) {
    const played = play(`200x100 ×2h | 200x20 ${code}x80 ×3m`);
    assert.equal(played.pagedAfter, 10);
    assert.deepEqual(pages(played)[0].codes, [code]);
  }
});

test('a 2 % rise on a big site pages within a minute, on a small one when it is certain', () => {
  assert.ok(play('200x8000 ×2h | 200x7800 502x200 ×10m').pagedAfter! <= 60);
  const small = play('200x80 ×2h | 200x78 502x2 ×20m').pagedAfter!;
  assert.ok(small > 30 && small <= 300, `${small} s`);
});

test('a burst of failures that only silence follows pages, one that answers follow does not', () => {
  assert.equal(pages(play('200x8 ×1s | 502x24 ×1s | — ×40s', { bucket: 1 })).length, 1, 'of a source nobody knew');
  assert.equal(pages(play('200x20 ×1h | 502x300 ×2s | — ×40s', { bucket: 1 })).length, 1);
  assert.equal(pages(play('200x20 ×1h | 502x20 ×2s | 200x20 ×5m', { bucket: 1 })).length, 0);
});

test('a deploy that fails 15 % for 20 seconds does not page', () => {
  for (const n of [20, 200, 2000, 20_000])
    assert.equal(
      pages(play(`200x${n} ×2h | 200x${Math.round(n * 0.85)} 502x${Math.round(n * 0.15)} ×20s | 200x${n} ×20m`)).length,
      0,
    );
});

test('one client that fails over and over is not an outage, by day or at night', () => {
  assert.equal(pages(play('200x80 ×6h | 200x80 500x1 ×8m | 200x80 ×10m')).length, 0);
  assert.equal(pages(play('200x80 ×12h | 200x17 ×3h | 200x17 500x1 ×8m | 200x17 ×10m')).length, 0);
});

test('what leaks slowly pages in the end', () => {
  assert.equal(pages(play('200x1000 ×3h | 200x988 500x12 ×1h')).length, 1);
});

test('a ramp pages once it hurts', () => {
  const ramp = Array.from({ length: 20 }, (_, i) => `200x${1000 - i * 5} 504x${i * 5} ×1m`).join(' | ');
  const played = play(`200x1000 ×3h | ${ramp}`);
  assert.equal(pages(played).length, 1);
  const paged = played.transitions.find(({ verdict }) => verdict?.level === 'page')!;
  assert.ok(paged.verdict!.share < 0.025, `paged at ${paged.verdict!.share}`);
});

test('failures of several kinds add up, and all are named', () => {
  const played = play('200x100 ×2h | 200x88 502x5 503x4 504x3 ×3m');
  assert.equal(pages(played).length, 1);
  assert.deepEqual([...pages(played)[0].codes].sort(), [502, 503, 504]);
});

test('a storm of 401, 403, 404 or 429 on top of the traffic warns and never pages', () => {
  for (const code of [401, 403, 404, 429]) {
    const played = play(`200x100 ×2h | 200x100 ${code}x150 ×20m`);
    assert.deepEqual(
      played.incidents.map(({ severity, codes }) => [severity, codes[0]]),
      [['warn', code]],
    );
  }
});

test('everything answered 301 pages, though nothing fails by name', () => {
  const played = play('200x90 301x5 404x5 ×3h | 301x95 404x5 ×5m');
  assert.deepEqual(
    pages(played).map(({ rule, codes }) => [rule, codes[0]]),
    [['success-fell', 301]],
  );
});

test('clients that gave up page when a third of them do', () => {
  assert.equal(pages(play('200x99 499x1 ×3h | 200x66 499x34 ×5m')).length, 1);
  assert.equal(pages(play('200x99 499x1 ×3h | 200x96 499x4 ×5m')).length, 0);
});

test('a campaign or a drain changes nothing while the mix stays', () => {
  assert.equal(play('200x99 500x1 ×12h | 200x396 500x4 ×2h | 200x30 ×2h | 200x99 500x1 ×1h').incidents.length, 0);
});

test('a source that always fails a third is paged for it once, and then only for an outage', () => {
  const played = play('200x20 500x10 ×8h | 502x30 ×3m');
  assert.deepEqual(
    pages(played).map(({ codes }) => codes[0]),
    [500, 502],
  );
  assert.equal(pages(play('200x20 500x10 ×8h')).length, 1);
});

test('a source that starts broken pages; one that has failed a little from its first line only warns', () => {
  assert.ok(play('502x40 200x1 ×2m').pagedAfter! <= 20);
  assert.equal(pages(play('200x80 500x20 ×2h')).length, 0);
});

test('a source that ships errors only is judged by their number', () => {
  const quiet = play('500x1 404x1 ×1h | 500x1 ×5h');
  assert.equal(pages(quiet).length, 0);
  const flood = play('500x1 404x1 ×6h | 500x40 ×2m');
  assert.deepEqual(
    pages(flood).map(({ rule }) => rule),
    ['error-rate'],
  );
});

test('traffic that vanished pages after two minutes; on the first day where it broke off at full flow', () => {
  const played = play('200x100 ×26h | — ×10m');
  assert.deepEqual(
    pages(played).map(({ rule, codes }) => [rule, codes.length]),
    [['traffic-vanished', 0]],
  );
  assert.equal(played.pagedAfter, 120);
  assert.equal(pages(play('200x100 ×3h | — ×30m')).length, 1);
  // a night falls slowly
  assert.equal(pages(play('200x100 ×3h | 200x40 ×20m | 200x10 ×40m | 200x1 ×40m | — ×6h')).length, 0);
  assert.equal(pages(play('200x2 ×3h | — ×20m')).length, 0);
});

test('a minute without data is no silence, and a shop that closes at night is learnt from its first one', () => {
  assert.equal(pages(play('200x100 ×26h | — ×90s | 200x100 ×10m')).length, 0);
  const week = Array.from({ length: 5 }, () => '— ×8h | 200x100 ×10h | — ×6h').join(' | ');
  const nights = pages(play(week));
  assert.ok(nights.length <= 1 && nights.every(({ openedAt }) => openedAt < MONDAY + DAY));
});

test('who rests at the weekend, or works then only, is woken for it once at most; a weekday of silence is still told', () => {
  const week = '200x100 ×5d | — ×2d';
  const weekends = pages(play(`${week} | ${week} | ${week} | 200x100 ×1h`));
  assert.ok(weekends.length <= 1 && weekends.every(({ openedAt }) => openedAt < MONDAY + 7 * DAY));
  assert.ok(pages(play('— ×5d | 200x100 ×2d | — ×5d | 200x100 ×2d | — ×5d | 200x100 ×2d')).length <= 1);
  assert.ok(play(`${week} | ${week} | 200x100 ×26h | — ×1h`).pagedAfter! <= 300);
});

test('a batch job that speaks four minutes an hour is not missed between', () => {
  const day = Array.from({ length: 48 }, () => '200x300 500x3 ×4m | — ×56m').join(' | ');
  assert.equal(pages(play(day)).length, 0);
});

test('day turns to night turns to day without a word', () => {
  const hours = Array.from(
    { length: 72 },
    (_, h) => `200x${Math.round(60 + 55 * Math.sin((h / 24) * 2 * Math.PI))} ×1h`,
  ).join(' | ');
  assert.equal(play(hours).incidents.length, 0);
});

test('counts that come by the minute are judged as well', () => {
  const played = play('200x600 ×2h | 200x60 502x540 ×5m', { resolution: 60 });
  assert.equal(pages(played).length, 1);
});

test('a night of outage at low traffic pages', () => {
  assert.ok(play(`200x50 ×${DAY * 0.9}s | 200x3 ×2h | 502x2 200x1 ×10m`).pagedAfter! <= 60);
});

test('what is usual is said as a person would: none where nothing has failed, nothing of a source that is new', () => {
  const saying = (traffic: string): [string, number] => {
    const [{ verdict, baselineShare }] = pages(play(traffic));
    return [/\((.+)\)$/.exec(verdict.says)![1], baselineShare];
  };
  assert.deepEqual(saying('200x100 ×6h | 200x50 502x50 ×3m'), ['usually none', 0]);
  assert.equal(saying('200x50 502x50 ×3m')[0], 'a new source');
  assert.equal(saying('200x100 ×1m | 200x50 502x50 ×3m')[0], 'none before');
  const [said, share] = saying('200x199 502x1 ×6h | 200x50 502x50 ×3m');
  assert.match(said, /^usually 0\.5\d?%$/);
  assert.ok(Math.abs(share - 0.005) < 0.0005);
  assert.equal(
    saying('200x100 ×6h | 200x50 502x50 ×10m | 200x100 ×3h | 200x50 502x50 ×3m')[0],
    'usually none',
    'an outage is no habit',
  );
});

test('what failed while it was open is counted, not estimated, also where a few requests come at a time', () => {
  const [{ failed, total }] = pages(
    play(`200x5 ×1h | ${Array(150).fill('502x5 ×1s | 502x4 200x1 ×1s').join(' | ')}`, { bucket: 1 }),
  );
  assert.ok(failed / total > 0.88 && failed / total < 0.91 && failed > 1300, `${failed} of ${total}`);
});
