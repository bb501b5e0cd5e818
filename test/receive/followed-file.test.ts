// Files that are followed: written anew, moved, from before this version, and many at once.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { tail } from '../../server/receive/tail.ts';
import { LineStore } from '../support/rotating-log.ts';
import { temporaryFolder } from '../support/server.ts';

suite('a file that is written anew', () => {
  const lines = (n: number, what: string): string =>
    Array.from({ length: n }, (_, i) => `${what} ${String(i).padStart(4, '0')} ${'.'.repeat(40)}\n`).join('');

  async function followed(
    t: TestContext,
    text: string,
  ): Promise<{ path: string; store: LineStore; settle(): Promise<void>; restart(): Promise<void> }> {
    const path = join(temporaryFolder(t), 'access.log');
    writeFileSync(path, text);
    const store = new LineStore();
    const start = () =>
      tail(
        store.deps(() => true, Date.now),
        { files: [path], from: 'start', say: () => {} },
      );
    let following = start();
    t.after(() => following.close());
    await following.settled();
    return {
      path,
      store,
      settle: () => following.settled(),
      async restart() {
        await following.close();
        following = start();
        await following.settled();
      },
    };
  }
  const counted = ({ lines: all }: LineStore): number => [...all.values()].reduce((sum, n) => sum + n, 0);

  for (const again of ['settle', 'restart'] as const) {
    const when = again === 'settle' ? 'while it is followed' : 'while it is not followed';

    test(`to exactly its old size counts, ${when}`, async (t) => {
      const log = await followed(t, lines(100, 'old'));
      writeFileSync(log.path, lines(100, 'new'));
      await log[again]();
      assert.equal(counted(log.store), 200);
    });

    test(`with the same beginning and more than before counts, ${when}`, async (t) => {
      // Beyond what the head covers it differs.
      const log = await followed(t, lines(100, 'the same') + lines(100, 'old'));
      writeFileSync(log.path, lines(100, 'the same') + lines(150, 'new'));
      await log[again]();
      assert.equal(counted(log.store), 450);
    });
  }

  test('is still the same log when it only has another inode (rsync)', async (t) => {
    const log = await followed(t, lines(100, 'old'));
    for (let i = 0; i < 3; i++) {
      writeFileSync(`${log.path}.incoming`, readFileSync(log.path, 'utf8') + lines(10, `new${i}`));
      renameSync(`${log.path}.incoming`, log.path);
      await log.restart();
      assert.equal(counted(log.store), 110 + 10 * i);
    }
  });

  test('from before this version is found by what was stored then', async (t) => {
    const path = join(temporaryFolder(t), 'access.log');
    const text = lines(100, 'old');
    writeFileSync(path, text);
    const store = new LineStore();
    const digest = createHash('sha256').update(text.slice(0, 1024)).digest('hex').slice(0, 32);
    store.cursors.set(
      `stream/local/${statSync(path).ino}`,
      Buffer.from(JSON.stringify([{ head: { length: 1024, digest, run: 0 }, end: lines(90, 'old').length }])),
    );
    const following = tail(
      store.deps(() => true, Date.now),
      { files: [path], from: 'start', say: () => {} },
    );
    t.after(() => following.close());
    await following.settled();
    assert.equal(counted(store), 10);
    copyFileSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, lines(3, 'rest'));
    truncateSync(path);
    await following.settled();
    assert.equal(counted(store), 13);
  });
});

suite('many files', () => {
  test('the backlog of one keeps no other waiting, nor does one that is refused', async (t) => {
    const folder = temporaryFolder(t);
    const line = `${'x'.repeat(200)}\n`;
    mkdirSync(join(folder, 'logs'));
    const path = (name: string): string => join(folder, 'logs', `${name}.log`);
    // Twelve buffers' worth, half of it in a file that was rotated away while nobody looked.
    const store = new LineStore();
    const start = () =>
      tail(
        store.deps(() => true, Date.now),
        { files: [join(folder, 'logs', '*.log')], from: 'start', say: () => {} },
      );
    writeFileSync(path('big'), 'first\n');
    let following = start();
    await following.settled();
    await following.close();
    appendFileSync(path('big'), line.repeat(Math.ceil((24 << 20) / line.length)));
    renameSync(path('big'), `${path('big')}.1`);
    writeFileSync(path('big'), line.repeat(Math.ceil((24 << 20) / line.length)));
    for (const name of ['refused-a', 'refused-b', 'refused-c']) {
      writeFileSync(path(name), line);
      store.refused.add(name);
    }
    writeFileSync(path('small'), line);
    const before = store.order.length;
    following = start();
    t.after(() => following.close());
    while (!store.order.includes('small') || store.order.filter((source) => source === 'big').length < 13)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const turn = store.order.slice(before).indexOf('small');
    assert.ok(turn <= 6, `small came after ${turn} pieces of big`);
    assert.ok(store.order.slice(before).every((source) => !store.refused.has(source)));
  });
});
