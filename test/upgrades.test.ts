// What a client offers to speak instead, and nobody takes, costs it nothing: curl --http2 and Java's HttpClient offer h2c with their
// first request, and its lines must count.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { startServer, suiteLife, temporaryFolder, totals, type Running } from './support/server.ts';

const run = promisify(execFile);
const line = (code: number): string =>
  `203.0.113.7 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" ${code} 5 "-" "x"`;
const OFFER =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nHost: localhost\r\n';

suite('upgrades', () => {
  let server: Running;
  const life = suiteLife();
  before(async () => {
    server = await startServer(life, { dataDir: temporaryFolder(life) });
  });

  /** Sends these pieces one after another on one connection, and resolves with all that came back when it closed. */
  async function exchange(...pieces: (string | Buffer)[]): Promise<string> {
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' });
    let said = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      said += part;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await closed;
    return said;
  }

  const statuses = (said: string): string[] => [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);

  test('an offer of h2c is ignored, with a body of a known length, in chunks, or in pieces', async () => {
    const body = `${line(200)}\n${line(502)}\n`;
    const whole = `POST /ingest/known HTTP/1.1\r\n${OFFER}Content-Length: ${body.length}\r\n\r\n${body}`;
    const chunked = `POST /ingest/chunked HTTP/1.1\r\n${OFFER}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const last = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    assert.deepEqual(statuses(await exchange(whole, chunked, last)), ['200', '200', '200']);
    assert.deepEqual(statuses(await exchange(whole.slice(0, 90), whole.slice(90, -30), whole.slice(-30), last)), [
      '200',
      '200',
    ]);
    assert.deepEqual(
      statuses(await exchange(whole.replace('known', 'piped') + chunked.replace('chunked', 'piped') + last)),
      ['200', '200', '200'],
    );
    // The second of them is a duplicate.
    for (const source of ['known', 'chunked', 'piped'])
      assert.deepEqual(await totals(server.url, source), { 200: 1, 502: 1 }, source);
  });

  test('whatever else is offered is ignored too, a WebSocket at another path among it', async () => {
    for (const offered of ['TLS/1.0', 'websocket', 'h2c, websocket', 'IRC/6.9']) {
      const said = await exchange(
        `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: ${offered}\r\n\r\n`,
      );
      assert.match(said, /^HTTP\/1\.1 200 /, offered);
    }
    const said = await exchange(
      `GET /nothing.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    assert.match(said, /^HTTP\/1\.1 404 /);
  });

  test('what guards a request guards one with an offer: Host, Origin and limits', async () => {
    const offer = 'Connection: Upgrade, close\r\nUpgrade: h2c\r\n';
    assert.match(await exchange(`GET /api/totals HTTP/1.1\r\nHost: evil.example\r\n${offer}\r\n`), /^HTTP\/1\.1 403 /);
    assert.match(
      await exchange(
        `POST /ingest HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n${offer}Content-Length: 1\r\n\r\nx`,
      ),
      /^HTTP\/1\.1 403 /,
    );
    assert.match(
      await exchange(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_000)}\r\n${offer}\r\n`),
      /^HTTP\/1\.1 431 /,
    );
  });

  test('a WebSocket at /live opens as before', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/live`);
    const hello = await new Promise<string>((resolve, reject) =>
      socket.once('message', (data: Buffer) => resolve(data.toString())).once('error', reject),
    );
    assert.equal((JSON.parse(hello) as { type: string }).type, 'hello');
    socket.terminate();
  });

  test('curl --http2 sends lines', async () => {
    const { stdout } = await run('curl', [
      '-s',
      '--http2',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '--data-binary',
      line(503),
      `${server.url}/ingest/curl`,
    ]);
    assert.equal(stdout, '200');
    assert.deepEqual(await totals(server.url, 'curl'), { 503: 1 });
  });
});
