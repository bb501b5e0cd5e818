// What keeps the server from starting is said in a sentence, with what to do, and nothing of the program's inside.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import Sqlite from 'better-sqlite3';
import { command as importCommand } from '../../server/commands/import.ts';
import { command as serveCommand } from '../../server/commands/serve.ts';
import { command as shipCommand } from '../../server/commands/ship.ts';
import { startTrouble } from '../../server/commands/start-trouble.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { run } from '../support/command.ts';
import { temporaryFolder } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');

/** A data folder with a database of this version. */
function dataFolder(t: TestContext): { dataDir: string; path: string } {
  const dataDir = join(temporaryFolder(t), 'data');
  mkdirSync(dataDir);
  const path = join(dataDir, 'fivealarm.db');
  openSqlite(path).close();
  return { dataDir, path };
}

/**
 * One sentence of ours or more, each with an end, the last an imperative; no stack, no class, no path of the program.
 */
function assertPlain(said: string, matching: RegExp): void {
  assert.match(said, /^fivealarm: [^\n]+\.\n$/);
  assert.doesNotMatch(said, /\n {4}at |SqliteError|Error:|node:|server\/\w/);
  assert.match(said, matching);
}

interface Case {
  title: string;
  says: RegExp;
  /** Breaks it, and gives what else is on the command line. */
  given(folder: { dataDir: string; path: string }, t: TestContext): string[] | Promise<string[]>;
}

const cases: Case[] = [
  {
    title: 'a text in place of the database',
    says: /is not a database.*fivealarm recover/,
    given: ({ path }) => (writeFileSync(path, 'not a database, but long enough to look like one\n'.repeat(20)), []),
  },
  {
    title: 'random bytes in place of the database',
    says: /is not a database.*fivealarm recover/,
    given: ({ path }) => (writeFileSync(path, Buffer.alloc(20_000, 'x')), []),
  },
  {
    title: 'a database cut in the middle',
    says: /is damaged.*fivealarm recover/,
    given: ({ path }) => (truncateSync(path, 20_000), []),
  },
  {
    title: 'a database cut within its header',
    says: /(is damaged|is not a database).*fivealarm recover/,
    given: ({ path }) => (truncateSync(path, 50), []),
  },
  {
    title: 'a database with pages overwritten',
    says: /is damaged.*fivealarm recover/,
    given({ path }) {
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0xa5, 4096));
      return [];
    },
  },
  {
    title: 'a directory in place of the database',
    says: /is a directory.*--data-dir/,
    given: ({ dataDir }, t) => (
      mkdirSync(join(temporaryFolder(t), 'x')),
      mkdirSync(join(dataDir, 'sub/fivealarm.db'), { recursive: true }),
      ['--data-dir', join(dataDir, 'sub')]
    ),
  },
  {
    title: 'a database of a newer version',
    says: /version 999.*another data directory/,
    given: ({ path }) => (withDatabase(path, (db) => db.pragma('user_version = 999')), []),
  },
  {
    title: 'a database of something else',
    says: /not a database of Fivealarm.*another --data-dir/,
    given: ({ dataDir }) => (
      withDatabase(join(dataDir, 'fivealarm.db.other'), (db) => db.exec('CREATE TABLE source (x)')),
      copyFileSync(join(dataDir, 'fivealarm.db.other'), join(dataDir, 'fivealarm.db')),
      []
    ),
  },
  {
    title: 'a file as data folder',
    says: /cannot be a directory.*another --data-dir/,
    given: ({ path }) => ['--data-dir', path],
  },
  {
    title: 'a data folder below a file',
    says: /cannot be a directory.*another --data-dir/,
    given: ({ path }) => ['--data-dir', join(path, 'below')],
  },
  {
    title: 'an address of another machine',
    says: /192\.0\.2\.77 is not an address of this machine.*--host/,
    given: () => ['--host', '192.0.2.77', '--trust-network'],
  },
  {
    title: 'a directory as log file',
    says: /is a directory, not a log file/,
    given: ({ dataDir }) => ['--tail', dataDir],
  },
  {
    title: 'a port that is taken',
    says: /port is taken.*--port/,
    async given(_, t) {
      const server = createServer().listen(0, '127.0.0.1');
      t.after(() => server.close());
      await new Promise((resolve) => server.once('listening', resolve));
      return ['--port', String((server.address() as AddressInfo).port)];
    },
  },
];

