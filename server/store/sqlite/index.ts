// The SQLite store: its tables composed, and the transaction that makes a group of batches durable.
import { setTimeout as sleep } from 'node:timers/promises';
import { Delta } from '../../core/count/delta.ts';
import {
  StoreBroken,
  RETENTION,
  type Commit,
  type Cursor,
  type Outcome,
  type Retention,
  type Store,
  type StoreTrouble,
  type Submission,
  type Tally,
} from '../store.ts';
import { SqliteAnnotations } from './annotations.ts';
import { SqliteCounts } from './counts.ts';
import { SqliteCursors } from './cursors.ts';
import { isRetryable, openDatabase, ownFolder, transaction, type Database } from './database.ts';
import { SqliteDictionary } from './dictionary.ts';
import { Disk } from './disk.ts';
import { SqliteDurations } from './durations.ts';
import { SqliteFailures } from './failures.ts';
import { DatabaseFiles } from './files.ts';
import { SqliteIncidents } from './incidents.ts';
import { SqliteFindings } from './findings.ts';
import { SqliteRetentionMarks } from './retention-marks.ts';
import { SqliteJournal } from './journal.ts';
import { SqliteLedger } from './ledger.ts';
import { migrate } from './migrate.ts';
import { SqliteRetention } from './retention.ts';
import { SqliteRollups } from './rollups.ts';
import { SqliteUptime } from './uptime.ts';
import { SqliteSources } from './sources.ts';
import { Turns } from './turns.ts';
import { SqliteWal, type WalLimits } from './wal.ts';
import { SqliteWatch } from './watch.ts';

/** Between two folds for the sake of reads, as many times what the last one took, and at most so long: a fifth of the time. */
const READ_WAIT_RATIO = 4,
  READ_WAIT_MS_MAX = 150;

export interface SqliteOptions {
  retention?: Partial<Retention>;
  wal?: Partial<WalLimits>;
}

