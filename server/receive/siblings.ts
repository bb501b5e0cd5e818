// Where rotated files are looked for: beside the log, in the folders below (logrotate's olddir), where the log's own
// files were seen to go, and in the folders next to its folder.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRotated, newestFirst } from './log-path.ts';

export interface Sibling {
  readonly path: string;
  /** Device and inode: two names of one file are one. */
  readonly id: string;
  readonly inode: string;
  readonly size: number;
  readonly mtimeMs: number;
  /**
   * In a folder that may hold another log's files: it counts only once something in there is known to be of this log.
   */
  readonly isFar: boolean;
}

export interface Siblings {
  /** Newest first. */
  readonly files: readonly Sibling[];
  /** There were more, older ones. */
  readonly left: number;
  /** The folders that were looked through. */
  readonly folders: readonly string[];
}

/** More are never looked at: who kept more than two months of daily logs uncounted wants `import`. */
export const SIBLINGS_MAX = 64;
/** Folders looked through, of each kind. A folder with more holds something other than rotated logs. */
const FOLDERS_MAX = 50;

export async function siblingsOf(path: string, oldFolders: ReadonlySet<string>): Promise<Siblings> {
  const own = dirname(path),
    name = basename(path);
  const near = new Set([own, ...(await foldersIn(own)), ...oldFolders]);
  const far = (await foldersIn(dirname(own))).filter((folder) => !near.has(folder));
  const names = new Map<string, readonly string[]>();
  for (const folder of [...near, ...far]) names.set(folder, await readdir(folder).catch(() => []));
  // A folder with a log of this name has its own rotated files; and then a third may hold either's.
  const hasOwn = (folder: string): boolean => folder !== own && names.get(folder)!.includes(name);
  const isShared = far.some(hasOwn);
  const found = new Map<string, Sibling>();
  for (const [folder, entries] of names) {
    if (hasOwn(folder)) continue;
    for (const entry of entries) {
      const sibling = isRotated(entry, name)
        ? await siblingAt(join(folder, entry), isShared && !near.has(folder))
        : undefined;
      if (sibling !== undefined && !found.has(sibling.id)) found.set(sibling.id, sibling);
    }
  }
  const files = newestFirst([...found.values()], name);
  return {
    files: files.slice(0, SIBLINGS_MAX),
    left: Math.max(0, files.length - SIBLINGS_MAX),
    folders: [...near, ...far],
  };
}

async function siblingAt(path: string, isFar: boolean): Promise<Sibling | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  return {
    path,
    id: idOf(found),
    inode: String(found.ino),
    size: Number(found.size),
    mtimeMs: Number(found.mtimeNs / 1000n) / 1000,
    isFar,
  };
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  return folders.length > FOLDERS_MAX ? [] : folders;
}

export const idOf = ({ dev, ino }: { dev: bigint; ino: bigint }): string => `${dev}:${ino}`;
