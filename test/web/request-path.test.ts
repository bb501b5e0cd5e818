// Who failed, as a picture: each culprit breaks its own link or marks its own node, and no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnosis, Incident, Where } from '#shared/api.ts';
import { CULPRITS, type Culprit } from '#shared/exchange.ts';
import { requestPath } from '../../web/src/lib/request-path.ts';

const incident: Incident = {
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
  startedAt: 0,
  endedAt: null,
  openedAt: 0,
  resolvedAt: null,
  lastBadAt: 0,
  share: 0.3,
  peakShare: 0.4,
  baselineShare: 0,
  failed: 30,
  total: 100,
  summary: '',
  headline: '',
  acknowledged: null,
  silencedUntil: null,
};
const diagnosis = (culprit: Culprit, where: Where[] = []): Diagnosis => ({
  code: 502,
  total: 100,
  hits: 30,
  headline: 'what happened',
  where,
  refinements: [],
  also: [],
  next: [],
  localCheck: null,
  addToLog: null,
  causes: [
    {
      cause: 'x',
      culprit,
      title: 'what happened',
      share: 1,
      hits: 30,
      confidence: 'certain',
      evidence: [],
      meaning: '',
      owner: '',
      checks: [],
      fixes: [],
      notToConfuse: [],
      references: [],
    },
  ],
});
const place = (dimension: Where['dimension'], value: string, share: number, trafficShare: number | null): Where => ({
  dimension,
  value,
  hits: 10,
  share,
  trafficShare,
  baselineShare: null,
  lift: trafficShare === null ? 1 : share / trafficShare,
});
/** `client=ok> proxy!broken> …` */
const drawn = (culprit: Culprit) => {
  const { nodes, links } = requestPath(incident, diagnosis(culprit), 'nginx-json');
  return nodes
    .map((n, i) => `${n.id}${n.state === 'ok' ? '' : `(${n.state})`}${links[i] ? ` ${links[i].state} ` : ''}`)
    .join('');
};

test('each culprit breaks its own part of the path', () => {
  assert.deepEqual(Object.fromEntries(CULPRITS.map((c) => [c, drawn(c)])), {
    client: 'client(bad) broken proxy ok upstream ok app',
    edge: 'client ok edge(bad) unknown proxy ok upstream ok app',
    proxy: 'client ok proxy(bad) never upstream(idle) never app(idle)',
    'upstream-connect': 'client ok proxy broken upstream(bad) never app(idle)',
    'upstream-timeout': 'client ok proxy ok upstream slow app(bad)',
    'upstream-protocol': 'client ok proxy cut upstream(bad) unknown app(unknown)',
    app: 'client ok proxy ok upstream ok app(bad)',
    unknown: 'client ok proxy unknown upstream(unknown) unknown app(unknown)',
  });
});

test('an instance is named when it stands out, and not when it is only busy', () => {
  const named = (where: Where[]) =>
    requestPath(incident, diagnosis('upstream-connect', where), 'nginx-json').nodes.find((n) => n.id === 'upstream')!;
  assert.equal(
    named([place('upstream', '10.0.0.3:8080', 0.98, 0.33), place('upstream', '10.0.0.1:8080', 0.02, 0.67)]).title,
    '10.0.0.3:8080',
  );
  const busy = named([place('upstream', '10.0.0.3:8080', 0.6, 0.6), place('upstream', '10.0.0.1:8080', 0.4, 0.4)]);
  assert.equal(busy.title, 'upstream');
  assert.equal(busy.detail, 'no single instance');
});

test('of a value whose traffic is not counted, and of one that is not known, nothing is made up', () => {
  const { nodes } = requestPath(incident, diagnosis('app', [place('client', '203.0.113.7', 0.9, null)]), 'nginx-json');
  assert.deepEqual(
    nodes.slice(0, 3).map(({ detail }) => detail),
    ['90% of failures from 203.0.113.7', 'shop', ''],
  );
});

test('the proxy is called by the program that wrote the log', () => {
  const proxy = (format: string | null) =>
    requestPath(incident, null, format).nodes.find((n) => n.id === 'proxy')!.title;
  assert.deepEqual(
    [proxy('nginx-json'), proxy('haproxy'), proxy('combined'), proxy(null)],
    ['nginx', 'haproxy', 'proxy', 'proxy'],
  );
});
