// Tailing and shipping real files: what was written is what is counted, whatever happens to the file and to the processes.
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { openIngest, type Ingest } from '../../server/ingest.ts';
import { tail } from '../../server/receive/tail.ts';
import type { Follow } from '../../server/receive/follow.ts';
import { sourceOf } from '../../server/receive/log-path.ts';
import { startServer, temporaryFolder, totals, until } from '../support/server.ts';

suite('tail', () => {
  test('counts the lines that are there already, then those that come', async (t) => {
    const log = await openLog(t);
    log.write(1000);
    await log.follow();
    log.write(7);
    await log.settle();
  });

  test('goes on where it stopped, also when the file was not there at first', async (t) => {
    const log = await openLog(t);
    await log.follow();
    log.write(3);
    await log.settle();
    await log.stop();
    log.write(4);
    await log.follow();
    await log.settle();
  });

  test('follows a rename, and the lines still written to the renamed file', async (t) => {
    const log = await openLog(t);
    await log.follow();
    log.write(10);
    await log.settle();
    renameSync(log.path, `${log.path}.1`);
    log.write(5, `${log.path}.1`);
    log.write(6);
    await log.settle();
    log.write(2, `${log.path}.1`);
    await log.settle();
  });

  test('reads the rest of a copy when the file is truncated after it (copytruncate)', async (t) => {
    const log = await openLog(t);
    await log.follow();
    log.write(10);
    await log.settle();
    log.write(5);
    copyFileSync(log.path, `${log.path}.1`);
    truncateSync(log.path, 0);
    log.write(3);
    await log.settle();
  });

  test('reads files that were rotated away while nobody followed, and never the older ones', async (t) => {
    const log = await openLog(t);
    writeFileSync(`${log.path}.7`, log.lines(100));
    await log.follow();
    log.write(10);
    await log.settle();
    await log.stop();
    log.write(2);
    renameSync(log.path, `${log.path}.2`);
    log.write(3);
    renameSync(log.path, `${log.path}.1`);
    log.write(4);
    await log.follow();
    await log.settle();
  });

  test('counts the very same lines again when they are written anew after a truncation', async (t) => {
    const log = await openLog(t);
    const lines = log.lines(50);
    await log.follow();
    for (let i = 0; i < 3; i++) {
      writeFileSync(log.path, '');
      await log.following.settled();
      log.append(lines, 50);
      await log.settle();
    }
  });

  test('takes a line when it is whole, in however many writes it came', async (t) => {
    const log = await openLog(t);
    await log.follow();
    const line = log.lines(1);
    appendFileSync(log.path, line.slice(0, 40));
    await log.following.settled();
    assert.equal(await log.counted(), 0);
    log.append(line.slice(40), 1);
    await log.settle();
  });

  test('skips a line longer than a buffer without keeping it, and counts what follows', async (t) => {
    const log = await openLog(t);
    await log.follow();
    log.write(2);
    log.append('x'.repeat(9 * 1024 * 1024), 0);
    await log.settle();
    log.append(`${'y'.repeat(1024)}\n`, 0);
    log.write(2);
    await log.settle();
  });

  test('a glob follows what matches, each under its own name, and leaves rotated files out', async (t) => {
    const log = await openLog(t, '*.log*');
    const shop = join(log.path, '..', 'shop.access.log');
    writeFileSync(shop, log.lines(3));
    writeFileSync(`${shop}.1`, log.lines(5));
    writeFileSync(`${shop}.2.gz`, 'compressed');
    log.write(2);
    await log.follow();
    await log.following.settled();
    assert.equal(await log.counted('shop'), 3);
    assert.equal(await log.counted(), 2);
  });

  test('from the end, only new lines count, also after a restart', async (t) => {
    const log = await openLog(t);
    writeFileSync(log.path, log.lines(20));
    await log.follow('end');
    await log.following.settled();
    await log.stop();
    log.write(3);
    await log.follow('end');
    await log.settle();
  });

  test('a file is named after itself, or after its folder when its name says nothing', () => {
    const names = [
      '/var/log/nginx/access.log',
      '/var/log/nginx/shop.access.log',
      '/srv/logs/access_log',
      '/var/log/apache2/other_vhosts_access.log',
      '/var/log/access.log',
      '/x/api.json',
    ].map(sourceOf);
    assert.deepEqual(names, ['nginx', 'shop', 'access', 'other-vhosts', 'access', 'api']);
  });
});

