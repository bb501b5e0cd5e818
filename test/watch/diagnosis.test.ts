// What an incident's diagnosis on the server knows beyond its counts.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { IncidentDetail, Incidents } from '#shared/api.ts';
import { combined, openApp } from '../support/app.ts';

test('clients that come back at once after a 429 are a retry storm on the incident too', async (t) => {
  const { app, clock, tick } = await openApp(t);
  const post = (lines: string[]) => app.inject({ method: 'POST', url: '/ingest/shop', payload: lines.join('\n') });
  const from = (client: number, code: number): string =>
    combined(clock.now, code).replace('203.0.113.7', `203.0.113.${client}`);
  for (let s = 0; s < 600; s += 30, clock.now += 30_000) {
    await post(Array.from({ length: 60 }, (_, i) => from(i % 20, 200)));
    await tick();
  }
  for (let s = 0; s < 180; s++, clock.now += 1000) {
    // Twice in the same second, each of them.
    await post(
      [10, 11, 12].flatMap((client) => [from(client, 429), from(client, 429)]).concat(from(13, 200), from(14, 200)),
    );
    await tick();
  }
  const { incidents } = (await app.inject('/api/incidents')).json() as Incidents;
  const limited = incidents.find(({ codes }) => codes.includes(429));
  assert.ok(limited, JSON.stringify(incidents));
  const { diagnosis } = (await app.inject(`/api/incidents/${limited.id}`)).json() as IncidentDetail;
  const storm = diagnosis!.refinements.find(({ id }) => id === 'retry-storm');
  assert.match(storm?.evidence ?? '', /^After \d+ of 1,\d+ refusals \(50%\) the same client was back within a second/);
});
