// One SQLite file, opened so that what COMMIT has returned from survives a power cut, and by one process only.
import Sqlite from 'better-sqlite3';
import { errors, Failure } from '../../errors.ts';
import { StoreBroken } from '../store.ts';
import { Disk } from './disk.ts';

export type Database = Sqlite.Database;
export type Statement<P extends unknown[] = unknown[], R = unknown> = Sqlite.Statement<P, R>;

/** Before it, a checkpoint that restarts the WAL could drop commits of another connection. */
const SQLITE_MIN = '3.51.3';
/** For another process that writes at this moment; turns.ts tries again without holding up everything else. */
const BUSY_MS = 20;
/** Pages (4 KiB) between checkpoints: rare enough to be cheap, small enough to keep the WAL near 16 MiB. */
const CHECKPOINT_PAGES = 4000;

export function openDatabase(path: string): Database {
  const db = new Sqlite(path, { timeout: BUSY_MS });
  try {
    checkVersion(db.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()!.version);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
    db.pragma('cache_size = -16000');
    db.pragma('temp_store = MEMORY');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Throws errors.sqliteTooOld. */
export function checkVersion(version: string): void {
  const [have, need] = [version, SQLITE_MIN].map((v) => v.split('.').reduce((n, part) => n * 1000 + Number(part), 0));
  if (have < need) throw errors.sqliteTooOld(`SQLite ${version} is too old: ${SQLITE_MIN} or newer is needed.`);
}

/**
 * Ids, dictionary and pending counts live in the memory of the one process that writes. The lock is the system's, on a file
 * beside the database, and goes with the process however it dies. Returns what lets go of it.
 */
export function ownFolder(path: string): () => void {
  const lock = new Sqlite(`${path}.lock`, { timeout: 0 });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw errors.databaseInUse(`Another process has ${path} open.`);
    throw error;
  }
  return () => lock.close();
}

/** Runs `body` in one transaction that takes the write lock at once. Throws what `operating` makes of a failure. */
export function transaction<T>(db: Database, body: () => T): T {
  try {
    db.exec('BEGIN IMMEDIATE');
    const result = body();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk rolls back by itself, and then ROLLBACK would throw.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw operating(error, db.name);
  }
}

/** SQLite's error as what the caller can do about it: send again (Failure), stop (StoreBroken), or a bug (as it is). */
export function operating(error: unknown, path: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (error.code.startsWith('SQLITE_FULL')) return errors.storeFull();
  // No room for the log or its index, or a quota: rolled back like a full disk. Only where fsync fails is it unknown what is durable.
  if (/^SQLITE_IOERR_(WRITE|SHMSIZE)/.test(error.code)) return new Disk(path).reason(error.message);
  if (/^SQLITE_(BUSY|LOCKED|CANTOPEN|READONLY|NOMEM)/.test(error.code))
    return errors.storeBusy(`The database did not accept the write: ${error.message}.`);
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(error.code)) return new StoreBroken(error);
  return error;
}

export const isRetryable = (error: unknown): boolean => error instanceof Failure;
