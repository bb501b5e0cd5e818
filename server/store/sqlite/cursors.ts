// Positions that move with the counts: offsets of tailed files and streams, the state of cumulative metrics.
import type { Cursor, CursorStore } from '../store.ts';
import type { Database, Statement } from './database.ts';

/** Every container of a service is a resource of its own: their states pile up. */
const METRICS_KEPT_MS = 35 * 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;

export class SqliteCursors implements CursorStore {
  readonly #get: Statement<[string], Buffer>;
  readonly #list: Statement<[string, string], Cursor>;
  readonly #put: Statement;

  readonly #sweep: Statement;
  readonly #rewind: Statement;
  #sweptAt = -Infinity;

  constructor(db: Database) {
    this.#get = db.prepare<[string], Buffer>('SELECT value FROM cursor WHERE key = ?').pluck();
    this.#list = db.prepare<[string, string], Cursor>(
      'SELECT key, value FROM cursor WHERE key >= ? AND key < ? ORDER BY key',
    );
    this.#sweep = db.prepare(`DELETE FROM cursor WHERE key >= 'otlp/' AND key < 'otlp0' AND at < ?`);
    this.#rewind = db.prepare('UPDATE cursor SET at = :now WHERE at > :now');
    this.#put = db.prepare(
      'INSERT INTO cursor (key, value, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at',
    );
  }

  /** Within a transaction. */
  put(cursor: Cursor, at: number): void {
    this.#put.run(cursor.key, cursor.value, at);
  }

  /** Takes away the metric state of services that are gone. Positions of files stay: an idle file may go on after years. */
  sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    this.#sweep.run(now - METRICS_KEPT_MS);
  }

  /** Within a transaction: the clock has gone back to `now`. */
  rewind(now: number): void {
    this.#rewind.run({ now });
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#get.get(key);
  }

  async list(prefix: string): Promise<Cursor[]> {
    return this.#list.all(prefix, `${prefix}\u{10ffff}`);
  }
}
