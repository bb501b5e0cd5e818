// Of a damaged database everything that can be read is recovered, and nothing that was not there.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { recover, type Recovery } from '../../server/store/sqlite/recover/recover.ts';
import {
  PAGE,
  damage,
  fillDatabase,
  rootOf,
  rowsOf,
  textOf,
  type Damage,
  type Rows,
} from '../support/damaged-database.ts';
import { suiteLife, temporaryFolder } from '../support/server.ts';

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
  let original: Rows;
  let bytes: Buffer;
  let log: Buffer;

  before(async () => {
    await fillDatabase(folder);
    bytes = readFileSync(join(folder, 'kept.db'));
    log = readFileSync(join(folder, 'kept.db-wal'));
    original = rowsOf(join(folder, 'reference.db'));
  });

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

  const damages = (pages: number): fc.Arbitrary<Damage[]> =>
    fc.array(
      fc.record({
        page: fc.integer({ min: 0, max: pages - 1 }),
        kind: fc.constantFrom('random', 'random', 'zeros'),
        seed: fc.integer({ min: 1, max: 2 ** 31 }),
      }),
      { minLength: 1, maxLength: 12 },
    );

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
      { numRuns: Number(process.env.RUNS ?? 20) },
    );
  });

  for (const table of ['counts_10s', 'values_1m', 'ledger']) {
    test(`when the page that leads to all others of a table is lost, they are found nevertheless (${table})`, () => {
      const reference = readFileSync(join(folder, 'reference.db'));
      const root = rootOf(folder, table);
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
      damage(readFileSync(path), [{ page: rootOf(folder, 'counts_10s') - 1, kind: 'random', seed: 3 }], undefined),
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
});
