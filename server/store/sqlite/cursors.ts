// Positions that move with the counts: offsets of tailed files and streams, the state of cumulative metrics.
import type { Cursor, CursorStore } from '../store.ts';
import type { Database, Statement } from './database.ts';

export class SqliteCursors implements CursorStore {
  readonly #get: Statement<[string], Buffer>;
  readonly #list: Statement<[string, string], Cursor>;
  readonly #put: Statement;

  constructor(db: Database) {
    this.#get = db.prepare<[string], Buffer>('SELECT value FROM cursor WHERE key = ?').pluck();
    this.#list = db.prepare<[string, string], Cursor>('SELECT key, value FROM cursor WHERE key >= ? AND key < ? ORDER BY key');
    this.#put = db.prepare('INSERT INTO cursor (key, value, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at');
  }

  /** Within a transaction. */
  put(cursor: Cursor, at: number): void {
    this.#put.run(cursor.key, cursor.value, at);
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#get.get(key);
  }

  async list(prefix: string): Promise<Cursor[]> {
    return this.#list.all(prefix, `${prefix}\u{10ffff}`);
  }
}
