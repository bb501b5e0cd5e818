import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip, deflateRawSync, deflateSync, gzipSync, zstdCompressSync, createZstdCompress } from 'node:zlib';
import { compress } from 'snappyjs';
import { Allowance } from '../../server/receive/allowance.ts';
import { decodeBody } from '../../server/receive/decode.ts';
import { Failure } from '../../server/errors.ts';

const MIB = 1024 * 1024;
let server: Server;
let chunkBytesMax = 0;

/** Answers with the decoded text's length and beginning, or the failure's status and code. */
before(async () => {
  server = createServer(async (req, res) => {
    const decoded: Buffer[] = [];
    let bytes = 0;
    try {
      const said = await decodeBody(req, new Allowance({ maxBytes: 64 * MIB }, res), (chunk) => {
        bytes += chunk.length;
        chunkBytesMax = Math.max(chunkBytesMax, chunk.length);
        if (bytes < MIB) decoded.push(Buffer.from(chunk));
      });
      assert.equal(said, bytes);
      res.end(JSON.stringify({ status: 200, bytes, text: Buffer.concat(decoded).toString().slice(0, 100) }));
    } catch (error) {
      assert.ok(error instanceof Failure, String(error));
      res.end(JSON.stringify({ status: error.status, code: error.code }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.closeAllConnections();
  server.close();
});

interface Said {
  status: number;
  code?: string;
  bytes?: number;
  text?: string;
}

function post(
  encoding: string | undefined,
  send: Buffer | ((req: import('node:http').ClientRequest) => void),
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        port: (server.address() as AddressInfo).port,
        method: 'POST',
        headers: encoding === undefined ? {} : { 'content-encoding': encoding },
      },
      (res) => {
        let text = '';
        res
          .setEncoding('utf8')
          .on('data', (part: string) => {
            text += part;
          })
          .on('end', () => resolve(JSON.parse(text) as Said));
      },
    );
    req.on('error', reject);
    if (typeof send === 'function') send(req);
    else req.end(send);
  });
}

const text = 'line one\nline two\n'.repeat(3);
const whole = { status: 200, bytes: text.length, text };

/** The framing format with one compressed and one plain chunk. */
function framedSnappy(): Buffer {
  const frame = (type: number, data: Buffer) =>
    Buffer.concat([Buffer.from([type, data.length & 255, data.length >> 8, 0]), data]);
  const half = text.length / 2;
  const checksum = Buffer.alloc(4);
  return Buffer.concat([
    frame(0xff, Buffer.from('sNaPpY')),
    frame(0, Buffer.concat([checksum, Buffer.from(compress(Buffer.from(text.slice(0, half))))])),
    frame(0xfe, Buffer.alloc(10)),
    frame(1, Buffer.concat([checksum, Buffer.from(text.slice(half))])),
  ]);
}

test('every encoding that senders use gives the body back', async () => {
  const body = Buffer.from(text);
  for (const [encoding, sent] of [
    [undefined, body],
    ['identity', body],
    ['gzip', gzipSync(body)],
    ['GZIP', Buffer.concat([gzipSync(body.subarray(0, 20)), gzipSync(body.subarray(20))])],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['zstd', zstdCompressSync(body)],
    ['snappy', Buffer.from(compress(body))],
    ['snappy', framedSnappy()],
  ] as const)
    assert.deepEqual(await post(encoding, sent), whole, encoding);
});

test('a body that is compressed and does not say so is decoded all the same', async () => {
  for (const sent of [gzipSync(text), zstdCompressSync(Buffer.from(text))])
    assert.deepEqual(await post(undefined, sent), whole);
  assert.equal((await post(undefined, gzipSync(text).subarray(0, 30))).status, 422);
});

test('an empty body is empty in every encoding', async () => {
  for (const encoding of [undefined, 'gzip', 'deflate', 'zstd', 'snappy'])
    assert.deepEqual(await post(encoding, Buffer.alloc(0)), { status: 200, bytes: 0, text: '' }, encoding);
});

test('an unknown encoding is 422, never 415', async () => {
  assert.deepEqual(await post('br', Buffer.from('x')), { status: 422, code: 'unknownEncoding' });
});

test('a body that is not what its encoding says is 422, also when it is cut off', async () => {
  const gzip = gzipSync(Buffer.from(text)),
    zstd = zstdCompressSync(Buffer.from(text));
  for (const [encoding, sent] of [
    ['gzip', Buffer.from(text)],
    ['gzip', gzip.subarray(0, gzip.length - 9)],
    ['deflate', Buffer.from('\xff\xff\xff\xff')],
    ['zstd', Buffer.from(text)],
    ['zstd', zstd.subarray(0, zstd.length - 3)],
    ['snappy', Buffer.from('\xff\xff\xff\xff\xff\xff')],
    ['snappy', framedSnappy().subarray(0, 30)],
  ] as const)
    assert.deepEqual(await post(encoding, sent), { status: 422, code: 'brokenEncoding' }, `${encoding} ${sent.length}`);
});

test('a gigabyte in a gzip or zstd bomb is 413, and never held', async () => {
  const zeros = Buffer.alloc(MIB);
  for (const [encoding, compressor] of [
    ['gzip', createGzip({ level: 1 })],
    ['zstd', createZstdCompress()],
  ] as const) {
    const bomb: Buffer[] = [];
    compressor.on('data', (part: Buffer) => bomb.push(part));
    for (let i = 0; i < 1024; i++)
      if (!compressor.write(zeros)) await new Promise((resolve) => compressor.once('drain', resolve));
    await new Promise<void>((resolve) => compressor.end(resolve));
    chunkBytesMax = 0;
    const before = process.memoryUsage().rss;
    assert.deepEqual(await post(encoding, Buffer.concat(bomb)), { status: 413, code: 'tooLarge' });
    assert.ok(chunkBytesMax <= 256 * 1024, `${chunkBytesMax}`);
    assert.ok(process.memoryUsage().rss - before < 96 * MIB);
  }
});

test('more than the limit is 413 without an encoding too', async () => {
  const part = Buffer.alloc(MIB, 'x');
  assert.deepEqual(await post(undefined, Buffer.concat(Array.from({ length: 65 }, () => part))), {
    status: 413,
    code: 'tooLarge',
  });
});

test('a snappy block that claims gigabytes is refused by its claim', async () => {
  assert.deepEqual(await post('snappy', Buffer.from([0x80, 0x80, 0x80, 0x80, 0x04, 0])), {
    status: 413,
    code: 'tooLarge',
  });
});

test('whoever takes the chunks may take their time: none comes before the last is done with, and the end comes after all', async () => {
  const slow = createServer(async (req, res) => {
    let busy = false,
      said = '';
    await decodeBody(req, new Allowance({ maxBytes: MIB }, res), async (chunk) => {
      assert.equal(busy, false);
      busy = true;
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      said += chunk.toString();
      busy = false;
    });
    assert.equal(busy, false);
    res.end(said);
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = slow.address() as AddressInfo;
    for (const [encoding, encode] of [
      ['identity', (b: Buffer) => b],
      ['gzip', gzipSync],
      ['zstd', zstdCompressSync],
      ['snappy', (b: Buffer) => Buffer.from(compress(b))],
      ['snappy', () => framedSnappy()],
    ] as const) {
      const sent = encode(Buffer.from(text));
      for (const cut of [0, 1, Math.floor(sent.length / 2), sent.length - 1]) {
        const said = await new Promise<string>((resolve, reject) => {
          const req = request({ port, method: 'POST', headers: { 'content-encoding': encoding } }, (res) => {
            let body = '';
            res
              .on('data', (part: Buffer) => {
                body += part.toString();
              })
              .on('end', () => resolve(body));
          }).on('error', reject);
          req.write(sent.subarray(0, cut), () => req.end(sent.subarray(cut)));
        });
        assert.equal(said, text, `${encoding} cut at ${cut}`);
      }
    }
  } finally {
    slow.closeAllConnections();
    slow.close();
  }
});

test('what goes on behind the end of its encoding is refused, not left out; gzip and zstd may have several parts', async () => {
  const refused = { status: 422, code: 'brokenEncoding' };
  for (const [encoding, pack] of [
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['zstd', zstdCompressSync],
    ['gzip', gzipSync],
  ] as const) {
    const packed = pack(text);
    assert.deepEqual(await post(encoding, Buffer.concat([packed, Buffer.from('more')])), refused, encoding);
    assert.deepEqual(
      await post(encoding, Buffer.concat([packed, packed])),
      encoding === 'deflate' ? refused : { status: 200, bytes: 2 * text.length, text: (text + text).slice(0, 100) },
      encoding,
    );
  }
  assert.deepEqual(
    await post('gzip', Buffer.concat([gzipSync(text), Buffer.alloc(100)])),
    whole,
    'gzip padded with zeros',
  );
});

test('hundreds of thousands of gzip members, or zstd frames, are decoded like one', async () => {
  for (const [encoding, pack] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    const packed = pack('x\n');
    const { status, bytes } = await post(encoding, Buffer.alloc(200_000 * packed.length, packed));
    assert.deepEqual([status, bytes], [200, 400_000], encoding);
  }
});