function withDatabase(path: string, work: (db: Sqlite.Database) => unknown): void {
  const db = new Sqlite(path);
  work(db);
  db.close();
}

suite('serve says in words what keeps it from starting', () => {
  for (const { title, says, given } of cases) {
    test(title, async (t) => {
      const folder = dataFolder(t);
      const more = await given(folder, t);
      const before = existsSync(folder.path) ? readFileSync(folder.path) : undefined;
      const { code, said } = await run(
        serveCommand,
        ...(more.includes('--data-dir') ? [] : ['--data-dir', folder.dataDir]),
        ...(more.includes('--port') ? [] : ['--port', '0']),
        ...more,
      );
      assert.equal(code, 1);
      assertPlain(said, says);
      // One of something else is opened like ours before that is found out: in write-ahead mode.
      assert.ok(
        before === undefined || title.endsWith('something else') || before.equals(readFileSync(folder.path)),
        'the database is left as it was',
      );
    });
  }

  test('a host name that nobody knows, a full disk, a disk with errors', () => {
    const said = (code: string, more: object) =>
      startTrouble(Object.assign(new Error('said by the system'), { code }, more), {
        dataDir: '/data',
        host: 'no-such.invalid',
        port: 80,
      })!;
    assert.match(said('ENOTFOUND', { syscall: 'getaddrinfo' }), /no-such\.invalid is not known\..*--host\.$/);
    assert.match(said('EACCES', { syscall: 'listen' }), /port 80: .*--port/);
    assert.match(
      said('ENOSPC', { syscall: 'mkdir', path: '/data' }),
      /disk that holds \/data is full\. Free some space/,
    );
    assert.match(said('SQLITE_FULL', {}), /is full\. Free some space/);
    assert.match(said('SQLITE_IOERR_READ', {}), /Check the disk\. Run `fivealarm recover --data-dir \/data`/);
  });

  test('a config file that is a directory', (t) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', '--config', temporaryFolder(t)], {
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assertPlain(stderr, /is a directory/);
  });

  test('folders, files and logs without permission', (t) => {
    const { dataDir } = dataFolder(t);
    const folder = join(dataDir, '..');
    cpSync(dataDir, join(folder, 'readable'), { recursive: true });
    writeFileSync(join(folder, 'secret.log'), 'x\n');
    const attempts = [
      [['--data-dir', join(folder, 'readable')], /no permission/],
      [['--data-dir', join(folder, 'new')], /no permission/],
      [
        ['--tail', join(folder, 'secret.log'), '--data-dir', join(folder, 'x')],
        /secret\.log cannot be read: no permission/,
      ],
    ] as const;
    chmodSync(join(folder, 'secret.log'), 0o000);
    for (const path of ['readable', 'readable/fivealarm.db', '.'])
      chmodSync(join(folder, path), path.endsWith('.db') ? 0o444 : 0o555);
    try {
      // Root may do everything.
      const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
      for (const [argv, says] of attempts) {
        const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', '--port', '0', ...argv], {
          encoding: 'utf8',
          cwd: folder,
          timeout: 30_000,
          ...user,
        });
        if (/Cannot find module|EACCES.*main\.ts/.test(stderr))
          return t.skip('another user cannot read this repository');
        assert.equal(status, 1, stderr);
        assertPlain(stderr, says);
      }
    } finally {
      for (const path of ['.', 'readable']) chmodSync(join(folder, path), 0o755);
    }
  });
});

test('import and ship say it as well', async (t) => {
  const { dataDir, path } = dataFolder(t);
  writeFileSync(path, 'no database\n'.repeat(100));
  const imported = await run(importCommand, MAIN, '--data-dir', dataDir);
  assert.equal(imported.code, 1);
  assertPlain(imported.said, /is not a database/);
  const shipped = await run(shipCommand, dataDir, '--to', 'http://127.0.0.1:9');
  assert.equal(shipped.code, 1);
  assertPlain(shipped.said, /is a directory, not a log file/);
});

test('the demo takes nothing else in, and says so', async (t) => {
  const { dataDir } = dataFolder(t);
  for (const more of [['--data-dir', dataDir], [`--data-dir=${dataDir}`], ['--tail', MAIN], ['--syslog', '5514']]) {
    const { code, said } = await run(serveCommand, '--demo', '--port', '0', ...more);
    assert.equal(code, 2);
    assert.match(said, /^fivealarm: --demo and --[a-z-]+ exclude each other: .*Leave out one of them\.\n$/);
  }
});
