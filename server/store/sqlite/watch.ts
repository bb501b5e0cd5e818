// What the detector has learnt of each source, and the rules that people wrote.
import type { Rule, RuleSpec } from '#shared/api.ts';
import type { WatchStore } from '../store.ts';
import { transaction, type Database, type Statement } from './database.ts';
import type { Turns } from './turns.ts';

interface RuleRow {
  id: number;
  origin: Rule['origin'];
  enabled: number;
  spec: string;
}

export class SqliteWatch implements WatchStore {
  readonly #db: Database;
  readonly #turns: Turns;
  readonly #learnt: Statement<[], [string, number, string]>;
  readonly #keep: Statement;
  readonly #rules: Statement<[], RuleRow>;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement;

  constructor(db: Database, turns: Turns) {
    this.#db = db;
    this.#turns = turns;
    this.#learnt = db.prepare<[], [string, number, string]>('SELECT source, at, body FROM learnt').raw();
    this.#keep = db.prepare(
      'INSERT INTO learnt (source, at, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body',
    );
    this.#rules = db.prepare<[], RuleRow>('SELECT id, origin, enabled, spec FROM rule ORDER BY id');
    this.#insert = db.prepare('INSERT INTO rule (origin, enabled, spec) VALUES (?, ?, ?)');
    this.#update = db.prepare('UPDATE rule SET enabled = ?, spec = ? WHERE id = ?');
    this.#delete = db.prepare('DELETE FROM rule WHERE id = ?');
  }

  async learnt(): Promise<Map<string, { at: number; body: unknown }>> {
    return new Map(this.#learnt.all().map(([source, at, body]) => [source, { at, body: JSON.parse(body) as unknown }]));
  }

  async keepLearnt(rows: ReadonlyMap<string, unknown>, at: number): Promise<void> {
    await this.#turns.beside(() =>
      transaction(this.#db, () => {
        for (const [source, body] of rows) this.#keep.run(source, at, JSON.stringify(body));
      }),
    );
  }

  async rules(): Promise<Rule[]> {
    return this.#rules
      .all()
      .map(({ id, origin, enabled, spec }) => ({
        id,
        origin,
        enabled: enabled === 1,
        spec: JSON.parse(spec) as RuleSpec,
      }));
  }

  async putRule({ id, spec, origin, enabled }: Parameters<WatchStore['putRule']>[0]): Promise<Rule> {
    const body = JSON.stringify(spec);
    if (id !== undefined) this.#update.run(enabled ? 1 : 0, body, id);
    return { id: id ?? Number(this.#insert.run(origin, enabled ? 1 : 0, body).lastInsertRowid), spec, origin, enabled };
  }

  async deleteRule(id: number): Promise<boolean> {
    return this.#delete.run(id).changes > 0;
  }
}
