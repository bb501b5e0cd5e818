// Of a damaged database everything that can be read is recovered, and nothing that was not there.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { openIngest } from '../../server/ingest.ts';
import { command } from '../../server/commands/recover.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { recover, type Recovery } from '../../server/store/sqlite/recover/recover.ts';
import { run } from '../support/command.ts';
import { suiteLife, temporaryFolder } from '../support/server.ts';

const PAGE = 4096;
const START = Date.UTC(2026, 10, 22, 10);

/** Every row of every table, as text. */
type Rows = ReadonlyMap<string, ReadonlySet<string>>;

const textOf = (row: unknown): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));

function rowsOf(path: string): Map<string, Set<string>> {
  const db = new Sqlite(path, { readonly: true });
  const rows = new Map(
    tableNames(db).map((name) => [name, new Set(db.prepare(`SELECT * FROM "${name}"`).all().map(textOf))]),
  );
  db.close();
  return rows;
}

const tableNames = (db: Sqlite.Database): string[] =>
  db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .pluck()
    .all();

/** What SQLite itself still reads, from both ends of each table and row by row at some. */
function readableRows(path: string, original: Rows): Map<string, Set<string>> {
  const readable = new Map([...original.keys()].map((name) => [name, new Set<string>()]));
  let db: Sqlite.Database | undefined;
  try {
    db = new Sqlite(path, { readonly: true });
    for (const [name, rows] of readable) {
      const keys = db
        .prepare<[string], string>('SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk')
        .pluck()
        .all(name);
      for (const direction of ['ASC', 'DESC']) {
        try {
          for (const row of db
            .prepare(
              `SELECT * FROM "${name}" NOT INDEXED ORDER BY ${keys.map((key) => `"${key}" ${direction}`).join(', ')}`,
            )
            .iterate())
            rows.add(textOf(row));
        } catch {
          // read up to here
        }
      }
      const one = db.prepare(
        `SELECT * FROM "${name}" NOT INDEXED WHERE ${keys.map((key) => `"${key}" = ?`).join(' AND ')}`,
      );
      [...original.get(name)!]
        .filter((_, i) => i % 97 === 0)
        .forEach((text) => {
          const row = JSON.parse(text) as Record<string, unknown>;
          if (Object.values(row).some((value) => typeof value === 'object' && value !== null)) return;
          try {
            const found = one.get(keys.map((key) => row[key]));
            if (found !== undefined) rows.add(textOf(found));
          } catch {
            // not readable
          }
        });
    }
  } catch {
    // not even opened
  }
  db?.close();
  // SQLite may also read what never was: only true rows count.
  for (const [name, rows] of readable) for (const row of rows) if (!original.get(name)!.has(row)) rows.delete(row);
  return readable;
}