/** `path` is a file, or ':memory:'. Throws errors.sqliteTooOld, errors.databaseNewer, errors.databaseInUse. */
export function openSqlite(path: string, options: SqliteOptions = {}): SqliteStore {
  const letGo = path === ':memory:' ? () => {} : ownFolder(path);
  try {
    const db = openDatabase(path);
    try {
      migrate(db);
      return new SqliteStore(db, options, letGo);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    letGo();
    throw error;
  }
}

export class SqliteStore implements Store {
  /** For the tables that other modules bring (findings). */
  readonly db: Database;
  readonly sources: SqliteSources;
  readonly dictionary: SqliteDictionary;
  readonly cursors: SqliteCursors;
  readonly annotations: SqliteAnnotations;
  readonly findings: SqliteFindings;
  readonly counts: SqliteCounts;
  readonly failures: SqliteFailures;
  readonly durations: SqliteDurations;
  readonly incidents: SqliteIncidents;
  readonly watch: SqliteWatch;
  readonly #ledger: SqliteLedger;
  readonly #journal: SqliteJournal;
  readonly #uptime: SqliteUptime;
  readonly #retention: SqliteRetention;
  readonly #disk: Disk;
  /** None for a database in memory. */
  readonly #files: DatabaseFiles | undefined;
  readonly #wal: SqliteWal | undefined;
  readonly #turns: Turns;
  readonly #letGo: () => void;
  #readableAgainAt = -Infinity;
  #foldingToRead: Promise<void> | undefined;
  /** Reused: the sum of a group of several batches. */
  readonly #group = new Delta();

  constructor(db: Database, options: SqliteOptions, letGo: () => void) {
    this.db = db;
    this.#letGo = letGo;
    this.#disk = new Disk(db.name);
    this.#files = db.memory ? undefined : new DatabaseFiles(db.name);
    this.#wal = this.#files && new SqliteWal(db, this.#files, options.wal ?? {});
    this.#turns = new Turns(this.#wal);
    this.sources = new SqliteSources(db);
    this.dictionary = new SqliteDictionary(db);
    this.cursors = new SqliteCursors(db);
    this.annotations = new SqliteAnnotations(db);
    this.findings = new SqliteFindings(db, this.#turns);
    this.incidents = new SqliteIncidents(db, this.#turns);
    this.watch = new SqliteWatch(db, this.#turns);
    this.#ledger = new SqliteLedger(db);
    this.#journal = new SqliteJournal(db, new SqliteRollups(db, this.sources));
    this.#uptime = new SqliteUptime(db);
    const retentionMarks = new SqliteRetentionMarks(db);
    this.#retention = new SqliteRetention(db, retentionMarks, nested({ ...RETENTION, ...options.retention }));
    const readers = { db, sources: this.sources, fold: () => this.#foldToRead() };
    this.counts = new SqliteCounts({ ...readers, dictionary: this.dictionary, retentionMarks, uptime: this.#uptime });
    this.failures = new SqliteFailures({ ...readers, dictionary: this.dictionary, retentionMarks });
    this.durations = new SqliteDurations(readers);
  }

  async commit(group: readonly Submission[], at: number): Promise<Commit> {
    const commit = await this.#durably(() => this.#write(group, at), at);
    this.sources.written();
    this.dictionary.written();
    if (commit.delta !== undefined) this.#journal.written(commit.delta);
    if (this.#journal.crowded) this.#foldIfPossible();
    return commit;
  }

  /** One transaction that is in the file at the database's path, or an error that says what to do. */
  async #durably<T>(write: () => T, at: number): Promise<T> {
    await this.#wal?.room();
    try {
      const written = await this.#turns.retried(() => transaction(this.db, write));
      this.#files?.check();
      this.#disk.wrote();
      return written;
    } catch (error) {
      this.#disk.failed(error, at);
      throw error;
    }
  }

  #write(group: readonly Submission[], at: number): Commit {
    const outcomes: Outcome[] = [],
      counted: Submission[] = [];
    const tallies = new Map<number, Sum>();
    for (const submission of group) {
      const first =
        submission.identity === undefined ? undefined : this.#ledger.enter(submission.identity, submission.answer, at);
      if (first === undefined) counted.push(submission);
      outcomes.push(first === undefined ? { committed: true } : { committed: false, duplicateOf: first });
      for (const tally of submission.tallies) addTally(tallies, tally, first !== undefined);
      if (first === undefined) for (const cursor of submission.cursors ?? []) this.cursors.put(cursor, at);
    }
    this.sources.write([...tallies.values()], at);
    this.dictionary.write();
    const delta = this.#merge(counted);
    if (delta !== undefined) this.#journal.write(delta);
    return { outcomes, delta };
  }

  #merge(counted: readonly Submission[]): Delta | undefined {
    const deltas = counted.map((submission) => submission.delta).filter((delta) => delta.size > 0);
    if (deltas.length < 2) return deltas[0];
    this.#group.clear();
    for (const delta of deltas) this.#group.merge(delta);
    return this.#group;
  }

  fold(): Promise<void> {
    return this.#turns.retried(() => this.#journal.fold());
  }

  /** What is committed stays in the journal when a fold finds the disk full; reads then show all but the last moments. */
  #foldIfPossible(): void {
    const began = performance.now();
    try {
      this.#journal.fold();
    } catch (error) {
      if (!isRetryable(error)) throw error;
    }
    const ended = performance.now();
    this.#readableAgainAt = ended + Math.min(READ_WAIT_MS_MAX, (ended - began) * READ_WAIT_RATIO);
  }

  /** Reads show all that is committed. Those that come soon after one another share a fold. */
  #foldToRead(): Promise<void> | undefined {
    if (this.#journal.isEmpty) return undefined;
    const waitMs = this.#readableAgainAt - performance.now();
    if (waitMs > 0) return (this.#foldingToRead ??= this.#foldIn(waitMs));
    this.#foldIfPossible();
    return undefined;
  }

  async #foldIn(ms: number): Promise<void> {
    await sleep(ms);
    this.#foldingToRead = undefined;
    if (this.db.open) this.#foldIfPossible();
  }

  async sweep(now: number, settled = now, clock?: Cursor): Promise<boolean> {
    this.#files?.check();
    this.#wal?.tend();
    if (this.#wal?.waiting) return false;
    const probing = this.#disk.failing;
    try {
      const more = await this.#turns.retried(
        () =>
          transaction(this.db, () => {
            if (this.#uptime.alive(now, probing) && clock !== undefined) this.cursors.put(clock, now);
            this.cursors.sweep(settled);
            return this.#ledger.sweep(settled);
          }) || this.#retention.sweep(settled),
      );
      if (probing) this.#disk.probed();
      return more;
    } catch (error) {
      this.#disk.failed(error, now);
      throw error;
    }
  }

  troubles(now: number): StoreTrouble[] {
    return [this.#disk.trouble(now), this.#wal?.trouble(now)].filter((trouble) => trouble !== undefined);
  }

  async rewind(now: number): Promise<void> {
    await this.#turns.beside(() =>
      transaction(this.db, () => {
        for (const table of [this.#uptime, this.sources, this.cursors, this.#ledger]) table.rewind(now);
      }),
    );
  }

  async lastAlive(): Promise<number | undefined> {
    return this.#uptime.lastAlive();
  }

  close(): void {
    try {
      this.#foldIfPossible();
    } catch (error) {
      if (!(error instanceof StoreBroken)) throw error;
    } finally {
      this.db.close();
      this.#letGo();
    }
  }
}

/** No tier outlives a coarser one: ranges are cut on the strength of it. */
function nested(keep: Retention): Retention {
  const counts1m = Math.min(keep.counts1m, keep.counts1h),
    counts10s = Math.min(keep.counts10s, counts1m),
    values1h = Math.min(keep.values1h, keep.counts1h),
    values1m = Math.min(keep.values1m, values1h, counts1m),
    failures1m = Math.min(keep.failures1m, values1m);
  return {
    counts1m,
    counts10s,
    counts1h: keep.counts1h,
    values1h,
    values1m,
    failures1m,
    failures10s: Math.min(keep.failures10s, failures1m, counts10s),
    durations1m: Math.min(keep.durations1m, values1m),
  };
}

type Sum = Tally & { reasons: Map<string, number> };

/** A duplicate's lines are received and duplicate, whatever they were the first time. */
function addTally(tallies: Map<number, Sum>, tally: Tally, duplicate: boolean): void {
  let sum = tallies.get(tally.source);
  if (sum === undefined) {
    sum = {
      source: tally.source,
      received: 0,
      accepted: 0,
      rejected: 0,
      skipped: 0,
      duplicate: 0,
      late: 0,
      reasons: new Map(),
    };
    tallies.set(tally.source, sum);
  }
  sum.received += tally.received;
  if (duplicate) {
    sum.duplicate += tally.received;
    return;
  }
  sum.accepted += tally.accepted;
  sum.rejected += tally.rejected;
  sum.skipped += tally.skipped;
  sum.duplicate += tally.duplicate;
  sum.late += tally.late;
  for (const [reason, count] of tally.reasons) sum.reasons.set(reason, (sum.reasons.get(reason) ?? 0) + count);
}
