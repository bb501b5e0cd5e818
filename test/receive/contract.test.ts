// What every receiver promises its senders, walked over server/receive/index.ts: the answers that make shippers do the right thing, and
// counts that add up whatever comes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import type { Sources, Totals } from '#shared/api.ts';
import { receivers } from '../../server/receive/index.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';
import { spoken, type Batch, type Request } from './bodies.ts';

const CODES = [200, 404, 502];
const GARBAGE = 'no access log line';

let batches = 0;
/** Three lines of three codes, with times of their own: no other batch is the same. */
function batchOf(source: string, lines?: readonly string[]): Batch {
  const first = NOON - 60_000 - 10_000 * ++batches;
  const times = CODES.map((_, i) => first + i * 1000);
  const given = lines ?? CODES.map((code, i) => combined(times[i], code));
  return { source, lines: given, times: given.map((_, i) => first + i * 1000), id: `batch-${batches}` };
}

async function send(app: TestApp, { url, headers, body }: Request, more: Record<string, string> = {}) {
  const { statusCode, headers: answered } = await app.app.inject({
    method: 'POST',
    url,
    payload: body,
    headers: { ...headers, ...more },
  });
  return { status: statusCode, retryAfter: answered['retry-after'] };
}

/** What is stored, by source and code. Checks on the way that nothing got lost: received = accepted + duplicate + rejected + skipped. */
async function counted(app: TestApp): Promise<Record<string, number>> {
  const { totals } = (await app.app.inject('/api/totals')).json() as Totals;
  const { sources } = (await app.app.inject('/api/sources')).json() as Sources;
  for (const { name, received, accepted, duplicate, rejected, skipped } of sources) {
    assert.equal(received, accepted + duplicate + rejected + skipped, `what ${name} received`);
    const stored = totals.filter(({ source }) => source === name).reduce((n, { count }) => n + count, 0);
    assert.equal(stored, accepted, `what is stored of ${name}`);
  }
  return Object.fromEntries(totals.map(({ source, code, count }) => [`${source} ${code}`, count]));
}
const threeOf = (source: string): Record<string, number> =>
  Object.fromEntries(CODES.map((code) => [`${source} ${code}`, 1]));

test('every receiver has a name and a title of its own, and a sender in bodies.ts', () => {
  const names = receivers.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(new Set(receivers.map(({ title }) => title)).size, names.length);
  assert.deepEqual(
    names.filter((name) => spoken[name] === undefined),
    [],
    'test/receive/bodies.ts says how to speak to each receiver',
  );
});

