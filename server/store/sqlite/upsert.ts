// Counts added to the rows of a table, many rows a statement: fifty at once cost half of fifty one by one, and a fold has
// thousands. Give the rows in an order near that of the key: what lies on one page is then written together.
import type { Database, Statement } from './database.ts';

const ROWS = 50;

export class Upsert {
  readonly #width: number;
  readonly #one: Statement;
  readonly #many: Statement;

  /** `key`: the columns of the primary key; the count follows them. */
  constructor(db: Database, table: string, key: readonly string[]) {
    this.#width = key.length + 1;
    const row = `(${Array(this.#width).fill('?').join(', ')})`;
    const sql = (
      rows: number,
    ): string => `INSERT INTO ${table} (${key.join(', ')}, count) VALUES ${Array(rows).fill(row).join(', ')}
      ON CONFLICT DO UPDATE SET count = count + excluded.count`;
    this.#one = db.prepare(sql(1));
    this.#many = db.prepare(sql(ROWS));
  }

  /** Within a transaction. `values`: the columns of one row after another. */
  run(values: readonly number[]): void {
    const stride = this.#width * ROWS;
    let at = 0;
    for (; at + stride <= values.length; at += stride) this.#many.run(values.slice(at, at + stride));
    for (; at < values.length; at += this.#width) this.#one.run(values.slice(at, at + this.#width));
  }
}
