// An incident as Markdown: whole, and untrusted text in it stays text.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { IncidentDetail } from '#shared/api.ts';
import { diagnose } from '../../../server/core/diagnose/evidence.ts';
import { incidentMarkdown, plain } from '../../../server/core/diagnose/markdown.ts';

const at = 1_763_849_911_000;
const detail = (line: string, note: string): Omit<IncidentDetail, 'markdown' | 'evaluations' | 'sampled'> => ({
  incident: {
    id: 1,
    source: 'shop',
    sources: ['shop'],
    foldedInto: null,
    codes: [502],
    rule: '5xx share',
    cause: null,
    culprit: null,
    severity: 'page',
    state: 'firing',
    where: [],
    startedAt: at,
    endedAt: null,
    openedAt: at,
    resolvedAt: null,
    lastBadAt: at,
    share: 0.4,
    peakShare: 0.5,
    baselineShare: 0.001,
    failed: 40,
    total: 100,
    summary: '502s at 40% of requests',
    headline: 'x',
    acknowledged: null,
    silencedUntil: null,
  },
  diagnosis: diagnose({
    source: 'shop',
    proxy: 'nginx',
    code: 502,
    total: 100,
    hits: 40,
    from: at,
    to: at,
    dimensions: {},
    series: [],
    deploys: [],
    causes: [
      {
        cause: 'upstream_connection_refused',
        hits: 40,
        sample: { proxy: 'nginx', code: 502, upstream: '10.0.0.3:8080', path: '/', connectMs: null, headerMs: null },
      },
    ],
  }),
  transitions: [{ at, from: 'pending', to: 'firing', why: '40 of 100' }],
  notes: [{ at, by: 'jo', text: note }],
  samples: [{ at, code: 502, line }],
  similar: [],
});

test('it opens with source, code and who failed, and holds evidence, commands and lines', () => {
  const text = incidentMarkdown(detail('GET / 502', 'looking'));
  assert.match(text, /^## shop: 502 — The proxy cannot connect to the upstream\n/);
  for (const part of [
    '### Who failed',
    '### Check next',
    'curl -sv -m 3',
    '### Lines',
    'GET / 502',
    '### Notes',
    'looking',
  ])
    assert.ok(text.includes(part), part);
});

test('a line cannot end its block, and a note can neither link, mention, nor bring HTML', () => {
  const text = incidentMarkdown(
    detail(
      'x ``` <script>alert(1)</script>\n# not a heading',
      '[click](javascript:x) <img src=x> @everyone https://evil.example',
    ),
  );
  const fences = text.split('\n').filter((l) => /^`{3,}$/.test(l));
  assert.deepEqual(fences.slice(-2), ['````', '````']);
  assert.ok(!/(^|\n)# not/.test(text));
  assert.ok(!/(^|[^\\])\[click|(^|[^\\])<img|(^|[^\\])@everyone|https:\/\/evil/.test(text), text);
});

test('ordinary text is left as it is', () => {
  assert.equal(
    plain('All 40 failed before a connection stood, refused at once.'),
    'All 40 failed before a connection stood, refused at once.',
  );
});
