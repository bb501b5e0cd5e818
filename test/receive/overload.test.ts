// More is sent than can be counted: who is told so, how soon, what everybody else gets meanwhile, and that it is over afterwards.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { turns } from '../../server/receive/turns.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';
import { totals } from '../support/server.ts';

const MIB = 1024 * 1024;
const line = `${combined(NOON - 1000, 200)}\n`;

interface Life {
  after(work: () => unknown): void;
}

interface Listening {
  t: Life;
  app: TestApp;
  url: string;
  dial(): Client;
}

/** One connection of a sender. */
interface Client {
  socket: Socket;
  /** What came back so far. */
  said(): string;
  /** Resolves when so many responses have come; interim ones do not count. */
  responses(n: number): Promise<string>;
}

async function listen(test: TestContext): Promise<Listening> {
  const cleanups: (() => unknown)[] = [];
  test.after(async () => {
    for (const work of cleanups) await work();
  });
  const t: Life = { after: (work) => void cleanups.unshift(work) }; // the newest first: senders, server, folder
  const app = await openApp(t);
  await app.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.app.server.address() as AddressInfo;
  const dial = (): Client => {
    const socket = connect(port, '127.0.0.1');
    let said = '';
    socket.on('data', (bytes) => (said += bytes.toString('latin1')));
    socket.on('error', () => {});
    t.after(() => socket.destroy());
    return {
      socket,
      said: () => said,
      async responses(n) {
        while ((said.match(/HTTP\/1\.1 [2-5]/g) ?? []).length < n) {
          assert.ok(!socket.readableEnded, `the connection ended after: ${said}`);
          await once(socket, 'data');
        }
        return said;
      },
    };
  };
  return { t, app, url: `http://127.0.0.1:${port}`, dial };
}

/** As if others had more than enough for the processor; until the returned function is called. */
function hold({ t }: Listening): () => Promise<void> {
  let isHeld = true;
  const working = Array.from({ length: 10 }, () => turns.run(() => !isHeld));
  const release = async (): Promise<void> => {
    isHeld = false;
    for (const work of working) await work;
  };
  t.after(release);
  return release;
}

const head = (length: number, more = ''): string =>
  `POST /ingest/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n${more}\r\n`;

/** Announces large bodies until one is refused; that one, and those that wait. */
async function crowd({ dial }: Listening): Promise<{ waiting: Client[]; refused: Client }> {
  const waiting: Client[] = [];
  for (;;) {
    const client = dial();
    client.socket.write(head(MIB));
    // whoever is served at all is served in the order of arrival, so a small read that is answered comes after a refusal
    const after = dial();
    after.socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await after.responses(1);
    if (client.said() !== '') return { waiting, refused: client };
    waiting.push(client);
    assert.ok(waiting.length < 1000, 'nobody is refused');
  }
}

test('who would wait for too long is refused on the headers alone, told when to come again, and served on the same connection then', async (t) => {
  const server = await listen(t);
  const release = hold(server);
  const { refused } = await crowd(server);
  assert.match(refused.said(), /^HTTP\/1\.1 503 [^]*retry-after: [123]\r\n[^]*"code":"overloaded"/i);
  assert.doesNotMatch(refused.said(), /connection: close/i);
  // it sends what it has announced all the same, as most do, and comes again
  refused.socket.write(Buffer.alloc(MIB, line));
  await release();
  refused.socket.write(head(line.length) + line);
  const [, second] = (await refused.responses(2)).split(/(?=HTTP\/1\.1 2)/);
  assert.match(second, /^HTTP\/1\.1 200 [^]*"accepted":1/);
  assert.deepEqual(await totals(server.url), { 200: 1 }, 'nothing of what was refused');
});

test('those who were let in are counted exactly, whatever becomes of the others', async (t) => {
  const server = await listen(t);
  const release = hold(server);
  const { waiting } = await crowd(server);
  assert.ok(waiting.length > 4, `${waiting.length} let in`);
  const [gone, cut, ...others] = waiting;
  gone.socket.destroy();
  cut.socket.end(line);
  const lines = Math.floor(MIB / line.length) - 1;
  for (const [i, client] of others.entries()) {
    const body = `${combined(NOON - 2000, 200, `/${i}`)}\n${line.repeat(lines - 1)}`;
    if (i < 2) client.socket.write(body + '\n'.repeat(MIB - body.length));
  }
  for (const client of others.slice(2)) client.socket.destroy();
  const packed = gzipSync(line.repeat(100));
  const zipped = server.dial();
  zipped.socket.write(head(packed.length, 'Content-Encoding: gzip\r\n'));
  zipped.socket.write(packed);
  await release();
  for (const client of others.slice(0, 2)) assert.match(await client.responses(1), /"accepted":\d{4}/);
  assert.match(await zipped.responses(1), /"accepted":100,/);
  assert.deepEqual(await totals(server.url), { 200: 2 * lines + 100 });
});

test('the dashboard is served while senders are refused, and says so', async (t) => {
  const server = await listen(t);
  hold(server);
  await crowd(server);
  for (const path of ['/api/totals', '/api/series?by=code', '/api/sources', '/metrics', '/readyz'])
    assert.equal((await fetch(server.url + path)).status, 200, path);
  const page = new WebSocket(`${server.url.replace('http', 'ws')}/live`);
  server.t.after(() => page.terminate());
  const [hello] = (await once(page, 'message')) as [Buffer];
  assert.match(hello.toString(), /"type":"hello"/);
  assert.match(hello.toString(), /requests? (?:was|were) refused/);
});

test('a sender of a few lines is let in where large batches are refused', async (t) => {
  const server = await listen(t);
  const release = hold(server);
  await crowd(server);
  const small = server.dial();
  small.socket.write(head(line.length) + line);
  await release();
  assert.match(await small.responses(1), /"accepted":1,/);
});

test('a body that is asked for is not asked for when it is refused', async (t) => {
  const server = await listen(t);
  const expecting = (): Client => {
    const client = server.dial();
    client.socket.write(head(line.length * 20_000, 'Expect: 100-continue\r\n'));
    return client;
  };
  const first = expecting();
  await once(first.socket, 'data');
  assert.equal(first.said(), 'HTTP/1.1 100 Continue\r\n\r\n');
  first.socket.write(line.repeat(20_000));
  assert.match(await first.responses(1), /"accepted":20000,/);
  const release = hold(server);
  await crowd(server);
  const second = expecting();
  assert.match(await second.responses(1), /^HTTP\/1\.1 503 [^]*connection: close/i);
  await release();
});

test('while it stops, what has begun is counted, and what comes next is told when to come again', async (t) => {
  const server = await listen(t);
  const client = server.dial();
  client.socket.write(head(2 * line.length) + line);
  await once(server.app.app.server, 'request');
  const closing = server.app.close();
  client.socket.write(line + head(line.length) + line);
  const [first, second] = (await client.responses(2)).split(/(?=HTTP\/1\.1 5)/);
  assert.match(first, /"accepted":2,/);
  assert.match(second, /^HTTP\/1\.1 503 [^]*retry-after: 5\r\n[^]*"code":"stopping"/i);
  await closing;
});
