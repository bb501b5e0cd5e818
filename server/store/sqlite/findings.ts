// Findings of the contract check: one row a source, check and subject.
import type { FindingRecord, FindingStore, NewFinding } from '../store.ts';
import { transaction, type Database, type Statement } from './database.ts';
import type { Turns } from './turns.ts';

/** A source that finds more than this is one finding by itself. */
const ROWS_MAX = 2000;

interface Row extends Omit<FindingRecord, 'evidence' | 'codes'> {
  evidence: string;
  codes: string;
}

const COLUMNS =
  'id, source, check_id AS "check", subject, title, evidence, codes, hits, first_at AS firstAt, last_at AS lastAt, dismissed_at AS dismissedAt, dismissed_by AS dismissedBy';

export class SqliteFindings implements FindingStore {
  readonly #db: Database;
  readonly #turns: Turns;
  readonly #put: Statement;
  readonly #list: Statement<[number], Row>;
  readonly #get: Statement<[number], Row>;
  readonly #dismiss: Statement;
  readonly #forget: Statement;
  readonly #crop: Statement;

  constructor(db: Database, turns: Turns) {
    this.#db = db;
    this.#turns = turns;
    // Counting starts anew with each process: what was found before is not taken back by a smaller number.
    this.#put =
      db.prepare(`INSERT INTO finding (source, check_id, subject, title, evidence, codes, hits, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (source, check_id, subject) DO UPDATE SET title = excluded.title, evidence = excluded.evidence, codes = excluded.codes,
      hits = max(hits, excluded.hits), first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`);
    this.#list = db.prepare<[number], Row>(`SELECT ${COLUMNS} FROM finding ORDER BY last_at DESC LIMIT ?`);
    this.#get = db.prepare<[number], Row>(`SELECT ${COLUMNS} FROM finding WHERE id = ?`);
    this.#dismiss = db.prepare('UPDATE finding SET dismissed_at = ?, dismissed_by = ? WHERE id = ?');
    this.#forget = db.prepare('DELETE FROM finding WHERE last_at < ? AND dismissed_at IS NULL');
    this.#crop = db.prepare(
      'DELETE FROM finding WHERE id IN (SELECT id FROM finding ORDER BY last_at DESC LIMIT -1 OFFSET ?)',
    );
  }

  async put(findings: readonly NewFinding[]): Promise<void> {
    if (findings.length === 0) return;
    await this.#turns.beside(() =>
      transaction(this.#db, () => {
        for (const f of findings)
          this.#put.run(
            f.source,
            f.check,
            f.subject,
            f.title,
            JSON.stringify(f.evidence),
            JSON.stringify(f.codes),
            Math.round(f.hits),
            Math.round(f.firstAt),
            Math.round(f.lastAt),
          );
        this.#crop.run(ROWS_MAX);
      }),
    );
  }

  async list(): Promise<FindingRecord[]> {
    return this.#list.all(ROWS_MAX).map(recordOf);
  }

  async dismiss(id: number, dismissed: { at: number; by: string } | null): Promise<FindingRecord | undefined> {
    this.#dismiss.run(dismissed?.at ?? null, dismissed?.by ?? null, id);
    const row = this.#get.get(id);
    return row === undefined ? undefined : recordOf(row);
  }

  async forget(before: number): Promise<void> {
    await this.#turns.beside(() => transaction(this.#db, () => this.#forget.run(before)));
  }
}

const recordOf = (row: Row): FindingRecord => ({
  ...row,
  evidence: JSON.parse(row.evidence) as string[],
  codes: JSON.parse(row.codes) as number[],
});
