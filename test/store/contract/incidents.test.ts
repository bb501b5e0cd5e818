// What every store must keep of an incident.
import assert from 'node:assert/strict';
import type { IncidentWrite } from '../../../server/store/store.ts';
import { ClientSketch } from '../../../server/core/count/client-sketch.ts';
import { it, T } from './engines.ts';

const INCIDENT: IncidentWrite['incident'] = {
  source: 'web',
  sources: ['web'],
  foldedInto: null,
  codes: [502],
  rule: 'error-share',
  cause: null,
  where: [],
  culprit: null,
  severity: 'page',
  state: 'firing',
  startedAt: T,
  openedAt: T,
  endedAt: null,
  resolvedAt: null,
  lastBadAt: T,
  share: 0.4,
  peakShare: 0.4,
  baselineShare: 0,
  failed: 4,
  total: 10,
  summary: '502s',
  headline: '502s',
  acknowledged: null,
  silencedUntil: null,
};

it('the sketch of the clients that an incident met goes on after a restart', async (open) => {
  let store = open();
  const sketch = new ClientSketch();
  for (let client = 1; client <= 310; client++) sketch.add(client);
  const write = (id: number | undefined, clients?: Uint8Array) =>
    store.incidents.write([{ incident: { ...INCIDENT, id }, machine: {}, transitions: [], outbox: [], clients }]);
  const [with310] = await write(undefined, sketch.encode());
  const [without] = await write(undefined);
  await write(with310);
  store.close();
  store = open();
  const kept = await store.incidents.unfinished(T);
  assert.deepEqual(
    kept.map(({ incident, clients }) => [incident.id, clients && ClientSketch.decode(clients)?.count]),
    [
      [with310, sketch.count],
      [without, undefined],
    ],
  );
  store.close();
});
