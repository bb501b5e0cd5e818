// The watch as its users meet it: the whole server, counts sent by the clock, and the API.
import assert from 'node:assert/strict';
import type { Incident, Incidents } from '#shared/api.ts';
import { openApp, type TestApp } from '../support/app.ts';

export type Cleaning = { after(work: () => unknown): void };

export const get = async <T>(app: TestApp, url: string): Promise<T> => {
  const response = await app.app.inject(url);
  assert.equal(response.statusCode, 200, `${url}: ${response.body}`);
  return response.json() as T;
};
export const post = async <T>(app: TestApp, url: string, body: object): Promise<T> => {
  const response = await app.app.inject({ method: 'POST', url, payload: body });
  assert.ok(response.statusCode < 300, `${url}: ${response.body}`);
  return response.json() as T;
};
export const open = async (app: TestApp): Promise<Incident[]> =>
  (await get<Incidents>(app, '/api/incidents?open=true')).incidents;

/** Counts as they come, a post each `every` seconds of the clock. */
export async function send(
  app: TestApp,
  seconds: number,
  counts: Record<number, number>,
  { source = 'shop', every = 5, late = 0 } = {},
): Promise<void> {
  for (let s = 0; s < seconds; s += every) {
    app.clock.now += every * 1000;
    const lines = Object.entries(counts).flatMap(([code, count]) =>
      Array.from({ length: every }, (_, i) =>
        JSON.stringify({ ts: app.clock.now / 1000 - late - i, source, code: Number(code), count }),
      ),
    );
    await post(
      app,
      '/ingest?format=counts',
      lines.map((line) => JSON.parse(line) as object),
    );
    await app.tick();
  }
}

/** Nothing comes, and the clock goes on. */
export async function silence(app: TestApp, seconds: number, every = 10): Promise<void> {
  for (let s = 0; s < seconds; s += every) {
    app.clock.now += every * 1000;
    await app.tick();
  }
}

/** Ten minutes of health, then an outage. */
export async function outage(t: Cleaning, settings = {}): Promise<TestApp> {
  const app = await openApp(t, settings);
  await send(app, 600, { 200: 20 }, { every: 30 });
  await send(app, 30, { 200: 5, 502: 15 });
  return app;
}

/** Stopped, and started again after so many seconds. */
export async function restarted(t: Cleaning, app: TestApp, seconds = 5): Promise<TestApp> {
  await app.close();
  return openApp(t, { ...app.config, dataDir: app.dataDir }, undefined, app.clock.now + seconds * 1000);
}

export const DEAD = '10.0.0.2:80';
export type Mix = [code: number, upstream: string, times: number][];

/** Every five seconds, of each source. */
export async function proxied(app: TestApp, seconds: number, mixes: Record<string, Mix>): Promise<void> {
  const line = (code: number, upstream: string): string =>
    JSON.stringify({
      time: new Date(app.clock.now).toISOString(),
      request_method: 'GET',
      request_uri: '/',
      status: String(code),
      upstream_addr: upstream,
      upstream_status: String(code),
      upstream_connect_time: code === 502 ? '-' : '0.001',
      upstream_header_time: code === 502 ? '-' : '0.01',
      upstream_response_time: '0.01',
      upstream_bytes_received: code === 502 ? '0' : '500',
    });
  for (let s = 0; s < seconds; s += 5) {
    app.clock.now += 5000;
    for (const [source, mix] of Object.entries(mixes)) {
      await app.app.inject({
        method: 'POST',
        url: `/ingest/${source}`,
        payload: mix.flatMap(([code, upstream, n]) => Array<string>(n).fill(line(code, upstream))).join('\n'),
      });
    }
    await app.tick();
  }
}

/** What is to be told, in order. */
export const outbox = (app: TestApp): string[] =>
  app.ingest.store.db
    .prepare(
      "SELECT event || ' ' || source FROM outbox JOIN incident ON incident.id = outbox.incident WHERE outbox.state = 'waiting' ORDER BY outbox.id",
    )
    .pluck()
    .all() as string[];
