// The texts behind value ids. A text gets its number when it is first counted, and is written with the next commit, so
// that no durable count can name a value that is not there.
import { NUMBERS_MAX, numberOf, valueId } from '../../core/count/value-id.ts';
import type { Dictionary } from '../../core/count/values.ts';
import type { Database, Statement } from './database.ts';

/** Per source and dimension: with the caps of core/count/values.ts, months of changing routes; and a bound on what a flood can leave behind. */
const TEXTS_MAX = 10_000;
/** A family this full is cleared of texts without counts when the database is opened. */
const CROWDED = 0.8;

export class SqliteDictionary implements Dictionary {
  readonly #find: Statement<[number, string], number>;
  readonly #insert: Statement;
  readonly #text: Statement<[number], string>;
  /** family → how many texts it has and the last number given. */
  readonly #families = new Map<number, { texts: number; last: number }>();
  /** Not yet written. By family, then text. */
  readonly #fresh = new Map<number, Map<string, number>>();

  constructor(db: Database) {
    this.#find = db.prepare<[number, string], number>('SELECT id FROM value WHERE family = ? AND text = ?').pluck();
    this.#insert = db.prepare('INSERT INTO value (id, family, text) VALUES (?, ?, ?)');
    this.#text = db.prepare<[number], string>('SELECT text FROM value WHERE id = ?').pluck();
    clearCrowded(db);
    const rows = db
      .prepare<[], { family: number; texts: number; last: number }>(
        'SELECT family, count(*) AS texts, max(id) AS last FROM value GROUP BY family',
      )
      .all();
    for (const { family, texts, last } of rows) this.#families.set(family, { texts, last: last & NUMBERS_MAX });
  }

  numberOf(source: number, dimension: number, text: string): number {
    const family = (source << 3) | dimension;
    const fresh = this.#fresh.get(family)?.get(text);
    if (fresh !== undefined) return fresh;
    const known = this.#find.get(family, text);
    if (known !== undefined) return known & NUMBERS_MAX;
    let state = this.#families.get(family);
    if (state === undefined) this.#families.set(family, (state = { texts: 0, last: 0 }));
    if (state.texts >= TEXTS_MAX || state.last >= NUMBERS_MAX) return 0;
    state.texts++;
    const number = ++state.last;
    let texts = this.#fresh.get(family);
    if (texts === undefined) this.#fresh.set(family, (texts = new Map()));
    texts.set(text, number);
    return number;
  }

  /** The number that a text has; undefined when it was never counted. */
  find(family: number, text: string): number | undefined {
    const known = this.#fresh.get(family)?.get(text) ?? this.#find.get(family, text);
    return known === undefined ? undefined : known & NUMBERS_MAX;
  }

  textOf(id: number): string | undefined {
    return numberOf(id) === 0 ? undefined : this.#text.get(id);
  }

  /** Within a transaction; call `written` after it. */
  write(): void {
    for (const [family, texts] of this.#fresh) {
      for (const [text, number] of texts) this.#insert.run(valueId(family >>> 3, family & 7, number), family, text);
    }
  }

  written(): void {
    if (this.#fresh.size > 0) this.#fresh.clear();
  }
}

function clearCrowded(db: Database): void {
  const crowded = db
    .prepare<[number], number>('SELECT family FROM value GROUP BY family HAVING count(*) > ?')
    .pluck()
    .all(TEXTS_MAX * CROWDED);
  const clear = db.prepare(`DELETE FROM value WHERE family = :family AND id - (:family << 19) NOT IN
    (SELECT number FROM values_1h WHERE family = :family UNION SELECT number FROM values_1m WHERE family = :family)`);
  for (const family of crowded) clear.run({ family });
}
