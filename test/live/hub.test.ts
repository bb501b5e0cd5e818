import { test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { Incidents } from '#shared/api.ts';
import { LIVE_PROTOCOL, SNAPSHOT_MS, type Counts, type Delta, type Hello, type LiveFrame } from '#shared/live.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';

interface Page {
  socket: WebSocket;
  /** The next frame, in order. */
  next<T extends LiveFrame>(): Promise<T>;
}

async function listening(t: { after(work: () => unknown): void }): Promise<TestApp & { port: number }> {
  const app = await openApp(t);
  await app.app.listen({ host: '127.0.0.1', port: 0 });
  return Object.assign(app, { port: (app.app.server.address() as AddressInfo).port });
}

function openPage(
  t: { after(work: () => unknown): void },
  port: number,
  query = '',
  headers: Record<string, string> = {},
): Page {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live${query}`, { headers });
  t.after(() => socket.terminate());
  const frames: LiveFrame[] = [];
  const waiting: ((frame: LiveFrame) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as LiveFrame;
    const first = waiting.shift();
    if (first === undefined) frames.push(frame);
    else first(frame);
  });
  return {
    socket,
    next: <T extends LiveFrame>() =>
      new Promise<T>((resolve) => {
        const first = frames.shift();
        if (first !== undefined) resolve(first as T);
        else waiting.push(resolve as (frame: LiveFrame) => void);
      }),
  };
}

const post = (app: TestApp, lines: string[], source = 'shop') =>
  app.app.inject({ method: 'POST', url: `/ingest/${source}`, payload: lines.join('\n') });

/** [bucket, source, code, count] by name. */
const counts = ({ names, counts: rows }: Counts) =>
  rows.map(([bucket, source, code, count]) => [bucket, names[source], code, count]);

test('a page gets a hello with the sum of all sources, then each second what has changed, as it then is', async (t) => {
  const app = await listening(t);
  await post(app, [combined(NOON - 25_000, 200), combined(NOON - 24_000, 404)]);
  await app.tick();
  const page = openPage(t, app.port);
  const hello = await page.next<Hello>();
  assert.deepEqual(
    [hello.type, hello.protocol, hello.version, hello.seq, hello.demo, hello.view, hello.since, hello.more],
    ['hello', LIVE_PROTOCOL, '0.0.0-test', 1, false, { source: null }, null, false],
  );
  assert.deepEqual(counts(hello), [
    [NOON - 30_000, null, 200, 1],
    [NOON - 30_000, null, 404, 1],
  ]);
  assert.deepEqual([hello.sources[0].name, hello.overview.sources, hello.overview.counted], ['shop', 1, 2]);

  await post(app, [combined(NOON - 1000, 404), combined(NOON - 1000, 404), combined(NOON, 200)]);
  await app.tick();
  const delta = await page.next<Delta>();
  assert.deepEqual([delta.type, delta.seq], ['delta', 2]);
  assert.deepEqual(counts(delta), [
    [NOON, null, 200, 1],
    [NOON - 10_000, null, 404, 2],
  ]);
  assert.deepEqual([delta.sources[0].accepted, delta.overview.counted], [5, 5]);
  await post(app, [combined(NOON - 1000, 404)]);
  await app.tick();
  assert.deepEqual(counts(await page.next<Delta>()), [[NOON - 10_000, null, 404, 3]]);
  await app.tick();
  const quiet = await page.next<Delta>();
  assert.deepEqual(
    [quiet.seq, quiet.counts, quiet.sources, quiet.pending, quiet.troubles],
    [4, [], [], undefined, undefined],
  );
});

test('a page that shows one source gets its counts, and those of all others in sum; it turns to another view, and back', async (t) => {
  const app = await listening(t);
  await post(app, [combined(NOON, 502)], 'shop');
  await post(app, [combined(NOON, 502), combined(NOON, 200)], 'blog');
  await app.tick();
  const page = openPage(t, app.port, '?source=shop');
  const hello = await page.next<Hello>();
  assert.deepEqual([hello.view, hello.viewed?.name], [{ source: 'shop' }, 'shop']);
  assert.deepEqual(counts(hello).sort(), [
    [NOON, null, 200, 1],
    [NOON, null, 502, 1],
    [NOON, 'shop', 502, 1],
  ]);
  await post(app, [combined(NOON, 502)], 'shop');
  await app.tick();
  const delta = await page.next<Delta>();
  assert.deepEqual(counts(delta).sort(), [
    [NOON, null, 502, 1],
    [NOON, 'shop', 502, 2],
  ]);
  assert.equal(delta.viewed?.accepted, 2);
  for (const [source, wanted] of [
    ['blog', 2],
    ['nobody', 0],
    [null, 0],
    ['', 0],
  ] as const) {
    page.socket.send(JSON.stringify({ view: { source } }));
    const { view, since, viewed, ...rest } = await page.next<Hello>();
    assert.deepEqual(
      [view.source, since, viewed?.name ?? null],
      [source || null, null, source === 'blog' ? 'blog' : null],
    );
    const own = counts(rest)
      .filter(([, name]) => name !== null)
      .reduce((sum, row) => sum + Number(row[3]), 0);
    const all = counts(rest).reduce((sum, row) => sum + Number(row[3]), 0);
    assert.deepEqual([own, all], [wanted, 4], String(source));
  }
  // A source that comes into being while it is looked at.
  page.socket.send('{"view":{"source":"late"}}');
  assert.equal((await page.next<Hello>()).viewed, null);
  await post(app, [combined(NOON, 200)], 'late');
  await app.tick();
  assert.deepEqual(counts(await page.next<Delta>()), [
    [NOON, null, 200, 1],
    [NOON, 'late', 200, 1],
  ]);
});

test('a client that asks for what there is not is told so, and let go', async (t) => {
  const app = await listening(t);
  for (const said of ['hello', '[]', '{"view":7}', '{"view":{"source":7}}', 'null', '{}']) {
    const { socket, next } = openPage(t, app.port);
    await next();
    socket.send(said);
    assert.equal(((await once(socket, 'close')) as [number])[0], 1008, said);
  }
});

test('what was counted but not yet told is in the delta after the hello, never in both', async (t) => {
  const app = await listening(t);
  await post(app, [combined(NOON, 200), combined(NOON, 200)]);
  const page = openPage(t, app.port);
  const hello = await page.next<Hello>();
  await app.tick();
  const delta = await page.next<Delta>();
  assert.deepEqual([counts(hello), counts(delta)], [[], [[NOON, null, 200, 2]]]);
});

test('a page that was away gets the counts that changed meanwhile, however long that was', async (t) => {
  const app = await listening(t);
  await post(app, [combined(NOON - 60_000, 200), combined(NOON, 404)]);
  await app.tick();
  const before = await openPage(t, app.port).next<Hello>();
  for (let i = 0; i < 300; i++) {
    if (i % 100 === 0) await post(app, [combined(NOON + i, 404)]);
    await app.tick();
  }
  const hello = await openPage(t, app.port, `?since=${before.seq}&boot=${before.boot}`).next<Hello>();
  assert.deepEqual([hello.since, hello.seq, counts(hello)], [1, 301, [[NOON, null, 404, 4]]]);
  assert.deepEqual([hello.overview.counted, hello.sources.length], [5, 1], 'lists are always whole');
});

test('a sequence of another start, or of the future, gets everything', async (t) => {
  const app = await listening(t);
  await post(app, [combined(NOON, 200)]);
  for (let i = 0; i < 5; i++) await app.tick();
  const { boot } = await openPage(t, app.port).next<Hello>();
  for (const query of [
    '?since=5&boot=other',
    `?since=999&boot=${boot}`,
    `?since=x&boot=${boot}`,
    `?since=-2&boot=${boot}`,
    `?since=1.5&boot=${boot}`,
    '?since=5',
  ]) {
    const hello = await openPage(t, app.port, query).next<Hello>();
    assert.deepEqual([hello.since, counts(hello)], [null, [[NOON, null, 200, 1]]], query);
  }
});

test('what the store held before a restart is in the first snapshot', async (t) => {
  const first = await openApp(t);
  await post(first, [combined(NOON - 60_000, 503)]);
  await first.close();
  const app = await openApp(t, { dataDir: first.dataDir });
  await app.app.listen({ host: '127.0.0.1', port: 0 });
  const hello = await openPage(t, (app.app.server.address() as AddressInfo).port).next<Hello>();
  assert.deepEqual(counts(hello), [[NOON - 60_000, null, 503, 1]]);
});

test('an annotation is told at once', async (t) => {
  const app = await listening(t);
  const page = openPage(t, app.port);
  await page.next();
  await app.app.inject({ method: 'POST', url: '/api/annotations', payload: { text: 'shop v2' } });
  await app.tick();
  assert.equal((await page.next<Delta>()).annotations[0].text, 'shop v2');
});

test('incidents that ended within the live time are in the hello', async (t) => {
  const app = await listening(t);
  for (let s = 0; s < 150; s++) {
    await post(
      app,
      Array.from({ length: 10 }, (_, i) => combined(app.clock.now, s >= 120 && i < 5 ? 502 : 200)),
    );
    app.clock.now += 1000;
    await app.tick();
  }
  const [{ id }] = (await app.app.inject('/api/incidents?open=true')).json<Incidents>().incidents;
  await app.app.inject({ method: 'POST', url: `/api/incidents/${id}/resolve`, payload: {} });
  const told = async () => (await openPage(t, app.port).next<Hello>()).incidents.map((i) => [i.id, i.state]);
  assert.deepEqual(await told(), [[id, 'resolved']]);
  app.clock.now += SNAPSHOT_MS + 60_000;
  assert.deepEqual(await told(), []);
});

test('pages of other sites, rebound names and other paths are refused at the handshake', async (t) => {
  const app = await listening(t);
  const refused = async (query: string, headers: Record<string, string>): Promise<number> => {
    const [response] = await new Promise<[{ statusCode: number }]>((resolve) => {
      const { socket } = openPage(t, app.port, query, headers);
      socket.on('error', () => {});
      socket.once('unexpected-response', (_request, response) => resolve([response as { statusCode: number }]));
    });
    return response.statusCode;
  };
  assert.equal(await refused('', { origin: 'http://evil.example' }), 403);
  assert.equal(await refused('', { host: 'evil.example', origin: 'http://evil.example' }), 403);
  assert.equal(await refused('', { origin: 'null' }), 403);
  assert.equal(await refused('/more.txt', {}), 404);
  const own = openPage(t, app.port, '', { origin: `http://127.0.0.1:${app.port}` });
  assert.equal((await own.next()).type, 'hello');
});

test('a client that sends more than 4 KiB is cut off', async (t) => {
  const app = await listening(t);
  const { socket, next } = openPage(t, app.port);
  await next();
  socket.send('x'.repeat(5000));
  const [code] = (await once(socket, 'close')) as [number];
  assert.equal(code, 1009);
});

test('a client that does not answer pings is dropped', async (t) => {
  const app = await listening(t);
  const { socket, next } = openPage(t, app.port);
  await next();
  socket.pong = () => {}; // what ws answers a ping with
  const closed = once(socket, 'close');
  for (let i = 0; i < 40; i++) await app.tick();
  await closed;
  assert.equal(app.hub.clients, 0);
});

test('a server that stops says 1001', async (t) => {
  const app = await listening(t);
  const { socket, next } = openPage(t, app.port);
  await next();
  const closed = once(socket, 'close') as Promise<[number]>;
  await app.app.close();
  assert.equal((await closed)[0], 1001);
});
