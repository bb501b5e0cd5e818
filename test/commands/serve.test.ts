import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { combined } from '../support/app.ts';
import { startServer, temporaryFolder, totals } from '../support/server.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const run = (cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { cwd, encoding: 'utf8', timeout: 60_000 });

test(
  'SIGTERM answers the request in flight, says 1001 to pages, and exits with 0; nothing acknowledged is lost',
  { timeout: 180_000 },
  async (t) => {
    const dataDir = temporaryFolder(t);
    const server = await startServer(t, { dataDir });
    const page = new WebSocket(`${server.url.replace('http', 'ws')}/live`);
    await once(page, 'message');
    const closed = once(page, 'close') as Promise<[number]>;
    // Half of a body is there when the signal comes, the rest after it.
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const post = request(`${server.url}/ingest/shop`, { method: 'POST', headers: { expect: '100-continue' }, agent });
    const answered = once(post, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
    post.flushHeaders();
    await once(post, 'continue');
    post.write(`${combined(Date.now(), 200)}\n`);
    const exited = server.stop();
    assert.equal((await closed)[0], 1001);
    post.end(`${combined(Date.now(), 502)}\n`);
    const [response] = await answered;
    response.resume();
    assert.equal(response.statusCode, 200);
    assert.equal(await exited, 0);
    assert.ok(!existsSync(join(dataDir, 'address')));
    const again = await startServer(t, { dataDir });
    assert.deepEqual(await totals(again.url), { 200: 1, 502: 1 });
  },
);

test('a sender that never finishes does not hold up the stop', { timeout: 180_000 }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  const post = request(`${server.url}/ingest/shop`, { method: 'POST', headers: { expect: '100-continue' } });
  post.on('error', () => {});
  post.flushHeaders();
  await once(post, 'continue');
  post.write('half a line');
  assert.equal(await server.stop(), 0);
});

test('listening beyond this machine is refused without a word that it is meant', (t) => {
  const folder = temporaryFolder(t);
  const { status, stderr } = run(folder, 'serve', '--host', '0.0.0.0', '--port', '0');
  assert.equal(status, 2);
  assert.match(stderr, /--trust-network/);
  const syslog = run(folder, 'serve', '--syslog', '0.0.0.0:5514', '--port', '0');
  assert.deepEqual([syslog.status, /--trust-network/.test(syslog.stderr)], [2, true]);
});

test('wrong settings end with 2 and say what is wrong', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'fivealarm.json'), '{"prot":1,"keep10s":"soon"}');
  const { status, stderr } = run(folder, 'serve');
  assert.equal(status, 2);
  assert.match(stderr, /there is no setting "prot"; did you mean "port"/);
  assert.match(stderr, /keep10s/);
  const flag = run(temporaryFolder(t), 'serve', '--prot', '1');
  assert.equal(flag.status, 2);
  assert.match(flag.stderr, /--prot/);
});

test(
  'a second server on the same folder, or a taken port, ends with 1 and says so',
  { timeout: 180_000 },
  async (t) => {
    const dataDir = temporaryFolder(t);
    const first = await startServer(t, { dataDir });
    const folder = run(temporaryFolder(t), 'serve', '--data-dir', dataDir, '--port', '0');
    assert.equal(folder.status, 1);
    assert.match(folder.stderr, /another|already/i);
    const port = run(temporaryFolder(t), 'serve', '--port', new URL(first.url).port);
    assert.equal(port.status, 1);
    assert.match(port.stderr, /port is taken/);
  },
);

test('unknown commands and no command: 2, and the server', { timeout: 180_000 }, async (t) => {
  const folder = temporaryFolder(t);
  assert.equal(run(folder, 'sevre').status, 2);
  const help = run(folder, '--help');
  assert.equal(help.status, 0);
  for (const name of ['serve', 'import', 'parse', 'replay', 'explain', 'ship', 'recover'])
    assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
  assert.match(run(folder, 'serve', '--help').stdout, /--data-dir DIRECTORY/);
  const server = spawn(process.execPath, [MAIN, '--port', '0'], { cwd: folder });
  t.after(() => server.kill('SIGKILL'));
  const said: string[] = [];
  for await (const line of createInterface(server.stdout)) if (said.push(line) === 3) break;
  assert.match(
    said.join('\n'),
    /^Fivealarm \S+ is at http:\/\/127\.0\.0\.1:\d+\n {2}Data folder: .*data\n {2}Send a first line: .*curl/,
  );
});
