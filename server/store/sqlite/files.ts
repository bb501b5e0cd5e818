// Is the database still what lies at its path? SQLite keeps its files open: once they are removed or replaced, it goes on writing
// to what nobody will ever read again, and says nothing.
import { statSync, type Stats } from 'node:fs';
import { StoreBroken } from '../store.ts';

/** The database, its write-ahead log, the index of that log which those share who have it open, and what keeps a second server out. */
const SUFFIXES = ['', '-wal', '-shm', '.lock'] as const;
const WAL = 1,
  INDEX = 2;

export class DatabaseFiles {
  readonly #paths: readonly string[];
  /** Of each, as first seen. An inode that is held open is not given to another file. */
  readonly #known: ({ dev: number; ino: number } | undefined)[] = [];
  #walBytes = 0;

  /** Of a database that is open. */
  constructor(path: string) {
    this.#paths = SUFFIXES.map((suffix) => path + suffix);
    this.check();
  }

  /** The index of the write-ahead log. */
  get index(): string {
    return this.#paths[INDEX];
  }

  /** Size of the write-ahead log when `check` last looked. */
  get walBytes(): number {
    return this.#walBytes;
  }

  /** Throws StoreBroken when one of the files is no longer the one that was opened. */
  check(): void {
    for (let i = 0; i < SUFFIXES.length; i++) {
      const stat = look(this.#paths[i]),
        known = this.#known[i];
      if (stat !== undefined && i === WAL) this.#walBytes = stat.size;
      if (known === undefined) this.#known[i] = stat && { dev: stat.dev, ino: stat.ino };
      else if (stat?.ino !== known.ino || stat.dev !== known.dev)
        throw goneFrom(this.#paths[i], stat === undefined ? 'removed' : 'replaced');
    }
  }
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new StoreBroken(error, `${path} is no longer accessible`);
  }
}

const goneFrom = (path: string, how: string): StoreBroken =>
  new StoreBroken(
    undefined,
    `${path} was ${how} while the server had it open. No line has been acknowledged since. Put it back, or start again with an empty database`,
  );
