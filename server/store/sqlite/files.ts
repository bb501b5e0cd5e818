// Is the database still what lies at its path? SQLite keeps its files open: once they are removed or replaced, it goes on writing
// to what nobody will ever read again, and says nothing.
import { statSync } from 'node:fs';
import { StoreBroken } from '../store.ts';

/** The database, its write-ahead log, and the index of that log which those share who have it open. */
const SUFFIXES = ['', '-wal', '-shm'] as const;
const WAL = 1;

export class DatabaseFiles {
  readonly #path: string;
  /** "device:inode" of each, as first seen. An inode that is held open is not given to another file. */
  readonly #known: (string | undefined)[] = [];
  #walBytes = 0;

  /** Of a database that is open. */
  constructor(path: string) {
    this.#path = path;
    this.check();
  }

  /** The index of the write-ahead log. */
  get index(): string {
    return this.#path + SUFFIXES[2];
  }

  /** Size of the write-ahead log when `check` last looked. */
  get walBytes(): number {
    return this.#walBytes;
  }

  /** Throws StoreBroken when one of the files is no longer the one that was opened. */
  check(): void {
    for (let i = 0; i < SUFFIXES.length; i++) {
      const seen = this.#look(this.#path + SUFFIXES[i]);
      if (seen !== undefined && i === WAL) this.#walBytes = seen.bytes;
      if (this.#known[i] === undefined) this.#known[i] = seen?.id;
      else if (seen?.id !== this.#known[i])
        throw goneFrom(this.#path + SUFFIXES[i], seen === undefined ? 'removed' : 'replaced');
    }
  }

  #look(path: string): { id: string; bytes: number } | undefined {
    try {
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stat && { id: `${stat.dev}:${stat.ino}`, bytes: Number(stat.size) };
    } catch (error) {
      throw new StoreBroken(error, `${path} is no longer accessible`);
    }
  }
}

const goneFrom = (path: string, how: string): StoreBroken =>
  new StoreBroken(
    undefined,
    `${path} was ${how} while the server had it open. No line has been acknowledged since. Put it back, or start again with an empty database`,
  );
