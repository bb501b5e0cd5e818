// `fivealarm recover` as a person runs it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { command } from '../../server/commands/recover.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { run } from '../support/command.ts';
import { START, damagedReference, fillDatabase, leavesOf, type Damage } from '../support/damaged-database.ts';
import { suiteLife, temporaryFolder } from '../support/server.ts';

suite('recover, the command', () => {
  const folder = temporaryFolder(suiteLife());
  before(() => fillDatabase(folder));

  let at = 0;
  function damagedFolder(what: readonly Damage[]): { dataDir: string; path: string; damaged: Buffer } {
    const dataDir = join(folder, `command${at++}`, 'data');
    mkdirSync(dataDir, { recursive: true });
    const path = join(dataDir, 'fivealarm.db'),
      damaged = damagedReference(folder, what);
    writeFileSync(path, damaged);
    return { dataDir, path, damaged };
  }
  test('says per table what is lost, of which source and time; a server goes on with the rest', async () => {
    const lost = leavesOf(folder, 'counts_10s')[3];
    const { dataDir, path, damaged } = damagedFolder([{ page: lost - 1, kind: 'random', seed: 5 }]);
    const { code, out, said } = await run(command, '--data-dir', dataDir);
    assert.deepEqual([code, said], [0, '']);
    assert.match(out, /^ {2}counts_10s +[\d,]+ rows; 1 part lost$/m);
    assert.match(out, /^ {2}counts_1m +[\d,]+ rows$/m);
    assert.match(
      out,
      /^Lost:\n {2}counts_10s: rows .*2026-11-2\d \d\d:\d\d:\d\d UTC to .*2026-11-2\d \d\d:\d\d:\d\d UTC$/m,
    );
    assert.ok(readFileSync(path).equals(damaged));
    const store = openSqlite(join(`${dataDir}-recovered`, 'fivealarm.db'));
    const { totals } = await store.counts.totals({ from: START, to: START + 40 * 3_600_000 });
    assert.ok(totals.length > 0);
    store.close();
  });

  test('puts the new database in the place of the damaged one when it is told to, and keeps that', async () => {
    const { dataDir, path, damaged } = damagedFolder([
      { page: leavesOf(folder, 'values_1m')[0] - 1, kind: 'zeros', seed: 5 },
    ]);
    writeFileSync(`${path}-wal`, 'rubbish');
    const { code } = await run(command, '--data-dir', dataDir, '--replace');
    assert.equal(code, 0);
    const kept = readdirSync(dataDir).filter((name) => /^fivealarm\.db\.damaged-\d{8}T\d{6}Z(-wal)?$/.test(name));
    assert.equal(kept.length, 2);
    assert.ok(readFileSync(join(dataDir, kept.sort()[0])).equals(damaged));
    openSqlite(path).close();
  });

  test('a source whose name is lost keeps its counts, and its number is given to no other', async () => {
    const [page] = leavesOf(folder, 'source');
    const { dataDir } = damagedFolder([{ page: page - 1, kind: 'random', seed: 9 }]);
    const { out } = await run(command, '--data-dir', dataDir);
    assert.match(out, /The name of a source is lost: its counts are under “lost source 4”/);
    const store = openSqlite(join(`${dataDir}-recovered`, 'fivealarm.db'));
    const { totals } = await store.counts.totals({ from: START - 3_600_000, to: START + 40 * 3_600_000 });
    assert.ok(totals.some(({ source }) => source === 'lost source 4'));
    assert.equal(store.sources.idOf('new'), 5);
    store.close();
  });

  test('what hangs on a lost incident is kept beside the new database', async () => {
    const { dataDir } = damagedFolder(
      leavesOf(folder, 'incident').map((page) => ({ page: page - 1, kind: 'random' as const, seed: page })),
    );
    const { out } = await run(command, '--data-dir', dataDir);
    assert.match(out, /transition .*set aside/);
    const aside = readFileSync(join(`${dataDir}-recovered`, 'recovered-rows.jsonl'), 'utf8');
    assert.match(aside, /"table":"transition","why":"its incident is lost","row":\{"id":/);
  });

  test('does nothing to a database that a server has open, or where there is one already, or none', async () => {
    const { dataDir, path } = damagedFolder([]);
    const store = openSqlite(path);
    const open = await run(command, '--data-dir', dataDir);
    store.close();
    assert.deepEqual([open.code, /Another process/.test(open.said)], [1, true]);
    assert.equal((await run(command, '--data-dir', dataDir)).code, 0);
    const again = await run(command, '--data-dir', dataDir);
    assert.deepEqual([again.code, /exists already\..*--to/.test(again.said)], [1, true]);
    const none = await run(command, '--data-dir', folder);
    assert.deepEqual([none.code, /There is no database in/.test(none.said)], [1, true]);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('-recovered')),
      [],
    );
  });
});
