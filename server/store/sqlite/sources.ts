// Sources: names, ids, and what became of every line each has sent.
import { SOURCES_MAX } from '../../core/count/value-id.ts';
import { errors } from '../../errors.ts';
import type { SourceRecord, SourceStore, Tally } from '../store.ts';
import { transaction, type Database, type Statement } from './database.ts';

/** Reasons kept apart per source: formats have a dozen; the rest is someone's invention. */
const REASONS_MAX = 40;

type Row = Omit<SourceRecord, 'reasons'>;

export class SqliteSources implements SourceStore {
  readonly #db: Database;
  readonly #ids = new Map<string, number>();
  /** Index is the id; 0 is nobody. */
  readonly #names: (string | undefined)[] = [undefined];
  /** Not on record yet. */
  readonly #fresh = new Set<number>();
  /** Of those, what this transaction puts on record. */
  readonly #inserted = new Set<number>();
  readonly #reasonCounts = new Map<number, number>();
  readonly #insert: Statement;
  readonly #tally: Statement;
  readonly #addReason: Statement;
  readonly #knowsReason: Statement<[number, string], number>;
  readonly #list: Statement<[], Row>;
  readonly #reasons: Statement<[], { source: number; reason: string; count: number }>;
  readonly #setFormat: Statement;
  readonly #sawEvents: Statement;
  readonly #rewind: Statement;

  constructor(db: Database) {
    this.#db = db;
    this.#insert = db.prepare('INSERT INTO source (id, name, first_seen, last_seen) VALUES (?, ?, ?, ?)');
    this.#tally =
      db.prepare(`UPDATE source SET last_seen = max(last_seen, :at), received = received + :received, accepted = accepted + :accepted,
      rejected = rejected + :rejected, skipped = skipped + :skipped, duplicate = duplicate + :duplicate, late = late + :late WHERE id = :source`);
    this.#addReason = db.prepare(
      'INSERT INTO source_reason (source, reason, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
    );
    this.#knowsReason = db
      .prepare<[number, string], number>('SELECT 1 FROM source_reason WHERE source = ? AND reason = ?')
      .pluck();
    this.#list = db.prepare<
      [],
      Row
    >(`SELECT id, name, first_seen AS firstSeen, last_seen AS lastSeen, first_event * 1000 AS firstEvent,
      last_event * 1000 AS lastEvent, format, received, accepted, rejected, skipped, duplicate, late FROM source ORDER BY id`);
    this.#reasons = db.prepare<[], { source: number; reason: string; count: number }>(
      'SELECT source, reason, count FROM source_reason ORDER BY count DESC',
    );
    this.#setFormat = db.prepare('UPDATE source SET format = ? WHERE name = ?');
    this.#rewind = db.prepare(
      'UPDATE source SET first_seen = min(first_seen, :now), last_seen = min(last_seen, :now) WHERE last_seen > :now',
    );
    this.#sawEvents = db.prepare(`UPDATE source SET first_event = min(coalesce(first_event, :oldest), :oldest),
      last_event = max(coalesce(last_event, :newest), :newest) WHERE id = :source`);
    for (const { id, name } of this.#list.all()) {
      this.#ids.set(name, id);
      this.#names[id] = name;
    }
    for (const { source } of this.#reasons.all())
      this.#reasonCounts.set(source, (this.#reasonCounts.get(source) ?? 0) + 1);
  }

  idOf(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = 1;
      while (this.#names[id] !== undefined) id++;
      if (id > SOURCES_MAX) throw errors.tooManySources();
      this.#ids.set(name, id);
      this.#names[id] = name;
      this.#fresh.add(id);
    }
    return id;
  }

  find(name: string): number | undefined {
    return this.#ids.get(name);
  }

  get size(): number {
    return this.#ids.size;
  }

  drop(name: string): void {
    const id = this.#ids.get(name);
    if (id === undefined || !this.#fresh.delete(id)) return;
    this.#ids.delete(name);
    this.#names[id] = undefined;
  }

  nameOf(id: number): string {
    const name = this.#names[id];
    if (name === undefined) throw new Error(`there is no source ${id}`);
    return name;
  }

  /** Of all sources, written or not. */
  ids(): number[] {
    return [...this.#ids.values()];
  }

  /** Within a transaction; call `written` after it. A source of which nothing is counted is not on record. */
  write(tallies: readonly Tally[], at: number): void {
    this.#inserted.clear();
    for (const { reasons, ...tally } of tallies) {
      if (this.#fresh.has(tally.source)) {
        if (tally.accepted === 0) continue;
        this.#insert.run(tally.source, this.#names[tally.source], at, at);
        this.#inserted.add(tally.source);
      }
      this.#tally.run({ ...tally, at });
      for (const [reason, count] of reasons) this.#writeReason(tally.source, reason, count);
    }
  }

  written(): void {
    for (const id of this.#inserted) this.#fresh.delete(id);
  }

  /** Within a transaction: the span of events (s) that a fold brought. */
  sawEvents(source: number, oldest: number, newest: number): void {
    this.#sawEvents.run({ source, oldest, newest });
  }

  /** Within a transaction: the clock has gone back to `now`, and nothing was heard later. */
  rewind(now: number): void {
    this.#rewind.run({ now });
  }

  #writeReason(source: number, reason: string, count: number): void {
    const known = this.#reasonCounts.get(source) ?? 0;
    if (this.#knowsReason.get(source, reason) === undefined) {
      if (known >= REASONS_MAX) reason = `${reason.slice(0, reason.indexOf(':'))}:other`;
      // Counted up also when the transaction fails: a bound may be early, never late.
      else this.#reasonCounts.set(source, known + 1);
    }
    this.#addReason.run(source, reason, count);
  }

  async list(): Promise<SourceRecord[]> {
    const records = new Map<number, SourceRecord>();
    for (const row of this.#list.all()) records.set(row.id, { ...row, reasons: [] });
    for (const { source, reason, count } of this.#reasons.all()) {
      const colon = reason.indexOf(':');
      records
        .get(source)
        ?.reasons.push({
          kind: reason.slice(0, colon) === 'skipped' ? 'skipped' : 'rejected',
          id: reason.slice(colon + 1),
          count,
        });
    }
    return [...records.values()];
  }

  async setFormat(name: string, format: string | null, at: number): Promise<void> {
    const id = this.idOf(name);
    transaction(this.#db, () => {
      if (this.#fresh.has(id)) this.#insert.run(id, name, at, at);
      this.#setFormat.run(format, name);
    });
    this.#fresh.delete(id);
  }
}
