// Sources: names, ids, and what became of every line each has sent.
import { SOURCES_MAX } from '../../core/count/value-id.ts';
import { errors } from '../../errors.ts';
import type { SourceRecord, SourceStore, Tally } from '../store.ts';
import type { Database, Statement } from './database.ts';

/** Reasons kept apart per source: formats have a dozen; the rest is someone's invention. */
const REASONS_MAX = 40;

type Row = Omit<SourceRecord, 'reasons'>;

export class SqliteSources implements SourceStore {
  readonly #ids = new Map<string, number>();
  /** Index is the id; 0 is nobody. */
  readonly #names: (string | undefined)[] = [undefined];
  readonly #fresh = new Set<number>();
  readonly #reasonCounts = new Map<number, number>();
  readonly #insert: Statement;
  readonly #tally: Statement;
  readonly #addReason: Statement;
  readonly #knowsReason: Statement<[number, string], number>;
  readonly #list: Statement<[], Row>;
  readonly #reasons: Statement<[], { source: number; reason: string; count: number }>;
  readonly #setFormat: Statement;
  readonly #sawEvents: Statement;

  constructor(db: Database) {
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
      id = this.#names.length;
      if (id > SOURCES_MAX) throw errors.tooManySources();
      this.#ids.set(name, id);
      this.#names.push(name);
      this.#fresh.add(id);
    }
    return id;
  }

  /** Without making it. */
  find(name: string): number | undefined {
    return this.#ids.get(name);
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

  /** Within a transaction; call `written` after it. */
  write(tallies: readonly Tally[], at: number): void {
    for (const id of this.#fresh) this.#insert.run(id, this.#names[id], at, at);
    for (const { reasons, ...tally } of tallies) {
      this.#tally.run({ ...tally, at });
      for (const [reason, count] of reasons) this.#writeReason(tally.source, reason, count);
    }
  }

  written(): void {
    this.#fresh.clear();
  }

  /** Within a transaction: the span of events (s) that a fold brought. */
  sawEvents(source: number, oldest: number, newest: number): void {
    this.#sawEvents.run({ source, oldest, newest });
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

  async setFormat(name: string, format: string | null): Promise<void> {
    this.#setFormat.run(format, name);
  }
}
