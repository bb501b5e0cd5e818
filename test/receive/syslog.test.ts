// Syslog: framing of every kind, in any cut; and over the wire, UDP and TCP.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Chunk, Miss } from '../../server/formats/format.ts';
import type { Batch } from '../../server/receive/batch.ts';
import { SyslogFrames } from '../../server/receive/syslog-frames.ts';
import { listenSyslog } from '../../server/receive/syslog.ts';
import { freePort, startServer, temporaryFolder, totals, until } from '../support/server.ts';

function framed(chunks: readonly Buffer[]): { messages: string[]; tooLong: number; cutOff: number } {
  const seen = { messages: [] as string[], tooLong: 0, cutOff: 0 };
  const frames = new SyslogFrames({
    message: (bytes, start, end) => void seen.messages.push(bytes.toString('utf8', start, end)),
    tooLong: () => void seen.tooLong++,
    cutOff: () => void seen.cutOff++,
  });
  for (const chunk of chunks) frames.write(chunk);
  frames.end();
  return seen;
}

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/syslog/telegraf_${name}.in`, import.meta.url));

suite('syslog framing', () => {
  test("octet-counted and newline-framed messages of other projects' suites", () => {
    const cases: Record<string, string[]> = {
      octet_counting_strict_tcp_1st_newline_ok: ['<1>3 - - - - - - hello\nworld'],
      octet_counting_strict_tcp_1st_min_ok: ['<1>1 - - - - - -'],
      non_transparent_best_effort_tcp_1st_min_ok_2nd_min_ok: ['<1>2 - - - - - -', '<4>11 - - - - - -'],
      rfc3164_octet_counting_strict_tcp: ['<13>Dec  2 16:31:03 host app: Test'],
      rfc3164_best_effort_udp: ['<13>Dec  2 16:31:03 host app: Test'],
    };
    for (const [name, messages] of Object.entries(cases))
      assert.deepEqual(framed([fixture(name)]).messages, messages, name);
    const access = framed([fixture('non_transparent_strict_tcp_1st_avg_ok')]).messages;
    assert.match(access[0], /"GET \/v1\/ok HTTP\/1.1" 200/);
  });

  test('a counted message that the connection cuts off is told of, not counted', () => {
    assert.deepEqual(framed([fixture('octet_counting_strict_tcp_1st_underflow_nok')]), {
      messages: [],
      tooLong: 0,
      cutOff: 1,
    });
  });

  test('a line that begins with a number is a line', () => {
    assert.deepEqual(
      framed([Buffer.from('127.0.0.1 - - "GET /"\n200 is what it said\n16 <1>1 - - - - - -')]).messages,
      ['127.0.0.1 - - "GET /"', '200 is what it said', '<1>1 - - - - - -'],
    );
  });

  test('messages over 64 KiB are dropped in either framing, and what follows is read', () => {
    const long = 'x'.repeat(70_000);
    assert.deepEqual(framed([Buffer.from(`${long}\n<1>a\n70003 <1>${long}<1>b\n`)]), {
      messages: ['<1>a', '<1>b'],
      tooLong: 2,
      cutOff: 0,
    });
    const pieces = Buffer.from(`70003 <1>${long}6 <1>b c${long}\n<1>d\n`);
    const cut = Array.from({ length: Math.ceil(pieces.length / 1000) }, (_, i) =>
      pieces.subarray(i * 1000, i * 1000 + 1000),
    );
    assert.deepEqual(framed(cut), { messages: ['<1>b c', '<1>d'], tooLong: 2, cutOff: 0 });
  });

  test('however a mixed stream is cut, the same messages come out', () => {
    const message = fc
      .tuple(fc.constantFrom('<13>', '<1>1 - '), fc.stringMatching(/^[a-z0-9 "ä]{1,40}[a-z]$/))
      .map(([head, text]) => head + text);
    const sent = fc.array(fc.tuple(message, fc.boolean()), { maxLength: 20 });
    fc.assert(
      fc.property(
        sent,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 50 }),
        (messages, cuts) => {
          const stream = Buffer.concat(
            messages.map(([text, counted]) =>
              Buffer.from(counted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`),
            ),
          );
          const chunks: Buffer[] = [];
          for (let at = 0, i = 0; at < stream.length; at += cuts[i++ % cuts.length])
            chunks.push(stream.subarray(at, at + cuts[i % cuts.length]));
          assert.deepEqual(
            framed(chunks).messages,
            messages.map(([text]) => text),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  /** What comes out when the chunks come, then nothing for a while, then the chunks after that, and so on. */
  function heard(bursts: readonly (readonly string[])[]): { messages: string[]; held: string[] } {
    const messages: string[] = [];
    const frames = new SyslogFrames({
      message: (bytes, start, end) => void messages.push(bytes.toString('utf8', start, end)),
      tooLong: () => void messages.push('too long'),
      cutOff: (beginning) => void messages.push(`cut off: ${beginning.toString()}`),
    });
    for (const burst of bursts) {
      for (const chunk of burst) frames.write(Buffer.from(chunk));
      frames.silence();
    }
    const before = messages.length;
    frames.end(true);
    return { messages: messages.slice(0, before), held: messages.slice(before) };
  }

  const A = '<134>1 2026-03-01T12:00:00.5Z web1 shop 7 - - {"status":200}',
    B = '<134>Mar  1 12:00:01 web1 shop[7]: {"status":502}',
    C = '<14>1 - - - - - - c',
    D = '<13>2026-03-01T12:00:02+00:00 web1 shop: d';

  test('messages without an end are cut where the next begins, and the last after a silence', () => {
    assert.deepEqual(heard([[A + B + C + D + A]]), { messages: [A, B, C, D, A], held: [] });
    assert.deepEqual(heard([[A], [B], [A + C, D, B.slice(0, 3), B.slice(3, 9), B.slice(9)]]).messages, [
      A,
      B,
      A,
      C,
      D,
      B,
    ]);
    const many = Array.from({ length: 5000 }, (_, i) => `${A} ${i}`);
    assert.deepEqual(heard([[many.join('')]]).messages, many, 'without waiting for a silence that may never come');
  });

  test('what is known to mark its ends is not cut by a silence, nor within a message', () => {
    const quoting = '<43>Mar  1 12:00:01 relay rsyslogd: dropped: <134>1 2026-03-01T12:00:00Z web1 shop - - - x';
    assert.deepEqual(heard([[`${A}\n${quoting}\n${A}`], ['\n', quoting]]), {
      messages: [A, quoting, A],
      held: [`cut off: ${quoting}`],
    });
    assert.deepEqual(heard([[`${C.length} ${C}${quoting.length} ${quoting}${A.slice(0, 20)}`]]).messages, [C, quoting]);
    assert.deepEqual(heard([['GET / 200\nGET /a']]), { messages: ['GET / 200'], held: ['cut off: GET /a'] });
    assert.deepEqual(heard([['GET /a'], ['b 200\n']]).messages, ['GET /ab 200'], 'a line that pauses');
  });

  test('a text of several lines is no proof that newlines end messages', () => {
    const trace = `${A} Error: x\n    at a\n    at b`;
    assert.deepEqual(heard([[trace + A + B], [trace + trace, B]]).messages, [
      `${A} Error: x`,
      '    at a',
      '    at b',
      A,
      B,
      `${A} Error: x`,
      '    at a',
      '    at b',
      `${A} Error: x`,
      '    at a',
      '    at b',
      B,
    ]);
  });

  test('a NUL ends a message as a newline does', () => {
    assert.deepEqual(heard([[`${A}\0${B}\0`, `${C}\0\n${D}`]]), { messages: [A, B, C], held: [`cut off: ${D}`] });
  });

  test('a message over 64 KiB is dropped up to the next, ends or not', () => {
    const long = `${A} ${'<x'.repeat(40_000)}`;
    for (const size of [1, 7, 1000, 200_000]) {
      const stream = A + B + long + C + long + D + A;
      const chunks = stream.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      assert.deepEqual(heard([[A + B], chunks]).messages, [A, B, A, B, 'too long', C, 'too long', D, A], String(size));
    }
  });

  test('however a stream without ends is cut, and wherever it pauses between messages, the same messages come out', () => {
    const message = fc
      .tuple(fc.constantFrom(A, B, C, D), fc.stringMatching(/^[a-z0-9 "ä<>\]{}:-]{0,40}$/))
      .map(([head, text]) => `${head} ${text}|`);
    fc.assert(
      fc.property(
        fc.array(fc.array(message, { maxLength: 8 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (sent, size) => {
          const bursts = sent.map((burst) => {
            const bytes = Buffer.from(burst.join(''));
            return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
              bytes.toString('latin1', i * size, i * size + size),
            ).map((text) => Buffer.from(text, 'latin1') as unknown as string);
          });
          assert.deepEqual(heard(bursts).messages, sent.flat());
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("syslog over UDP and TCP is counted under the program's name", async (t) => {
  const port = await freePort();
  const server = await startServer(t, { dataDir: temporaryFolder(t), args: ['--syslog', String(port)] });
  const line = (code: number): string =>
    `203.0.113.7 - - [${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+).*/, '$1/$2/$3:$4')} +0000] "GET / HTTP/1.1" ${code} 5 "-" "test"`;
  const udp = createSocket('udp4');
  await new Promise((resolve) => udp.send(`<190>Jan 02 15:04:05 web1 nginx: ${line(502)}`, port, '127.0.0.1', resolve));
  udp.close();
  const tcp = connect(port, '127.0.0.1');
  const counted = `<29>1 2026-02-21T04:32:57+00:00 web1 shop 2341 2 [origin][meta sequence="14125553"] ${line(503)}`;
  tcp.end(
    `${Buffer.byteLength(counted)} ${counted}<190>Jan 02 15:04:05 shop: ${line(200)}\n<190>Jan 02 15:04:05 web1 shop: ${line(200)}`,
  );
  await until(
    () => totals(server.url),
    (counts) => Object.values(counts).reduce((a, b) => a + b, 0) === 4,
  );
  assert.deepEqual(await totals(server.url, 'nginx'), { 502: 1 });
  assert.deepEqual(await totals(server.url, 'shop'), { 200: 2, 503: 1 });
});

test('the last message of a sender that marks no ends is counted after a silence, and at a stop', async (t) => {
  const counted: string[] = [];
  const open = (): Batch =>
    ({
      sources: [],
      line: ({ bytes }: Chunk, start: number, end: number) => void counted.push(bytes.toString('utf8', start, end)),
      miss: (miss: Miss) => void counted.push(miss.id),
      commit: async () => undefined,
    }) as unknown as Batch;
  const syslog = await listenSyslog({ open }, { host: '127.0.0.1', port: 0, silenceMs: 20, say: () => {} });
  const tcp = connect(syslog.port, '127.0.0.1');
  t.after(() => tcp.destroy());
  tcp.write('<134>1 2026-03-01T12:00:00Z web1 shop - - - a<134>1 2026-03-01T12:00:00Z web1 shop - - - b');
  await until(
    async () => counted.length,
    (n) => n === 2,
  );
  tcp.write('<134>1 2026-03-01T12:00:01Z web1 shop - - - c');
  await until(
    async () => counted.length,
    (n) => n === 3,
  );
  await syslog.close();
  assert.deepEqual(counted, ['a', 'b', 'c']);
});

test('what TCP brought before a stop is counted', async (t) => {
  const port = await freePort();
  const dataDir = temporaryFolder(t);
  const first = await startServer(t, { dataDir, args: ['--syslog', String(port)] });
  const tcp = connect(port, '127.0.0.1');
  const message = `<190>Jan 02 15:04:05 web1 nginx: 203.0.113.7 - - [${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+).*/, '$1/$2/$3:$4')} +0000] "GET / HTTP/1.1" 200 5 "-" "test"\n`;
  await new Promise<void>((resolve) => tcp.end(message.repeat(20_000), resolve));
  await until(
    () => totals(first.url, 'nginx'),
    (counts) => (counts[200] ?? 0) > 0,
  );
  await until(
    () => totals(first.url, 'nginx'),
    (counts) => counts[200] === 20_000,
  );
  assert.equal(await first.stop(), 0);
  const second = await startServer(t, { dataDir });
  assert.deepEqual(await totals(second.url, 'nginx'), { 200: 20_000 });
});
