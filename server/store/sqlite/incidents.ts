// Incidents and all that belongs to one: transitions, the inputs of its evaluations, notes, what is to be told.
import type { Incident, IncidentDetail } from '#shared/api.ts';
import type { Evaluation, IncidentNote, IncidentQuery, IncidentStore, IncidentWrite, Sample } from '../store.ts';
import { transaction, type Database, type Statement } from './database.ts';
import type { Turns } from './turns.ts';

const LIST_MAX = 500;
/** Evaluations shown; past KEPT the oldest but the first hundred go. */
const EVALUATIONS_SHOWN = 200,
  EVALUATIONS_KEPT = 2000;
const SAMPLES_KEPT = 10;
const SIMILAR_MAX = 5,
  SIMILAR_SCANNED = 200;

export class SqliteIncidents implements IncidentStore {
  readonly #db: Database;
  readonly #turns: Turns;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #untell: Statement;
  readonly #transition: Statement;
  readonly #outbox: Statement;
  readonly #get: Statement<[number], string>;
  readonly #list: Statement<unknown[], string>;
  readonly #keepClients: Statement<[Uint8Array, number]>;
  readonly #unfinished: Statement<[number], [body: string, machine: string, clients: Buffer | null]>;
  readonly #transitions: Statement<[number], IncidentDetail['transitions'][number]>;
  readonly #evaluations: Statement<[number, number], string>;
  readonly #evaluate: Statement;
  readonly #prune: Statement;
  readonly #notes: Statement<[number], IncidentNote>;
  readonly #note: Statement;
  readonly #samples: Statement<[number], string>;
  readonly #sample: Statement;
  readonly #oldSamples: Statement;
  readonly #earlier: Statement<[string, number, number], string>;
  readonly #lastNote: Statement<[number], string>;

