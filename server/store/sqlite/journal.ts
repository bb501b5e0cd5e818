// Committed deltas, as one row a group, until a fold has added them to the tables that are read: a commit writes one blob
// instead of thousands of rows. The fold deletes the rows in the transaction that adds them, so nothing counts twice or never.
import { Delta } from '../../core/count/delta.ts';
import { transaction, type Database, type Statement } from './database.ts';
import type { SqliteRollups } from './rollups.ts';

/** Folded at once past so many counters (a backfill), so that no fold blocks for long. */
const COUNTERS_MAX = 10_000;

export class SqliteJournal {
  readonly #db: Database;
  readonly #rollups: SqliteRollups;
  readonly #insert: Statement;
  readonly #clear: Statement;
  /** The sum of the journal's rows. */
  readonly #pending = new Delta(undefined, { isStored: true });

  constructor(db: Database, rollups: SqliteRollups) {
    this.#db = db;
    this.#rollups = rollups;
    this.#insert = db.prepare('INSERT INTO journal (delta) VALUES (?)');
    this.#clear = db.prepare('DELETE FROM journal');
    // Rows of a process that died before its fold.
    for (const row of db.prepare<[], Buffer>('SELECT delta FROM journal').pluck().iterate()) this.#pending.decode(row);
    this.fold();
  }

  /** Within a transaction; call `written` after it. */
  write(delta: Delta): void {
    this.#insert.run(delta.encode());
  }

  written(delta: Delta): void {
    this.#pending.merge(delta);
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  get crowded(): boolean {
    return this.#pending.size > COUNTERS_MAX;
  }

  fold(): void {
    if (this.isEmpty) return;
    transaction(this.#db, () => {
      this.#rollups.add(this.#pending);
      this.#clear.run();
    });
    this.#pending.clear();
  }
}
