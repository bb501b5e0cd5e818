// Writes in their turn: what can wait does so while the write-ahead log waits for readers, and all of it tries again where another
// process is writing at this moment. Waiting is asynchronous: everything else goes on.
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../errors.ts';
import type { SqliteWal } from './wal.ts';

/** Beside the commits, so long for readers; then writing is worth more than a short log. */
const WAIT_MS = 10_000,
  LOOK_MS = 50;
/** For another writer. */
const BUSY_MS = 2000,
  AGAIN_MS = 20;

export class Turns {
  readonly #wal: Pick<SqliteWal, 'waiting'> | undefined;

  /** Without a log, for a database in memory. */
  constructor(wal?: Pick<SqliteWal, 'waiting'>) {
    this.#wal = wal;
  }

  /** `write` when it need not be at once. */
  async beside<T>(write: () => T): Promise<T> {
    for (let waited = 0; this.#wal?.waiting && waited < WAIT_MS; waited += LOOK_MS) await sleep(LOOK_MS);
    return this.retried(write);
  }

  /** Throws errors.storeBusy when another writer does not end. */
  async retried<T>(write: () => T): Promise<T> {
    for (let waited = 0; ; waited += AGAIN_MS) {
      try {
        return write();
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'storeBusy' || waited >= BUSY_MS) throw error;
      }
      await sleep(AGAIN_MS);
    }
  }
}