test('tailing is exact over kill -9 of the server at any moment, while lines come and the file is rotated', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'site.log');
  const dataDir = temporaryFolder(t);
  let written = 0;
  const write = (n: number): void => {
    appendFileSync(
      path,
      linesOf(n, () => written++),
    );
  };
  write(1);
  let server = await startServer(t, { dataDir, args: ['--tail', path] });
  await until(
    () => totals(server.url, 'site'),
    (counts) => counts[200] === 1,
  );
  for (let kill = 0; kill < 3; kill++) {
    for (let burst = 0; burst < 10; burst++) {
      write(3000);
      await new Promise((resolve) => setTimeout(resolve, 17 * kill));
    }
    await server.kill();
    write(100);
    if (kill % 2 === 0) renameSync(path, `${path}.${9 - kill}`);
    write(100);
    server = await startServer(t, { dataDir, args: ['--tail', path] });
  }
  await until(
    () => totals(server.url, 'site'),
    (counts) => (counts[200] ?? 0) >= written,
  );
  assert.deepEqual(await totals(server.url, 'site'), { 200: written });
});

function linesOf(n: number, serial: () => number): string {
  let text = '';
  for (let i = 0; i < n; i++)
    text += `203.0.113.7 - - [${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+).*/, '$1/$2/$3:$4')} +0000] "GET /${serial()} HTTP/1.1" 200 5 "-" "test"\n`;
  return text;
}

interface Log {
  readonly path: string;
  readonly following: Follow;
  follow(from?: 'start' | 'end'): Promise<void>;
  stop(): Promise<void>;
  lines(n: number): string;
  /** Appends n lines that are to be counted. */
  write(n: number, path?: string): void;
  append(text: string, hits: number): void;
  counted(source?: string): Promise<number>;
  /** Follows to the end, and checks that exactly what was written is counted. */
  settle(): Promise<void>;
}

async function openLog(t: TestContext, files = 'access.log'): Promise<Log> {
  const folder = temporaryFolder(t);
  const path = join(folder, 'site', 'access.log');
  mkdirSync(join(folder, 'site'));
  const config = {
    dataDir: join(folder, 'data'),
    sources: {},
    maxSources: 100,
    maxBodyMiB: 64,
    keep10s: '2d',
    keep1m: '35d',
    keep1h: '400d',
  };
  const fail = (error: unknown): never => {
    throw error;
  };
  let ingest: Ingest | undefined;
  let following: Follow | undefined;
  let written = 0;
  let serial = 0;
  const log: Log = {
    path,
    get following() {
      return following!;
    },
    async follow(from = 'start') {
      ingest = await openIngest({ config, now: Date.now, onBroken: fail, onTrouble: fail });
      following = tail(ingest.receive, { files: [join(folder, 'site', files)], from, say: () => {} });
    },
    async stop() {
      await following?.close();
      await ingest?.close();
      following = ingest = undefined;
    },
    lines: (n) => linesOf(n, () => serial++),
    write(n, to = path) {
      appendFileSync(to, log.lines(n));
      written += n;
    },
    append(text, hits) {
      appendFileSync(path, text);
      written += hits;
    },
    async counted(source = 'site') {
      const { totals } = await ingest!.store.counts.totals({ from: 0, to: Date.now() + 60_000, source });
      return totals.reduce((sum, { count }) => sum + count, 0);
    },
    async settle() {
      await following!.settled();
      assert.equal(await log.counted(), written);
    },
  };
  t.after(() => log.stop());
  return log;
}
