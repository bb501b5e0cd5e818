// Moments worth a mark on the timeline: deploys, notes.
import type { Annotation } from '#shared/api.ts';
import type { AnnotationStore, Range } from '../store.ts';
import type { Database, Statement } from './database.ts';

/** A timeline with more marks than this shows none of them. */
const LIST_MAX = 500;

export class SqliteAnnotations implements AnnotationStore {
  readonly #add: Statement;
  readonly #list: Statement<[number, number, number], Annotation>;

  constructor(db: Database) {
    this.#add = db.prepare('INSERT INTO annotation (at, kind, text, source) VALUES (?, ?, ?, ?)');
    this.#list = db.prepare<[number, number, number], Annotation>(
      'SELECT id, at, kind, text, source FROM annotation WHERE at >= ? AND at < ? ORDER BY at DESC LIMIT ?',
    );
  }

  async add({
    at,
    kind,
    text,
    source = null,
  }: {
    at: number;
    kind: Annotation['kind'];
    text: string;
    source?: string | null;
  }): Promise<Annotation> {
    const id = Number(this.#add.run(at, kind, text, source).lastInsertRowid);
    return { id, at, kind, text, source };
  }

  /** The newest of the range, oldest first. */
  async list({ from = 0, to = Number.MAX_SAFE_INTEGER }: Range): Promise<Annotation[]> {
    return this.#list.all(from, to, LIST_MAX).reverse();
  }
}
