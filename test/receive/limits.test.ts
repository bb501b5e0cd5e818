// Limits on bytes do not limit work: what a request may cost, the same for every receiver, and what others get meanwhile.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { before, suite, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Sources } from '#shared/api.ts';
import { compress } from 'snappyjs';
import { startServer, suiteLife, temporaryFolder, totals, type Running } from '../support/server.ts';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const line = '203.0.113.7 - - [01/Mar/2026:12:00:00 +0000] "GET /a HTTP/1.1" 502 12 "-" "curl/8.5.0"';
const fill = (unit: string, bytes: number): Buffer => Buffer.alloc(bytes - (bytes % unit.length), unit);
const newlines = gzipSync(Buffer.alloc(40 * MIB, '\n'));
const record = (bytes: Buffer): { data: string } => ({ data: bytes.toString('base64') });
const firehose = (records: { data: string }[]): Buffer =>
  Buffer.from(JSON.stringify({ requestId: `r${Math.random()}`, timestamp: 1, records }));
const logs = (logRecords: unknown[]): Buffer =>
  Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));

suite('limits on work', () => {
  let server: Running;
  const life = suiteLife();
  before(async () => {
    server = await startServer(life, { dataDir: temporaryFolder(life) });
  });

  interface Said {
    status: number;
    text: string;
    waits: number[];
    ms: number;
  }

  /** Posts, and asks for /healthz again and again until the response is here. */
  async function post(path: string, body: Buffer, headers: Record<string, string> = {}): Promise<Said> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = new URL(server.url);
    const ask = (method: string, to: string, given: object, sent?: Buffer) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        request({ port, method, path: to, ...given }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            text = (text + part).slice(0, 300);
          });
          response.on('end', () => resolve({ status: response.statusCode!, text }));
        })
          .on('error', reject)
          .end(sent);
      });
    const started = performance.now();
    let isOver = false;
    const waits: number[] = [];
    const asking = (async () => {
      while (!isOver) {
        const from = performance.now();
        await ask('GET', '/healthz', { agent });
        waits.push(performance.now() - from);
      }
    })();
    const said = await ask('POST', path, { headers: { 'content-length': body.length, ...headers } }, body);
    isOver = true;
    await asking;
    agent.destroy();
    return { ...said, waits, ms: performance.now() - started };
  }

  const cases: Record<string, { status: number; path: string; body: () => Buffer; headers?: Record<string, string> }> =
    {
      'Firehose: seven KB with gzip records of newlines': {
        status: 413,
        path: '/firehose',
        body: () => gzipSync(firehose(Array(20).fill(record(newlines)) as { data: string }[])),
        headers: { 'content-encoding': 'gzip' },
      },
      'Firehose: hundreds of thousands of records': {
        status: 200,
        path: '/firehose',
        body: () => firehose(Array(200_000).fill(record(Buffer.from('1\n'))) as { data: string }[]),
      },
      'lines of one character': { status: 200, path: '/ingest/ones', body: () => fill('1\n', 2 * MIB) },
      'objects end to end': { status: 200, path: '/ingest/objects', body: () => fill('{}', MIB) },
      'newlines, a thousand to a byte': {
        status: 200,
        path: '/ingest/newlines',
        body: () => newlines,
        headers: { 'content-encoding': 'gzip' },
      },
      'OTLP: a million keys': {
        status: 400,
        path: '/v1/logs',
        body: () => Buffer.from(`{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join(',')}}`),
        headers: JSON_TYPE,
      },
      'OTLP: records whose attributes have names of their own': {
        status: 200,
        path: '/v1/logs',
        headers: JSON_TYPE,
        body: () =>
          logs(
            Array.from({ length: 4000 }, (_, r) => ({
              timeUnixNano: '1772366400000000000',
              attributes: Array.from({ length: 100 }, (_, i) => ({ key: `k${r}.${i}`, value: { stringValue: 'x' } })),
            })),
          ),
      },
      'OTLP: one record of twenty MiB': {
        status: 200,
        path: '/v1/logs',
        body: () =>
          logs([
            { attributes: Array.from({ length: 400_000 }, (_, i) => ({ key: `k${i}`, value: { stringValue: 'x' } })) },
          ]),
        headers: JSON_TYPE,
      },
      'Loki: hundreds of thousands of entries': {
        status: 204,
        path: '/loki/api/v1/push',
        body: () =>
          Buffer.from(
            JSON.stringify({
              streams: [
                {
                  stream: { app: 'loki' },
                  values: Array.from({ length: 200_000 }, (_, i) => [
                    `1772366400000${String(i).padStart(6, '0')}`,
                    line,
                  ]),
                },
              ],
            }),
          ),
        headers: JSON_TYPE,
      },
      'snappy: a block of sixty MiB': {
        status: 200,
        path: '/ingest/snappy',
        body: () => Buffer.from(compress(fill(`${line}\n`, 60 * MIB))),
        headers: { 'content-encoding': 'snappy' },
      },
      '_bulk: hundreds of thousands of actions': {
        status: 200,
        path: '/_bulk',
        body: () => fill('{"index":{}}\n{}\n', 8 * MIB),
      },
      'Splunk: hundreds of thousands of events': {
        status: 200,
        path: '/services/collector/event',
        body: () => fill('{"event":"1"}', 4 * MIB),
      },
      'MessagePack: one value of sixteen million': {
        status: 200,
        path: '/ingest/packed',
        headers: { 'content-type': 'application/msgpack' },
        body: () => Buffer.concat([Buffer.from([0x91, 0xdd, 0, 0xf4, 0x24, 0]), Buffer.alloc(16_000_000, 0xc0)]),
      },
      'Heroku: millions of messages': {
        status: 200,
        path: '/ingest/heroku',
        body: () => fill('2 <1', 4 * MIB),
        headers: { 'content-type': 'application/logplex-1' },
      },
    };
  for (const [name, { status, path, body, headers }] of Object.entries(cases)) {
    test(`others are answered while this is worked on: ${name}`, async () => {
      const said = await post(path, body(), headers);
      assert.equal(said.status, status, said.text);
      const longest = Math.max(...said.waits);
      assert.ok(
        longest < Math.max(400, said.ms / 4),
        `of ${said.ms.toFixed(0)} ms, ${longest.toFixed(0)} ms without an answer to others`,
      );
    });
  }

  test('more than 64 MiB over all parts of a request is 413, though each part has less', async () => {
    const { status } = await post('/firehose', firehose([record(newlines), record(newlines)]));
    assert.equal(status, 413);
  });

  test('what grows more than ten thousand times is 422, as a body and as a part of one', async () => {
    const packed = zstdCompressSync(Buffer.alloc(60 * MIB, 'a'));
    assert.ok(60 * MIB > packed.length * 10_000);
    for (const path of ['/ingest/grown', '/loki/api/v1/push', '/_bulk', '/services/collector/event']) {
      const { status, text } = await post(path, packed, { 'content-encoding': 'zstd' });
      assert.deepEqual(
        [status, (JSON.parse(text) as { error: { code: string } }).error.code],
        [422, 'growsTooMuch'],
        path,
      );
    }
    assert.equal((await post('/v1/logs', packed, { 'content-encoding': 'zstd' })).status, 400, 'OTLP');
  });

  test('more than a million records in an envelope are 422, 400 on OTLP, and count nothing', async () => {
    const n = 1_000_001;
    const bodies: [status: number, path: string, body: Buffer, headers?: Record<string, string>][] = [
      [422, '/firehose', Buffer.from(`{"requestId":"r","records":[${'{},'.repeat(n - 1)}{}]}`)],
      [
        422,
        '/loki/api/v1/push',
        Buffer.from(`{"streams":[{"stream":{"app":"many"},"values":[${'["1","2"],'.repeat(n - 1)}["1","2"]]}]}`),
        JSON_TYPE,
      ],
      [422, '/_bulk', fill('{"index":{}}\n{}\n', 16 * n)],
      [422, '/services/collector/event', fill('{"event":"1"}', 13 * n)],
      [422, '/ingest/many', Buffer.from(`[${'{},'.repeat(n - 1)}{}]`)],
      [422, '/ingest/many', Buffer.alloc(n, 0x80), { 'content-type': 'application/msgpack' }],
      [
        400,
        '/v1/logs',
        Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${'{},'.repeat(n - 1)}{}]}]}]}`),
        JSON_TYPE,
      ],
      [
        400,
        '/v1/traces',
        Buffer.from(`{"resourceSpans":[{"resource":{"attributes":[${'{},'.repeat(n - 1)}{}]}}]}`),
        JSON_TYPE,
      ],
      [400, '/v1/metrics', Buffer.from(new Uint8Array(2 * n).map((_, i) => (i % 2 === 0 ? 0x0a : 0)))],
    ];
    for (const [status, path, body, headers] of bodies) {
      const said = await post(path, body, headers);
      assert.equal(said.status, status, `${path}: ${said.text}`);
      assert.match(said.text, /more than 1,000,000/, path);
    }
    assert.deepEqual(await totals(server.url, 'many'), {});
    const { strangers } = (await (await fetch(`${server.url}/api/sources`)).json()) as Sources;
    for (const path of [
      '/firehose',
      '/loki/api/v1/push',
      '/_bulk',
      '/services/collector/event',
      '/ingest/many',
      '/v1/logs',
    ]) {
      assert.match(
        strangers.find((stranger) => stranger.path === path)!.hint,
        /1,000,000 records/,
        `${path} is in the diagnostics`,
      );
    }
  });

  test('a million members are taken, and more lines than that', async () => {
    assert.equal((await post('/ingest/members', Buffer.from(`[${'"",'.repeat(999_999)}""]`))).status, 200);
    const said = await post('/ingest/rubbish', fill('1\n', 2_400_000));
    assert.deepEqual([said.status, (JSON.parse(said.text) as { received: number }).received], [200, 1_200_000]);
  });

  test('snappy frames are taken one by one, and a block or a frame by what it announces', async () => {
    const frame = (data: Uint8Array) =>
      Buffer.concat([
        Buffer.from([0, (data.length + 4) & 255, ((data.length + 4) >> 8) & 255, (data.length + 4) >> 16, 0, 0, 0, 0]),
        data,
      ]);
    const sixty = Buffer.concat([
      Buffer.from('\xff\x06\0\0sNaPpY', 'latin1'),
      ...(Array(960).fill(frame(compress(fill(`${line}\n`, 64 * 1024)))) as Buffer[]),
    ]);
    const taken = await post('/ingest/frames', sixty, { 'content-encoding': 'snappy' });
    assert.deepEqual(
      [taken.status, (JSON.parse(taken.text) as { accepted: number }).accepted],
      [200, Math.floor((64 * 1024) / (line.length + 1)) * 960],
    );
    const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]);
    assert.equal((await post('/loki/api/v1/push', claim)).status, 413);
    assert.equal(
      (
        await post('/ingest/frames', Buffer.concat([sixty.subarray(0, 10), frame(claim)]), {
          'content-encoding': 'snappy',
        })
      ).status,
      413,
    );
    assert.equal(
      (await post('/ingest/frames', Buffer.from([0xff, 0xff, 0xff, 0x0f, 0, 0]), { 'content-encoding': 'snappy' }))
        .status,
      422,
      'thirty MiB from six bytes',
    );
  });

  test('batches of one source that are worked on in turns count each for itself, and one that breaks off counts nothing', async () => {
    const body = (code: number): Buffer => fill(`${line.replace('502', String(code))}\n1\n`, 2 * MIB);
    const of = (code: number): number => body(code).length / `${line}\n1\n`.length;
    const broken = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' });
    broken.write(`POST /ingest/shared HTTP/1.1\r\nHost: x\r\nContent-Length: ${4 * MIB}\r\n\r\n`);
    broken.write(body(599));
    const said = await Promise.all([500, 501, 502, 503].map((code) => post('/ingest/shared', body(code))));
    broken.destroy();
    for (const [i, { text }] of said.entries())
      assert.deepEqual(JSON.parse(text.slice(0, text.indexOf(',"duplicate"')) + '}'), {
        received: of(500 + i) * 2,
        accepted: of(500 + i),
        rejected: 0,
        skipped: of(500 + i),
      });
    assert.deepEqual(
      await totals(server.url, 'shared'),
      Object.fromEntries([500, 501, 502, 503].map((code) => [code, of(code)])),
    );
  });
});
