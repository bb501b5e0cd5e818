// What every detector promises, walked over server/core/detect/detectors/index.ts: a pure judgement of one source at one moment, that
// finds its own trouble, leaves that of the others to them, and says why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILTIN } from '../../../server/core/detect/builtin.ts';
import type { Detector, Verdict } from '../../../server/core/detect/detectors/detector.ts';
import { detectors } from '../../../server/core/detect/detectors/index.ts';
import { SourceState } from '../../../server/core/detect/source-state.ts';
import { BUCKET, MONDAY, buckets } from '../../support/traffic.ts';
import { quiet, scenes } from './scenes.ts';

interface Moment {
  readonly state: SourceState;
  readonly now: number;
  /** Judged at this moment; empty where nobody was asked. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** The traffic as a source sees it, slot by slot; at the end of each, `asked` are asked. */
function* played(
  notation: string,
  asked: readonly Detector[],
  order = (codes: [number, number][]) => codes,
): Generator<Moment> {
  const state = new SourceState('shop', MONDAY);
  state.resolution = BUCKET;
  let now = MONDAY;
  for (const { counts, times } of buckets(notation))
    for (let i = 0; i < times; i++) {
      for (const [code, count] of order([...counts])) state.count(now + BUCKET - 1, code, count);
      now += BUCKET;
      const verdicts = asked
        .map((d) => [d.id, d.judge(state, now)] as const)
        .filter(([, found]) => found !== undefined);
      yield { state, now, verdicts: new Map(verdicts as [string, Verdict][]) };
      state.turn();
    }
}

/** The first verdict of each detector on this traffic. */
function found(notation: string, asked: readonly Detector[] = detectors): Map<string, Verdict> {
  const first = new Map<string, Verdict>();
  for (const { verdicts } of played(notation, asked))
    for (const [id, verdict] of verdicts) if (!first.has(id)) first.set(id, verdict);
  return first;
}

const scene = (id: string): string => `${scenes[id].usual} | ${scenes[id].trouble}`;

test('every detector has an id and a title of its own, and a scene in scenes.ts', () => {
  const ids = detectors.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(new Set(detectors.map(({ title }) => title)).size, ids.length);
  assert.deepEqual(
    ids.filter((id) => scenes[id] === undefined),
    [],
    'test/core/detect/scenes.ts says what each detector is there for',
  );
  assert.equal(BUILTIN.length, ids.length, 'core/detect/builtin.ts describes each detector for the dashboard');
});

test('no detector finds anything in traffic that is as usual', () => {
  for (const traffic of quiet) assert.deepEqual([...found(traffic)], [], traffic);
});

for (const detector of detectors as readonly Detector[]) {
  const { id } = detector;
  if (scenes[id] === undefined) continue; // said above

  test(`${id} finds its scene, and no other detector does`, () => {
    const { usual } = scenes[id];
    assert.deepEqual([...found(usual).keys()], [], 'before it');
    assert.deepEqual([...found(scene(id)).keys()], [id]);
  });

  test(`${id} says the same of the same traffic, in whatever order the counts of a slot come`, () => {
    const verdicts = (order?: (codes: [number, number][]) => [number, number][]): Verdict[] =>
      [...played(scene(id), [detector], order)].flatMap(({ verdicts }) => [...verdicts.values()]);
    const once = verdicts();
    assert.ok(once.length > 0);
    assert.deepEqual(verdicts(), once);
    assert.deepEqual(
      verdicts((codes) => codes.reverse()),
      once,
    );
  });

  test(`${id} leaves no trace: a source that was judged often is as one that was not`, () => {
    const often = played(scene(id), [detector, detector]),
      never = played(scene(id), []);
    for (let a = often.next(), b = never.next(); !a.done && !b.done; a = often.next(), b = never.next()) {
      const { state, now, verdicts } = a.value;
      // now and then: who is judged once at the end has not been judged before
      if (now % 3000 !== 0 && !verdicts.has(id)) continue;
      const incident = { peakShare: 0.5, gone: false };
      assert.deepEqual(detector.judge(b.value.state, now), verdicts.get(id));
      assert.equal(detector.holds(b.value.state, now, incident), detector.holds(state, now, incident));
    }
  });

  test(`${id} explains itself in numbers that fit what it saw`, () => {
    const sent = new Set(buckets(scenes[id].trouble).flatMap(({ counts }) => [...counts.keys()]));
    const verdict = found(scene(id), [detector]).get(id)!;
    const { rule, level, codes, window, bad, total, share, baseline, score, threshold, says } = verdict;
    assert.equal(rule, id);
    assert.ok(level === 'warn' || level === 'page');
    assert.ok(
      codes.every((code) => sent.has(code)),
      `${codes} of ${[...sent]}`,
    );
    assert.equal(codes.length === 0, detector.findsSilence === true, 'only silence has no code');
    for (const number of [window, bad, total, score, threshold])
      assert.ok(number > 0 && number < Infinity, `${number}`);
    assert.ok(bad <= total && share > baseline && share <= 1 && baseline >= 0);
    assert.match(says, /\d/, 'a sentence with the number that matters');
    assert.doesNotMatch(says, /undefined|NaN|Infinity|\.$/);
    assert.ok(says.length < 200);
  });

  test(`${id} neither finds nor holds what is long over`, () => {
    const { usual, after = usual } = scenes[id];
    const moments = played(`${scene(id)} | ${after}`, []);
    for (let m = moments.next(), next; !m.done; m = next) {
      const { state, now } = m.value;
      const shows =
        detector.judge(state, now) !== undefined || detector.holds(state, now, { peakShare: 0.5, gone: true });
      next = moments.next();
      if (next.done) assert.equal(shows, false);
    }
  });
}