  constructor(db: Database, turns: Turns) {
    this.#db = db;
    this.#turns = turns;
    this.#insert = db.prepare(
      'INSERT INTO incident (source, state, severity, opened_at, resolved_at, body, machine) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#update = db.prepare(
      'UPDATE incident SET state = ?, severity = ?, opened_at = ?, resolved_at = ?, folded_into = ?, body = ?, machine = ? WHERE id = ?',
    );
    this.#keepClients = db.prepare('UPDATE incident SET clients = ? WHERE id = ?');
    this.#untell = db.prepare("UPDATE outbox SET state = 'cancelled' WHERE incident = ? AND state = 'waiting'");
    this.#transition = db.prepare('INSERT INTO transition (incident, at, was, became, why) VALUES (?, ?, ?, ?, ?)');
    this.#outbox = db.prepare('INSERT INTO outbox (incident, event, at, due) VALUES (?, ?, ?, ?)');
    this.#get = db.prepare<[number], string>('SELECT body FROM incident WHERE id = ?').pluck();
    this.#list = db
      .prepare<unknown[], string>(
        `SELECT body FROM incident WHERE folded_into IS NULL AND opened_at < :to AND coalesce(resolved_at, :to) >= :from
      AND (:source IS NULL OR source = :source) AND (:open = 0 OR state <> 'resolved') ORDER BY opened_at DESC, id DESC LIMIT :limit`,
      )
      .pluck();
    this.#unfinished = db
      .prepare<[number], [string, string, Buffer | null]>(
        "SELECT body, machine, clients FROM incident WHERE state <> 'resolved' OR resolved_at >= ?",
      )
      .raw();
    this.#transitions = db.prepare<[number], IncidentDetail['transitions'][number]>(
      'SELECT at, was AS "from", became AS "to", why FROM transition WHERE incident = ? ORDER BY id',
    );
    this.#evaluations = db
      .prepare<[number, number], string>('SELECT body FROM evaluation WHERE incident = ? ORDER BY at DESC LIMIT ?')
      .pluck();
    this.#evaluate = db.prepare(
      'INSERT INTO evaluation (incident, at, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
    );
    this.#prune =
      db.prepare(`DELETE FROM evaluation WHERE incident = :id AND at IN (SELECT at FROM evaluation WHERE incident = :id ORDER BY at LIMIT -1 OFFSET 100)
      AND at < (SELECT at FROM evaluation WHERE incident = :id ORDER BY at DESC LIMIT 1 OFFSET ${EVALUATIONS_KEPT})`);
    this.#notes = db.prepare<[number], IncidentNote>(
      'SELECT at, author AS "by", text FROM note WHERE incident = ? ORDER BY id',
    );
    this.#note = db.prepare('INSERT INTO note (incident, at, author, text) VALUES (?, ?, ?, ?)');
    this.#samples = db
      .prepare<[number], string>('SELECT body FROM sample WHERE incident = ? ORDER BY at DESC, rowid DESC')
      .pluck();
    this.#sample = db.prepare(
      'INSERT INTO sample (incident, at, body) SELECT :id, :at, :body WHERE NOT EXISTS (SELECT 1 FROM sample WHERE incident = :id AND at = :at AND body = :body)',
    );
    this.#oldSamples = db.prepare(
      `DELETE FROM sample WHERE rowid IN (SELECT rowid FROM sample WHERE incident = ? ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ${SAMPLES_KEPT})`,
    );
    this.#earlier = db
      .prepare<[string, number, number], string>(
        'SELECT body FROM incident WHERE source = ? AND id <> ? AND folded_into IS NULL ORDER BY opened_at DESC LIMIT ?',
      )
      .pluck();
    this.#lastNote = db
      .prepare<[number], string>('SELECT text FROM note WHERE incident = ? ORDER BY id DESC LIMIT 1')
      .pluck();
  }

  /** At once: its caller goes on from what is written. */
  async write(changes: readonly IncidentWrite[]): Promise<number[]> {
    return transaction(this.#db, () => changes.map((change) => this.#write(change)));
  }

  #write({ incident, machine, clients, transitions, outbox }: IncidentWrite): number {
    const { source, state, severity, openedAt, resolvedAt, foldedInto } = incident;
    // the body holds the id, which is known once the row is there
    const id =
      incident.id ?? Number(this.#insert.run(source, state, severity, openedAt, resolvedAt, '', '').lastInsertRowid);
    this.#update.run(
      state,
      severity,
      openedAt,
      resolvedAt,
      foldedInto,
      JSON.stringify({ ...incident, id }),
      JSON.stringify(machine),
      id,
    );
    if (clients !== undefined) this.#keepClients.run(clients, id);
    for (const { at, from, to, why } of transitions) this.#transition.run(id, at, from, to, why);
    for (const { event, at, due } of outbox) this.#outbox.run(id, event, at, due);
    if (foldedInto !== null) this.#untell.run(id);
    return id;
  }

  async list({
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
    source,
    open = false,
    limit = LIST_MAX,
  }: IncidentQuery): Promise<Incident[]> {
    const rows = this.#list.all({
      from,
      to,
      source: source ?? null,
      open: open ? 1 : 0,
      limit: Math.min(limit, LIST_MAX),
    });
    return rows.map(told);
  }

  async get(id: number): Promise<Incident | undefined> {
    const body = this.#get.get(id);
    return body === undefined ? undefined : told(body);
  }

  async unfinished(
    since: number,
  ): Promise<{ incident: Incident; machine: unknown; clients: Uint8Array | undefined }[]> {
    return this.#unfinished
      .all(since)
      .map(([body, machine, clients]) => ({
        incident: told(body),
        machine: JSON.parse(machine) as unknown,
        clients: clients ?? undefined,
      }));
  }

  async transitions(id: number): Promise<IncidentDetail['transitions']> {
    return this.#transitions.all(id);
  }

  async evaluations(id: number): Promise<Evaluation[]> {
    return this.#evaluations
      .all(id, EVALUATIONS_SHOWN)
      .map((body) => JSON.parse(body) as Evaluation)
      .reverse();
  }

  async addEvaluations(rows: readonly { incident: number; evaluation: Evaluation }[]): Promise<void> {
    await this.#turns.beside(() =>
      transaction(this.#db, () => {
        for (const { incident, evaluation } of rows)
          this.#evaluate.run(incident, evaluation.at, JSON.stringify(evaluation));
        for (const id of new Set(rows.map(({ incident }) => incident))) this.#prune.run({ id });
      }),
    );
  }

  async notes(id: number): Promise<IncidentNote[]> {
    return this.#notes.all(id);
  }

  async addNote(id: number, { at, by, text }: IncidentNote): Promise<void> {
    this.#note.run(id, at, by, text);
  }

  async samples(id: number): Promise<Sample[]> {
    return this.#samples.all(id).map((body) => JSON.parse(body) as Sample);
  }

  async addSamples(id: number, samples: readonly Sample[]): Promise<void> {
    const newest = samples.toSorted((a, b) => b.at - a.at).slice(0, SAMPLES_KEPT);
    await this.#turns.beside(() =>
      transaction(this.#db, () => {
        for (const sample of newest) this.#sample.run({ id, at: sample.at, body: JSON.stringify(sample) });
        this.#oldSamples.run(id);
      }),
    );
  }

  async similar(incident: Incident): Promise<IncidentDetail['similar']> {
    return this.#earlier
      .all(incident.source, incident.id, SIMILAR_SCANNED)
      .map(told)
      .filter(
        (other) =>
          (incident.cause !== null && other.cause === incident.cause) ||
          other.codes.some((code) => incident.codes.includes(code)) ||
          (other.rule === incident.rule && other.codes.length === 0),
      )
      .slice(0, SIMILAR_MAX)
      .map(({ id, openedAt, resolvedAt, headline }) => ({
        id,
        openedAt,
        resolvedAt,
        headline,
        note: this.#lastNote.get(id) ?? null,
      }));
  }
}

/** Written before incidents were folded by their body, it says nothing of that. */
/** What earlier versions did not keep is as they knew it. */
function told(body: string): Incident {
  const kept = JSON.parse(body) as Partial<Incident> & Omit<Incident, 'where' | 'startedAt' | 'endedAt' | 'foldedInto'>;
  const { foldedInto = null, where = [], startedAt = kept.openedAt, state, lastBadAt } = kept;
  const { endedAt = state === 'firing' || state === 'blind' ? null : lastBadAt } = kept;
  return { ...kept, foldedInto, where, startedAt, endedAt };
}
