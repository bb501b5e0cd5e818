// Which batches have been counted: the same batch sent again gets the first answer and counts nothing.
import { createHash } from 'node:crypto';
import { LEDGER_MS, type Identity } from '../store.ts';
import type { Database, Statement } from './database.ts';

/** Longer keys are kept as their SHA-256. */
const KEY_BYTES_MAX = 64;
/** Rows a sweep takes at a time. */
const SWEEP_ROWS = 1000;

export class SqliteLedger {
  readonly #find: Statement<[string, Buffer], { answer: string; at: number }>;
  readonly #insert: Statement;
  readonly #sweep: Statement;
  readonly #rewind: Statement;

  constructor(db: Database) {
    this.#find = db.prepare<[string, Buffer], { answer: string; at: number }>(
      'SELECT answer, at FROM ledger WHERE scope = ? AND key = ?',
    );
    this.#insert = db.prepare('INSERT INTO ledger (scope, key, at, answer) VALUES (?, ?, ?, ?)');
    this.#rewind = db.prepare('UPDATE ledger SET at = :now WHERE at > :now');
    this.#sweep = db.prepare('DELETE FROM ledger WHERE id IN (SELECT id FROM ledger ORDER BY id LIMIT ?) AND at < ?');
  }

  /** Within a transaction: the first answer when the batch has been counted; otherwise it now has. */
  enter(identity: Identity, answer: string, at: number): { answer: string; at: number } | undefined {
    const key = identity.key.length > KEY_BYTES_MAX ? createHash('sha256').update(identity.key).digest() : identity.key;
    const first = this.#find.get(identity.scope, key);
    if (first === undefined) this.#insert.run(identity.scope, key, at, answer);
    return first;
  }

  /** Within a transaction: the clock has gone back to `now`; what was entered later would stay for ever, and keep the rest from going. */
  rewind(now: number): void {
    this.#rewind.run({ now });
  }

  /** True when there may be more to delete. */
  sweep(now: number): boolean {
    return this.#sweep.run(SWEEP_ROWS, now - LEDGER_MS).changes === SWEEP_ROWS;
  }
}
