// Who else reads the database, as far as the system shows it: readers hold locks on the index of the write-ahead log, and Linux
// lists locks with their processes. A process in another container has no number here.
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

export interface Reader {
  pid: number;
  /** As it was called, without what a terminal would obey. */
  name: string;
}

/** Bytes of the index that readers lock: https://www.sqlite.org/walformat.html#wal_locks */
const READ_LOCKS = { from: 123, to: 127 };

const NAME_LENGTH_MAX = 60;

/** `index`: the file that ends in -shm. Empty where the system does not say. */
export function readersOf(index: string): Reader[] {
  try {
    const { ino } = statSync(index, { bigint: true });
    return [...pidsIn(readFileSync('/proc/locks', 'utf8'), ino)].map((pid) => ({ pid, name: nameOf(pid) }));
  } catch {
    return [];
  }
}

// 3: POSIX  ADVISORY  READ 24345 fe:00:393218 124 124
/** The processes that hold a read lock on the file of this inode, but for this one. */
export function pidsIn(locks: string, inode: bigint): Set<number> {
  const pids = new Set<number>();
  for (const line of locks.split('\n')) {
    const [, , , kind, pid, file, from, to] = line.split(/\s+/);
    if (kind !== 'READ' || file?.split(':')[2] !== String(inode)) continue;
    if (
      Number(from) <= READ_LOCKS.to &&
      !(Number(to) < READ_LOCKS.from) &&
      Number(pid) > 0 &&
      Number(pid) !== process.pid
    )
      pids.add(Number(pid));
  }
  return pids;
}

/** "sqlite3 data/fivealarm.db": the program and what comes first after it, when that is no option, which may be a secret. */
function nameOf(pid: number): string {
  try {
    const [program, first = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return (
      `${basename(program)}${first === '' || first.startsWith('-') ? '' : ` ${first}`}`
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, NAME_LENGTH_MAX) || 'a process'
    );
  } catch {
    return 'a process';
  }
}