suite('recover', () => {
  const life = suiteLife();
  const folder = temporaryFolder(life);
  const whole = join(folder, 'whole');
  let original: Rows;
  let bytes: Buffer;
  let log: Buffer;

  before(async () => {
    await fill(whole);
    // Kept as it is while a server has it open: the last commits are in the write-ahead log only.
    bytes = readFileSync(join(folder, 'kept.db'));
    log = readFileSync(join(folder, 'kept.db-wal'));
    copyFileSync(join(folder, 'kept.db'), join(folder, 'reference.db'));
    copyFileSync(join(folder, 'kept.db-wal'), join(folder, 'reference.db-wal'));
    const db = new Sqlite(join(folder, 'reference.db'));
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    original = rowsOf(join(folder, 'reference.db'));
  });

  /** Sources, routes and codes over hours; incidents with all that hangs on them; long rows that go on in other pages. */
  async function fill(dataDir: string): Promise<void> {
    const config = {
      dataDir,
      sources: {},
      maxSources: 100,
      maxBodyMiB: 64,
      keep10s: '400d',
      keep1m: '400d',
      keep1h: '400d',
    };
    const fail = (error: unknown): never => {
      throw error;
    };
    const ingest = await openIngest({ config, now: () => START + 40 * 3_600_000, onBroken: fail, onTrouble: fail });
    for (let i = 0; i < 48; i++) {
      const batch = ingest.receive.open({ source: `shop${i % 4}`, receiver: 'test' });
      const lines = Array.from({ length: 60 }, (_, k) =>
        JSON.stringify({
          time: new Date(START + i * 600_000 + k * 10_000).toISOString(),
          status: [200, 200, 404, 502][k % 4],
          request_uri: `/p/${i}/${k % 7}`,
          request_method: 'GET',
          upstream_addr: `10.0.0.${k % 5}:80`,
        }),
      );
      batch.write(Buffer.from(`${lines.join('\n')}\n`));
      await batch.commit({ scope: `a sender with a long name ${i}`, key: Buffer.from(`batch ${i}`.padEnd(64)) });
    }
    await ingest.store.fold();
    const { db } = ingest.store;
    db.pragma('wal_checkpoint(TRUNCATE)');
    const incident = db.prepare(
      `INSERT INTO incident (id, source, state, severity, opened_at, body, machine) VALUES (?, ?, 'resolved', 'page', ?, ?, '{}')`,
    );
    const transition = db.prepare(
      `INSERT INTO transition (incident, at, was, became, why) VALUES (?, ?, 'pending', 'firing', ?)`,
    );
    const evaluation = db.prepare('INSERT INTO evaluation (incident, at, body) VALUES (?, ?, ?)');
    db.exec('BEGIN');
    for (let i = 1; i <= 30; i++) {
      incident.run(i, `shop${i % 4}`, START + i * 1000, JSON.stringify({ what: 'x'.repeat(i * 400) }));
      for (let k = 0; k < 20; k++) transition.run(i, START + i * 1000 + k, 'because '.repeat(k));
      for (let k = 0; k < 30; k++) evaluation.run(i, START + i * 1000 + k, 'y'.repeat(k * 20));
    }
    db.exec('COMMIT');
    for (const suffix of ['', '-wal'])
      copyFileSync(join(dataDir, `fivealarm.db${suffix}`), join(folder, `kept.db${suffix}`));
    await ingest.close();
  }

  let runs = 0;
  function attempt(
    damaged: Buffer,
    damagedLog: Buffer | undefined,
  ): { from: string; recovered: Map<string, Set<string>>; recovery: Recovery } {
    const at = join(folder, String(runs++));
    mkdirSync(at);
    const from = join(at, 'fivealarm.db'),
      to = join(at, 'new.db'),
      aside = join(at, 'aside.jsonl');
    writeFileSync(from, damaged);
    if (damagedLog !== undefined) writeFileSync(`${from}-wal`, damagedLog);
    const recovery = recover({ from, to, aside });
    const recovered = rowsOf(to);
    if (existsSync(aside)) {
      for (const line of readFileSync(aside, 'utf8').trim().split('\n')) {
        const { table, row } = JSON.parse(line) as { table: string; row: unknown };
        recovered.get(table)!.add(textOf(row));
      }
    }
    for (const { table, id } of recovery.placeholders)
      recovered.set(
        table,
        new Set([...recovered.get(table)!].filter((text) => (JSON.parse(text) as { id: number }).id !== id)),
      );
    assert.ok(readFileSync(from).equals(damaged), 'the damaged file is left as it was');
    return { from, recovered, recovery };
  }

  const missing = (rows: Rows, from: Rows): string[] =>
    [...rows].flatMap(([name, all]) =>
      [...all].filter((row) => !from.get(name)!.has(row)).map((row) => `${name} ${row.slice(0, 200)}`),
    );

  test('an undamaged one is copied whole, with what is in its write-ahead log', () => {
    const { recovered, recovery } = attempt(bytes, log);
    assert.deepEqual(recovered, original);
    assert.deepEqual(
      [recovery.notes, recovery.placeholders, recovery.tables.flatMap(({ gaps }) => gaps)],
      [[], [], []],
    );
  });

  type Damage = { page: number; kind: 'random' | 'zeros'; seed: number };
  const damages = (pages: number): fc.Arbitrary<Damage[]> =>
    fc.array(
      fc.record({
        page: fc.integer({ min: 0, max: pages - 1 }),
        kind: fc.constantFrom('random', 'random', 'zeros'),
        seed: fc.integer({ min: 1, max: 2 ** 31 }),
      }),
      { minLength: 1, maxLength: 12 },
    );

  function damage(whole: Buffer, what: readonly Damage[], cut: number | undefined): Buffer {
    const damaged = Buffer.from(whole);
    for (const { page, kind, seed } of what) {
      const target = damaged.subarray(page * PAGE, (page + 1) * PAGE);
      if (kind === 'zeros') target.fill(0);
      else
        for (let i = 0, state = seed; i < target.length; i++)
          target[i] = (state = Math.imul(state, 1_103_515_245) + 12_345) >>> 16;
    }
    return cut === undefined ? damaged : damaged.subarray(0, Math.floor(damaged.length * cut));
  }

  test('whatever pages are overwritten or cut off, no row that SQLite reads is missing, and none is there that was not', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.option(fc.double({ min: 0.05, max: 0.99, noNaN: true }), { freq: 4, nil: undefined }),
        damages(bytes.length / PAGE),
        (withLog, cut, what) => {
          const damaged = damage(bytes, what, cut);
          const usedLog = withLog ? log : undefined;
          let attempted: ReturnType<typeof attempt>;
          try {
            attempted = attempt(damaged, usedLog);
          } catch (error) {
            assert.match(String(error), /no row of a Fivealarm database/);
            return;
          }
          const { from, recovered, recovery } = attempted;
          assert.deepEqual(missing(recovered, original), [], 'made up');
          assert.deepEqual(missing(readableRows(from, original), recovered), [], 'left out');
          // Whatever is not there any more is told of.
          if (withLog)
            for (const { table, rows, aside, loose, gaps, isMissing } of recovery.tables) {
              if (rows + aside < original.get(table.name)!.size)
                assert.ok(
                  gaps.length > 0 || isMissing,
                  `${table.name}: ${rows} of ${original.get(table.name)!.size} rows, ${loose} loose`,
                );
            }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 30) },
    );
  });

  /** Where a table's tree begins, and which tables have more than a page. */
  function rootOf(table: string): number {
    const db = new Sqlite(join(folder, 'reference.db'), { readonly: true });
    const root = db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table)!;
    db.close();
    return root;
  }

  for (const table of ['counts_10s', 'values_1m', 'ledger']) {
    test(`when the page that leads to all others of a table is lost, they are found nevertheless (${table})`, () => {
      const reference = readFileSync(join(folder, 'reference.db'));
      const root = rootOf(table);
      assert.ok([2, 5].includes(reference[(root - 1) * PAGE]), 'the table has more than a page');
      const { recovered, recovery } = attempt(
        damage(reference, [{ page: root - 1, kind: 'random', seed: 7 }], undefined),
        undefined,
      );
      const report = recovery.tables.find((one) => one.table.name === table)!;
      assert.deepEqual(missing(recovered, original), []);
      const lost = missing(original, recovered).length;
      // The inner page of a table without rowids has a few rows of its own.
      assert.ok(
        lost < report.rows / 50 && report.loose === report.rows,
        `${lost} rows lost, ${report.loose} of ${report.rows} on loose pages`,
      );
    });
  }

  test('free pages with what they held before are not taken for lost ones', () => {
    const path = join(folder, 'freed.db');
    copyFileSync(join(folder, 'reference.db'), path);
    const db = new Sqlite(path);
    db.exec(`DELETE FROM counts_10s WHERE bucket < (SELECT avg(bucket) FROM counts_10s)`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    assert.ok((db.pragma('freelist_count', { simple: true }) as number) > 3);
    db.close();
    const now = rowsOf(path);
    const { recovered } = attempt(
      damage(readFileSync(path), [{ page: rootOf('counts_10s') - 1, kind: 'random', seed: 3 }], undefined),
      undefined,
    );
    assert.deepEqual(missing(recovered, now), []);
  });

  test('the first page is not needed', () => {
    const { recovered, recovery } = attempt(
      damage(readFileSync(join(folder, 'reference.db')), [{ page: 0, kind: 'zeros', seed: 1 }], undefined),
      undefined,
    );
    assert.deepEqual(recovered, original);
    assert.ok(recovery.tables.every(({ isMissing }) => !isMissing));
  });

  test('of a damaged write-ahead log what was committed before the damage is read, and that it is damaged is said', () => {
    const damagedLog = Buffer.from(log);
    damagedLog.fill(0x55, damagedLog.length / 2, damagedLog.length / 2 + 100);
    const { recovered, recovery } = attempt(bytes, damagedLog);
    assert.deepEqual(missing(recovered, original), []);
    assert.match(recovery.notes.join(), /write-ahead log .* is damaged/);
  });

  suite('the command', () => {
    let at = 0;
    function damagedFolder(what: readonly Damage[]): { dataDir: string; path: string; damaged: Buffer } {
      const dataDir = join(folder, `command${at++}`, 'data');
      mkdirSync(dataDir, { recursive: true });
      const path = join(dataDir, 'fivealarm.db'),
        damaged = damage(readFileSync(join(folder, 'reference.db')), what, undefined);
      writeFileSync(path, damaged);
      return { dataDir, path, damaged };
    }
    /** Pages that a tree of this table leads to, the first of them first. */
    function leavesOf(table: string): number[] {
      const db = new Sqlite(join(folder, 'reference.db'), { readonly: true });
      const pages = db
        .prepare<[string], number>(`SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path`)
        .pluck()
        .all(table);
      db.close();
      return pages;
    }

    test('says per table what is lost, of which source and time; a server goes on with the rest', async () => {
      const lost = leavesOf('counts_10s')[3];
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
        { page: leavesOf('values_1m')[0] - 1, kind: 'zeros', seed: 5 },
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
      const [page] = leavesOf('source');
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
        leavesOf('incident').map((page) => ({ page: page - 1, kind: 'random' as const, seed: page })),
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
});
