// A database with something in every corner, and what can be done to it.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openIngest } from '../../server/ingest.ts';

export const PAGE = 4096;
export const START = Date.UTC(2026, 10, 22, 10);

/** Every row of every table, as text. */
export type Rows = ReadonlyMap<string, ReadonlySet<string>>;

export const textOf = (row: unknown): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));

export function rowsOf(path: string): Map<string, Set<string>> {
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

/**
 * Makes `kept.db` in this folder, with its last commits in the write-ahead log only, as while a server has it open; and
 * `reference.db`, the same in one file.
 */
export async function fillDatabase(folder: string): Promise<void> {
  await fill(folder, join(folder, 'whole'));
  for (const suffix of ['', '-wal'])
    copyFileSync(join(folder, `kept.db${suffix}`), join(folder, `reference.db${suffix}`));
  const db = new Sqlite(join(folder, 'reference.db'));
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Sources, routes and codes over hours; incidents with all that hangs on them; long rows that go on in other pages. */
async function fill(folder: string, dataDir: string): Promise<void> {
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
    await batch.write(Buffer.from(`${lines.join('\n')}\n`));
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

export type Damage = { page: number; kind: 'random' | 'zeros'; seed: number };

export function damage(whole: Buffer, what: readonly Damage[], cut?: number): Buffer {
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

/** As `reference.db` is, damaged. */
export const damagedReference = (folder: string, what: readonly Damage[]): Buffer =>
  damage(readFileSync(join(folder, 'reference.db')), what);

/** Where a table's tree begins in `reference.db`. */
export function rootOf(folder: string, table: string): number {
  const db = new Sqlite(join(folder, 'reference.db'), { readonly: true });
  const root = db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table)!;
  db.close();
  return root;
}

/** The pages with the rows of a table in `reference.db`, in their order. */
export function leavesOf(folder: string, table: string): number[] {
  const db = new Sqlite(join(folder, 'reference.db'), { readonly: true });
  const pages = db
    .prepare<[string], number>(`SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path`)
    .pluck()
    .all(table);
  db.close();
  return pages;
}
