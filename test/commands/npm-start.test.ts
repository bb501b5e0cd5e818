// `npm start` as a person runs it: whatever ends npm ends the server, and nothing keeps the port and the database.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { exitOf, startServer, suiteLife, temporaryFolder, until } from '../support/server.ts';

const ROOT = join(import.meta.dirname, '../..');
const noNpm = spawnSync('npm', ['--version']).error === undefined ? false : 'there is no npm here';

/** What a clone is after its first start, less what was installed and built: that is the same. */
function cloneTo(folder: string): void {
  for (const name of ['server', 'shared', 'migrations', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const digest = createHash('sha256')
    .update('/package-lock.json')
    .update('\0')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update('\0')
    .digest('hex');
  mkdirSync(join(folder, '.cache'));
  writeFileSync(join(folder, '.cache/packages.stamp'), digest);
}

suite('npm start', { skip: noNpm, timeout: 180_000 }, () => {
  const life = suiteLife();
  const clone = temporaryFolder(life);
  cloneTo(clone);

  async function start(dataDir: string): Promise<{ npm: ChildProcess; url: string; setup: number }> {
    const { PATH, ...env } = process.env;
    const npm = spawn('npm', ['start', '--', '--port', '0', '--data-dir', dataDir], {
      cwd: clone,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      env: { ...env, INIT_CWD: clone, PATH: `${dirname(process.execPath)}:${PATH}` },
    });
    life.after(() => {
      try {
        process.kill(-npm.pid!, 'SIGKILL');
      } catch {
        // all of them are gone, as they should
      }
    });
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      npm.stdout!.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        const found = /at (http:\S+)/.exec(said);
        if (found !== null) resolve(found[1]);
      });
      void exitOf(npm).then((code) => reject(new Error(`npm exited with ${code}: ${said}`)));
    });
    const setup = Number(
      spawnSync('pgrep', ['-g', String(npm.pid), '-f', '^node server/setup.mjs'], { encoding: 'utf8' }).stdout.trim(),
    );
    return { npm, url, setup };
  }

  const answers = (url: string): Promise<boolean> =>
    fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    );

  for (const [who, signal] of [
    ['npm', 'SIGTERM'],
    ['npm', 'SIGHUP'],
    ['npm', 'SIGKILL'],
    ['setup', 'SIGKILL'],
  ] as const) {
    test(`${signal} to ${who === 'npm' ? 'npm' : 'what npm started'} stops the server, and another takes its database`, async (t) => {
      const dataDir = temporaryFolder(t);
      const { npm, url, setup } = await start(dataDir);
      assert.equal(await answers(url), true);
      process.kill(who === 'npm' ? npm.pid! : setup, signal);
      assert.equal(
        await until(
          () => answers(url),
          (isThere) => !isThere,
          10_000,
        ),
        false,
      );
      // It went in order: what it left for others is taken away.
      assert.equal(
        await until(
          async () => existsSync(join(dataDir, 'address')),
          (isThere) => !isThere,
          10_000,
        ),
        false,
      );
      await until(
        async () => spawnSync('pgrep', ['-g', String(npm.pid)]).status,
        (status) => status === 1,
        10_000,
      );
      await startServer(t, { dataDir });
    });
  }
});
