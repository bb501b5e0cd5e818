// Of a damaged database everything that can be read is recovered, and nothing that was not there.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    const ingest = await openIngest({ config, now: () => START, onBroken: fail, onTrouble: fail });
    for (let i = 0; i < 40; i++) {
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
      await batch.commit({ scope: `sender/${i}`, key: Buffer.from(`batch ${i}`) });
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

  type Damage = { page: number; kind: 'random' | 'zeros' | 'other page'; seed: number };
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
      { numRuns: Number(process.env.RUNS ?? 40) },
    );
  });
});
