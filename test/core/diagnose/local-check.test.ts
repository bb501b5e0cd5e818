// "It works when I test it locally": what else the failing instance did in the same time.
import assert from 'node:assert/strict';
import test from 'node:test';
import { diagnose } from '../../../server/core/diagnose/evidence.ts';
import { observed, steps, value } from './observed.ts';

test('why a healthy backend has a 502 is answered from what else it did', () => {
  const { localCheck } = diagnose(
    observed({
      causes: [{ cause: 'upstream_closed_before_response', hits: 100, sample: { proxy: 'nginx', code: 502 } }],
      dimensions: { upstream: [value('a:80', 100, 500), value('b:80', 0, 500)] },
    }),
  );
  assert.match(localCheck!, /a:80 answered about 400 other requests \(80%\)/);
  // Answers from before the failure began do not make it healthy now: half of this time was fine, and then nothing else came.
  const began = diagnose(
    observed({
      hits: 100,
      total: 400,
      series: steps(0, 0, 1, 1),
      dimensions: { upstream: [value('a:80', 100, 200), value('b:80', 0, 200)] },
    }),
  );
  assert.match(began.localCheck!, /^While it failed, a:80 returned nothing else/);
  // what the second in which it began and the one in which it ended had of good answers came before and after
  const edges = [
    [0, 100],
    [60, 100],
    [100, 100],
    [100, 100],
    [40, 100],
    [0, 100],
  ].map(([hits, total], i) => ({ at: i * 10_000, hits, total }));
  const over = diagnose(
    observed({
      causes: [{ cause: 'upstream_connection_refused', hits: 300 }],
      dimensions: { upstream: [value('a:80', 300, 600)] },
      series: edges,
    }),
  );
  assert.match(over.localCheck!, /^While it failed, a:80 returned nothing else/);
  const young = diagnose(
    observed({
      causes: [{ cause: 'upstream_connection_refused', hits: 60 }],
      dimensions: { upstream: [value('a:80', 60, 200)] },
      series: edges.slice(0, 2),
    }),
  );
  assert.doesNotMatch(young.localCheck!, /a:80/, 'one step cannot tell');
  assert.equal(diagnose(observed({ code: 500 })).localCheck, null);
});

test('where several instances fail, none of them is named as the one', () => {
  const [first] = diagnose(
    observed({
      causes: [{ cause: 'app_exception', hits: 100, sample: { proxy: 'nginx', code: 500, upstream: 'a:80' } }],
      dimensions: { upstream: [value('a:80', 50, 500), value('b:80', 50, 500)] },
    }),
  ).causes;
  assert.ok(!first.evidence[0].includes('a:80'), first.evidence[0]);
});
