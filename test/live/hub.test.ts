import { test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { Incidents } from '#shared/api.ts';
import { LIVE_PROTOCOL, SNAPSHOT_MS, type Delta, type Hello, type LiveFrame } from '#shared/live.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';
import { until } from '../support/server.ts';

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
const counts = ({ names, counts: rows }: Pick<Delta, 'names' | 'counts'>) =>
  rows.map(([bucket, source, code, count]) => [bucket, names[source], code, count]);

test('a page gets a hello with a snapshot, then what each second added', async (t) => {
  const app = await listening(t);
  await post(app, [combined(NOON - 25_000, 200), combined(NOON - 24_000, 502)]);
  await app.tick();
  const page = openPage(t, app.port);
  const hello = await page.next<Hello>();
  assert.deepEqual(
    [hello.type, hello.protocol, hello.version, hello.seq, hello.demo, hello.missed],
    ['hello', LIVE_PROTOCOL, '0.0.0-test', 1, false, []],
  );
  assert.equal(hello.snapshot!.from, NOON - SNAPSHOT_MS);
  assert.deepEqual(counts(hello.snapshot!), [
    [NOON - 30_000, 'shop', 200, 1],
    [NOON - 30_000, 'shop', 502, 1],
  ]);
  assert.equal(hello.snapshot!.sources[0].name, 'shop');

  await post(app, [combined(NOON - 1000, 502), combined(NOON - 1000, 502), combined(NOON, 200)]);
  await app.tick();
  const delta = await page.next<Delta>();
  assert.deepEqual([delta.type, delta.seq], ['delta', 2]);
  assert.deepEqual(counts(delta), [
    [NOON, 'shop', 200, 1],
    [NOON - 10_000, 'shop', 502, 2],
  ]);
  assert.equal(delta.sources[0].accepted, 5);
  await app.tick();
  const quiet = await page.next<Delta>();
  assert.deepEqual([quiet.seq, quiet.counts, quiet.sources], [3, [], []]);
});

test('what was counted but not yet told is in the delta after the snapshot, never in both', async (t) => {
  const app = await listening(t);
  await post(app, [combined(NOON, 200), combined(NOON, 200)]);
  const page = openPage(t, app.port);
  const hello = await page.next<Hello>();
  await app.tick();
  const delta = await page.next<Delta>();
  const sum = [...hello.snapshot!.counts, ...delta.counts].reduce((n, [, , , count]) => n + count, 0);
  assert.equal(sum, 2);
});

test('a page that was away for a moment gets the deltas it missed, and no snapshot', async (t) => {
  const app = await listening(t);
  const before = await openPage(t, app.port).next<Hello>();
  for (let i = 0; i < 3; i++) {
    await post(app, [combined(NOON + i, 500)]);
    await app.tick();
  }
  const hello = await openPage(t, app.port, `?since=${before.seq + 1}&boot=${before.boot}`).next<Hello>();
  assert.deepEqual([hello.snapshot, hello.seq, hello.missed.map(({ seq }) => seq)], [null, 3, [2, 3]]);
});

test('a sequence of another start, or too old, gets a snapshot', async (t) => {
  const app = await listening(t);
  const { boot } = await openPage(t, app.port).next<Hello>();
  for (let i = 0; i < 200; i++) await app.tick();
  for (const query of [
    '?since=199&boot=other',
    `?since=3&boot=${boot}`,
    `?since=999&boot=${boot}`,
    `?since=x&boot=${boot}`,
    '?since=199',
  ]) {
    const hello = await openPage(t, app.port, query).next<Hello>();
    assert.ok(hello.snapshot !== null && hello.missed.length === 0, query);
  }
});

test('what the store held before a restart is in the first snapshot', async (t) => {
  const first = await openApp(t);
  await post(first, [combined(NOON - 60_000, 503)]);
  await first.close();
  const app = await openApp(t, { dataDir: first.dataDir });
  await app.app.listen({ host: '127.0.0.1', port: 0 });
  const hello = await openPage(t, (app.app.server.address() as AddressInfo).port).next<Hello>();
  assert.deepEqual(counts(hello.snapshot!), [[NOON - 60_000, 'shop', 503, 1]]);
});

test('an annotation is told at once', async (t) => {
  const app = await listening(t);
  const page = openPage(t, app.port);
  await page.next();
  await app.app.inject({ method: 'POST', url: '/api/annotations', payload: { text: 'shop v2' } });
  await app.tick();
  assert.equal((await page.next<Delta>()).annotations[0].text, 'shop v2');
});

test('incidents that ended within the time of the snapshot are in it', async (t) => {
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
  const told = async () => (await openPage(t, app.port).next<Hello>()).snapshot!.incidents.map((i) => [i.id, i.state]);
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

test('a client that reads nothing is dropped, and the others go on', async (t) => {
  const app = await listening(t);
  const page = openPage(t, app.port);
  await page.next();
  // A handshake by hand on a socket that is never read.
  const stalled = connect(app.port, '127.0.0.1');
  t.after(() => stalled.destroy());
  stalled.on('error', () => {});
  stalled.write(
    'GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await once(stalled, 'readable');
  stalled.pause();
  await connected(app, 2);
  const gone = (async () => {
    for (let i = 0; app.hub.clients === 2; i++) {
      assert.ok(i < 2000, 'never dropped');
      const notes = Array.from({ length: 40 }, (_, n) =>
        app.hub.annotated({ id: n, at: NOON, kind: 'note', text: 'x'.repeat(2000), source: null }),
      );
      assert.equal(notes.length, 40);
      await app.tick();
      await page.next();
    }
  })();
  await gone;
  assert.equal(app.hub.clients, 1);
});

async function connected(app: TestApp, clients: number): Promise<void> {
  assert.equal(
    await until(
      async () => app.hub.clients,
      (now) => now === clients,
    ),
    clients,
  );
}

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
