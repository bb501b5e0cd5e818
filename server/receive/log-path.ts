// Names of log files: what a user wrote on the command line, what a rotated file is called, and the source a path stands for.
import { glob, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export interface Target {
  readonly pattern: string;
  readonly isGlob: boolean;
  readonly source: string | undefined;
}

/** `/var/log/nginx/*.log`, or with its source before it: `shop=/var/log/nginx/shop.log`. */
export function targetOf(given: string, source: string | undefined): Target {
  const named = /^([^/=*?]{1,120})=(.+)$/.exec(given);
  const pattern = resolve(named?.[2] ?? given);
  return { pattern, isGlob: /[*?[{]/.test(pattern), source: named?.[1] ?? source };
}

/** Compressed files are finished ones. */
const COMPRESSED = /\.(gz|zst|xz|bz2|lz4|zip)$/;

/** The files that a target means now. A glob leaves out what was rotated away: `access.log*` means access.log. */
export async function pathsOf(target: Target): Promise<string[]> {
  if (!target.isGlob) return [target.pattern];
  const paths: string[] = [];
  for await (const path of glob(target.pattern)) if (!COMPRESSED.test(path)) paths.push(resolve(path));
  const all = new Set(paths);
  return paths.filter((path) => !baseNames(path).some((base) => all.has(base))).sort();
}

/** File systems take no longer names; senders may say any. */
const NAME_CHARS_MAX = 255;

/** shop.access.log → shop; nginx/access.log → nginx; /srv/logs/access_log → access. */
export function sourceOf(path: string): string {
  const words = basename(path)
    .slice(-NAME_CHARS_MAX)
    .replace(/(\.(log|json|jsonl|ndjson|txt|out))+$/, '')
    .split(/[._-]/)
    .filter((word) => word !== '' && word !== 'access' && word !== 'log');
  const directory = basename(dirname(path));
  if (words.length > 0) return words.join('-').slice(0, 120);
  return directory === '' || /^logs?$/.test(directory) ? 'access' : directory.slice(0, 120);
}

// access.log.1   access.log-20260131   access.log.2026-01-31   access-20260131.log   access-2026-01-31-1769817600.log
const ROTATED_AFTER = /^(.+?)[.-]\d[\d.-]*$/;
const ROTATED_WITHIN = /^(.+?)[._-]\d{4}-?\d\d-?\d\d[\d._-]*?(\.\w+)$/;

/** The names that this may have had before it was rotated. */
function baseNames(path: string): string[] {
  const name = basename(path);
  const after = ROTATED_AFTER.exec(name);
  const within = ROTATED_WITHIN.exec(name);
  return [...(after === null ? [] : [after[1]]), ...(within === null ? [] : [within[1] + within[2]])].map((base) =>
    join(dirname(path), base),
  );
}

export const isRotated = (name: string, from: string): boolean => baseNames(name).includes(from);

export interface Rotated {
  readonly path: string;
  readonly ino: number;
  readonly mtimeMs: number;
}

/** More are never read: who kept 20 uncompressed logs unread wants `import`. */
const ROTATED_MAX = 20;

/** The files that were rotated from this one, newest first. */
export async function rotatedFrom(path: string): Promise<Rotated[]> {
  const directory = dirname(path);
  const rotated: Rotated[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    if (COMPRESSED.test(name) || !isRotated(name, basename(path))) continue;
    const found = await stat(join(directory, name)).catch(() => undefined);
    if (found?.isFile()) rotated.push({ path: join(directory, name), ino: found.ino, mtimeMs: found.mtimeMs });
  }
  return rotated.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, ROTATED_MAX);
}