for (const { name } of receivers) {
  if (spoken[name] === undefined) continue; // said above
  const { request, taken, refused, unreadable, urls = [] } = spoken[name];

  test(`${name} counts a batch once, however often it comes`, async (t) => {
    const app = await openApp(t);
    const batch = request(batchOf('shop'));
    for (let i = 0; i < 3; i++) {
      assert.equal((await send(app, batch)).status, taken);
      assert.deepEqual(await counted(app), threeOf('shop'));
    }
    assert.equal((await send(app, request(batchOf('shop')))).status, taken);
    assert.deepEqual(await counted(app), Object.fromEntries(CODES.map((code) => [`shop ${code}`, 2])));
  });

  test(`${name} counts what it can read of a batch, and says what it could not`, async (t) => {
    const app = await openApp(t);
    const [first, second] = batchOf('').lines;
    assert.equal((await send(app, request(batchOf('shop', [first, GARBAGE, second])))).status, taken);
    assert.deepEqual(await counted(app), { 'shop 200': 1, 'shop 404': 1 });
    const {
      sources: [shop],
    } = (await app.app.inject('/api/sources')).json() as Sources;
    assert.deepEqual([shop.received, shop.rejected + shop.skipped], [3, 1]);
    assert.ok(shop.lastMisses[0].reason.length > 0);
    assert.ok(shop.receiver!.startsWith(name), 'the sources page names the receiver');
    assert.equal(shop.answers[0]?.status, taken, 'and the response as it was sent: answered()');
  });

  test(`${name} takes the usual encodings; 422 (OTLP: 400) for others, and for what is not as announced`, async (t) => {
    const app = await openApp(t);
    for (const [encoding, encode] of [
      ['identity', (bytes: Buffer) => bytes],
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['zstd', zstdCompressSync],
    ] as const) {
      const { body, ...rest } = request(batchOf(encoding));
      const { status } = await send(app, { ...rest, body: encode(body) }, { 'content-encoding': encoding });
      assert.equal(status, taken, encoding);
    }
    const good = await counted(app);
    assert.deepEqual(good, Object.assign({}, ...['identity', 'gzip', 'deflate', 'zstd'].map(threeOf)));
    for (const encoding of ['br', 'gzip', 'deflate', 'zstd', 'snappy', 'no-such-encoding']) {
      const { status } = await send(app, request(batchOf('wrong')), { 'content-encoding': encoding });
      assert.equal(status, refused, `plain text as ${encoding}`);
    }
    assert.deepEqual(await counted(app), good);
  });

  test(`${name} answers an empty batch, an empty body and one that is none, and counts nothing of them`, async (t) => {
    const app = await openApp(t);
    assert.equal((await send(app, request(batchOf('shop', [])))).status, taken, 'an empty batch');
    const { status } = await send(app, { ...request(batchOf('shop')), body: Buffer.alloc(0) });
    assert.ok([taken, refused].includes(status), `an empty body: ${status}`);
    const none = unreadable?.(batchOf('shop')) ?? { ...request(batchOf('shop')), body: Buffer.from([0, 255, 10, 1]) };
    assert.equal((await send(app, none)).status, unreadable === undefined ? taken : refused, 'no body of this kind');
    assert.deepEqual(await counted(app), {});
  });

  test(`${name} answers 413 to more than the limit, decoded, and counts nothing of it`, async (t) => {
    const app = await openApp(t, { maxBodyMiB: 1 });
    const { body, ...rest } = request(batchOf('shop', Array<string>(20_000).fill(combined(NOON, 200))));
    assert.ok(body.length > 1024 * 1024);
    assert.equal((await send(app, { ...rest, body })).status, 413);
    assert.equal((await send(app, { ...rest, body: gzipSync(body) }, { 'content-encoding': 'gzip' })).status, 413);
    assert.deepEqual(await counted(app), {});
    assert.equal((await send(app, request(batchOf('shop')))).status, taken, 'and goes on');
  });

  test(`${name} counts nothing of a request that breaks off`, async (t) => {
    const app = await openApp(t);
    await app.app.listen({ host: '127.0.0.1', port: 0 });
    const { url, headers, body } = request(batchOf('shop'));
    const socket = connect((app.app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) =>
      app.app.server.once('request', (incoming: IncomingMessage) => {
        incoming.once('data', () => socket.destroy());
        incoming.once('close', resolve);
      }),
    );
    const head = Object.entries({ host: 'localhost', ...headers, 'content-length': String(body.length + 1) });
    socket.write(`POST ${url} HTTP/1.1\r\n${head.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`);
    socket.write(body);
    await Promise.all([closed, once(socket, 'close')]);
    await app.tick();
    assert.deepEqual(await counted(app), {});
  });

  test(`${name} answers 503 with Retry-After while the server stops, and after an exception`, async (t) => {
    const app = await openApp(t);
    const works = Object.getOwnPropertyDescriptor(app.clock, 'now')!;
    Object.defineProperty(app.clock, 'now', {
      get: () => {
        throw new RangeError('a bug');
      },
      configurable: true,
    });
    const surprised = await send(app, request(batchOf('shop')));
    Object.defineProperty(app.clock, 'now', works);
    assert.deepEqual([surprised.status, Number(surprised.retryAfter) > 0], [503, true]);
    assert.ok(app.log.some((line) => line.includes('a bug')));
    await app.ingest.pipeline.close();
    const stopping = await send(app, request(batchOf('shop')));
    assert.deepEqual([stopping.status, Number(stopping.retryAfter) > 0], [503, true]);
    assert.deepEqual(await counted(app), {});
  });

  test(`${name} answers whatever comes with what its senders know, and loses no count over it`, async (t) => {
    const app = await openApp(t);
    const cut = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      drop: fc.integer({ min: 0, max: 40 }),
      add: fc.uint8Array({ maxLength: 12 }),
    });
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      cut.map(({ at, drop, add }) => {
        const whole = request(batchOf('shop')).body;
        const from = Math.floor(at * whole.length);
        return Buffer.concat([whole.subarray(0, from), add, whole.subarray(from + drop)]);
      }),
    );
    const known = request(batchOf('shop'));
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom(known.url, ...urls),
        fc.constantFrom(
          'text/plain',
          'application/json',
          'application/x-protobuf',
          'application/msgpack',
          'nonsense',
          '',
        ),
        fc.constantFrom('', 'identity', 'gzip', 'snappy'),
        async (bytes, url, type, encoding) => {
          const more = { 'content-type': type, ...(encoding === '' ? {} : { 'content-encoding': encoding }) };
          const { status } = await send(app, { url, headers: known.headers, body: bytes }, more);
          assert.ok([taken, refused, 409, 413].includes(status), `${status} for ${bytes.toString('latin1')}`);
        },
      ),
      { numRuns: 60 },
    );
    await counted(app);
  });
}
