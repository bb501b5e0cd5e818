// Keeps the write-ahead log from growing without end. It can begin anew only at a moment when all of it is in the database and no
// reader needs it, and other processes (a shell, a backup) may read at any time. Past one size, that moment is looked for; past
// another, writing waits for readers that come and go; for one that stays there is nothing to wait for: the log grows up to `maxBytes`.
import { setTimeout as sleep } from 'node:timers/promises';
import { count, plural } from '#shared/numbers.ts';
import { errors, Failure } from '../../errors.ts';
import type { StoreTrouble } from '../store.ts';
import { operating, type Database } from './database.ts';
import type { DatabaseFiles } from './files.ts';
import { readersOf, type Reader } from './readers.ts';

const MIB = 1024 * 1024;
const MAX_WAL_BYTES = 1024 * MIB;
/** A smaller limit than this would refuse ordinary work. */
const LEAST_MAX_BYTES = 4 * MIB;

export interface WalLimits {
  /** Past this, no more is taken. */
  maxBytes: number;
  /** A reader that has held it up for this long stays. */
  staysMs: number;
}

/** Share of `maxBytes`, and at most so much. */
const EMPTIED_AT = { share: 1 / 4, bytes: 64 * MIB };
const WAITING_AT = { share: 1 / 2, bytes: 128 * MIB };
/** A commit waits so long for readers, looking so often; then its senders are told to come again. */
const WAIT_MS = 1000,
  LOOK_MS = 20;
/** Senders that were told to come again have done so by then, if they are still there. */
const ASKING_MS = 3000;
/** Between looks when nothing waits. */
const LOOK_BESIDE_MS = 100;
/** Readers are looked up so often at most. */
const NAMES_MS = 3000;
/** Ones named in a sentence. */
const NAMED_MAX = 3;

interface Checkpointed {
  /** 1 when somebody still needs the log. */
  busy: number;
  /** Frames in it, and those of them that are in the database. */
  log: number;
  checkpointed: number;
}

export class SqliteWal {
  readonly #db: Database;
  readonly #files: DatabaseFiles;
  readonly #limits: WalLimits;
  readonly #emptiedAt: number;
  readonly #waitingAt: number;
  /** Real time, whatever clock the server goes by; ms. NaN when nothing holds it up. */
  #heldSince = NaN;
  #lookedAt = -Infinity;
  /** Frames of the log that were in the database at the last look, and all of them. */
  #moved = -1;
  #frames = -1;
  /** Since when nothing has moved on. */
  #stuckSince = NaN;
  #waiting = false;
  #askedAt = -Infinity;
  #readers: { at: number; found: Reader[] } = { at: -Infinity, found: [] };

  constructor(db: Database, files: DatabaseFiles, limits: Partial<WalLimits>) {
    this.#db = db;
    this.#files = files;
    this.#limits = {
      maxBytes: Math.max(LEAST_MAX_BYTES, limits.maxBytes ?? MAX_WAL_BYTES),
      staysMs: limits.staysMs ?? 10_000,
    };
    const at = ({ share, bytes }: typeof EMPTIED_AT) => Math.min(bytes, share * this.#limits.maxBytes);
    this.#emptiedAt = at(EMPTIED_AT);
    this.#waitingAt = at(WAITING_AT);
  }

  /** Commits wait for readers: what can wait, should. */
  get waiting(): boolean {
    return this.#waiting && performance.now() - this.#askedAt < ASKING_MS;
  }

  /** Resolves when another commit may be added. Throws errors.walFull, and errors.storeBusy when readers take their time. */
  async room(): Promise<void> {
    if (this.#files.walBytes <= this.#emptiedAt || this.#look(this.#isFull ? 0 : LOOK_BESIDE_MS)) return this.#free();
    if (this.#isFull) throw errors.walFull(this.#sentence());
    if (this.#stays || this.#files.walBytes <= this.#waitingAt) return this.#free();
    this.#waiting = true;
    this.#askedAt = performance.now();
    for (let waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
      await sleep(LOOK_MS);
      if (this.#look(0) || this.#stays) return this.#free();
    }
    throw errors.storeBusy('Other processes keep reading the database, so that its write-ahead log cannot be emptied.');
  }

  /** Once a second, also when nothing is committed. */
  tend(): void {
    if (this.#files.walBytes <= this.#emptiedAt || this.#look(0) || this.#stays) this.#free();
  }

  trouble(now: number): StoreTrouble | undefined {
    if (!this.#stays && !this.#isFull) return undefined;
    const { maxBytes } = this.#limits;
    return {
      what: 'wal-held',
      since: Math.round(now - (performance.now() - this.#heldSince)),
      refusing: this.#isFull,
      text: this.#sentence(),
      hint: this.#isFull
        ? 'End that process, or make its transactions shorter. Lines are refused until then.'
        : `End that process, or make its transactions shorter. Past maxWal (${mib(maxBytes)}), lines are refused.`,
    };
  }

  #free(): void {
    this.#waiting = false;
  }

  get #isFull(): boolean {
    return this.#files.walBytes > this.#limits.maxBytes;
  }

  get #stays(): boolean {
    return performance.now() - this.#stuckSince >= this.#limits.staysMs;
  }

  /** Tries to begin the log anew, without waiting for anybody, `everyMs` after the last try at the earliest. True when it is empty. */
  #look(everyMs: number): boolean {
    const now = performance.now();
    if (now - this.#lookedAt < everyMs) return false;
    this.#lookedAt = now;
    const { busy, log, checkpointed } = this.#checkpoint();
    this.#files.check();
    if (busy === 0 && this.#files.walBytes <= this.#emptiedAt) {
      this.#heldSince = this.#stuckSince = NaN;
      this.#moved = this.#frames = -1;
      return true;
    }
    if (Number.isNaN(this.#heldSince)) this.#heldSince = now;
    if (Number.isNaN(this.#stuckSince) || checkpointed !== this.#moved || log < this.#frames) this.#stuckSince = now;
    this.#moved = checkpointed;
    this.#frames = log;
    return false;
  }

  /** What could be moved into the database was; a disk without room for it is no reason to stop. */
  #checkpoint(): Checkpointed {
    const patience = this.#db.pragma('busy_timeout', { simple: true }) as number;
    this.#db.pragma('busy_timeout = 0');
    try {
      return (this.#db.pragma('wal_checkpoint(TRUNCATE)') as Checkpointed[])[0];
    } catch (error) {
      const failure = operating(error, this.#db.name);
      if (!(failure instanceof Failure)) throw failure;
      return { busy: 1, log: this.#frames, checkpointed: this.#moved };
    } finally {
      this.#db.pragma(`busy_timeout = ${patience}`);
    }
  }

  /** What holds it up, and for how long. */
  #sentence(): string {
    const now = performance.now(),
      seconds = Math.round((now - this.#heldSince) / 1000);
    if (now - this.#readers.at > NAMES_MS) this.#readers = { at: now, found: readersOf(this.#files.index) };
    const named = this.#readers.found.slice(0, NAMED_MAX).map(({ pid, name }) => `${name} (process ${pid})`),
      more = this.#readers.found.length - named.length;
    const who =
      named.length === 0
        ? 'Another process, which this server cannot identify (lsof shows it),'
        : named.join(', ') + (more > 0 ? ` and ${count(more)} more` : '');
    return `${who} ${named.length + more > 1 ? 'have' : 'has'} been reading the database for ${plural(seconds, 'second')}, which keeps its write-ahead log (${mib(this.#files.walBytes)}) from being emptied.`;
  }
}

const mib = (bytes: number): string => `${count(Math.round(bytes / MIB))} MiB`;
