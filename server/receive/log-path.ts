// Names of log files: what a user wrote on the command line, the source a path stands for, and what a rotated file is
// called.
import { glob } from 'node:fs/promises';
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
const PACKED = /\.(gz|gzip|zst|zstd|xz|lzma|bz2|lz4|zip|Z)$/;

const isPacked = (path: string): boolean => PACKED.test(path);

/** The files that a target means now. A glob leaves out rotated files: `access.log*` means access.log. */
export async function pathsOf(target: Target): Promise<string[]> {
  if (!target.isGlob) return [target.pattern];
  const paths: string[] = [];
  for await (const path of glob(target.pattern)) if (!isPacked(path)) paths.push(resolve(path));
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

// access.log.1   access.log-20260131   access.log.2026-01-31_12   access.log.old
const ROTATED_AFTER = /^(.+?)[.-](\d[\d._T:Z-]*|old|bak|prev)$/;
// access-20260131.log   access-2026-01-31-1769817600.log   access-2026-01-31T12-00-00.000.log
const ROTATED_WITHIN = /^(.+?)[._-](\d{4}-?\d\d-?\d\d[\d._T:Z-]*?)(\.[A-Za-z]\w*)$/;
// access.1.log
const NUMBERED_WITHIN = /^(.+?)\.(\d{1,3})(\.[A-Za-z]\w*)$/;

interface Rotation {
  /** The name before the rotation. */
  readonly base: string;
  /** What the rotation added: a counter, or a time. */
  readonly added: string;
}

function rotationsOf(name: string): Rotation[] {
  const plain = name.replace(PACKED, '');
  const found: Rotation[] = [];
  const after = ROTATED_AFTER.exec(plain);
  if (after !== null) found.push({ base: after[1], added: after[2] });
  for (const within of [ROTATED_WITHIN.exec(plain), NUMBERED_WITHIN.exec(plain)]) {
    if (within !== null) found.push({ base: within[1] + within[3], added: within[2] });
  }
  return found;
}

/** The paths that this may have had before it was rotated. */
export const baseNames = (path: string): string[] =>
  rotationsOf(basename(path)).map(({ base }) => join(dirname(path), base));

export const isRotated = (name: string, from: string): boolean => rotationsOf(name).some(({ base }) => base === from);

interface Ordered {
  readonly path: string;
  readonly mtimeMs: number;
}

/** Counters are shorter than times. */
const COUNTER_DIGITS_MAX = 5;

/**
 * Newest first. Names say it where they all count (.1 is newer than .2) or all have a time in them: modification times
 * change when a writer has not yet reopened its log, or when a backup is restored. Otherwise modification times say it.
 */
export function newestFirst<T extends Ordered>(files: readonly T[], from: string): T[] {
  const added = new Map(files.map((file) => [file, addedTo(basename(file.path), from)]));
  const numbers = [...added.values()].map((text) => text.replace(/\D/g, ''));
  const byTime = (a: T, b: T): number => b.mtimeMs - a.mtimeMs;
  const number = (file: T): bigint => BigInt(added.get(file)!.replace(/\D/g, '') || '0');
  const up = (a: T, b: T): number => Number(number(a) > number(b)) - Number(number(a) < number(b));
  const plainFirst = (a: T, b: T): number => Number(isPacked(a.path)) - Number(isPacked(b.path));
  if (numbers.every((n) => n.length > COUNTER_DIGITS_MAX))
    return files.toSorted((a, b) => up(b, a) || plainFirst(a, b));
  if (numbers.some((n) => n === '' || n.length > COUNTER_DIGITS_MAX))
    return files.toSorted((a, b) => byTime(a, b) || up(a, b) || plainFirst(a, b));
  const counted = files.toSorted((a, b) => up(a, b) || plainFirst(a, b));
  return counterGrows(counted) ? counted.toSorted((a, b) => up(b, a) || plainFirst(a, b)) : counted;
}

const addedTo = (name: string, from: string): string =>
  rotationsOf(name).find(({ base }) => base === from)?.added ?? '';

/** Some rotators count upwards (log4j2): then every higher number is younger. `counted` is by ascending number. */
function counterGrows(counted: readonly Ordered[]): boolean {
  return counted.length >= 3 && counted.every((file, i) => i === 0 || file.mtimeMs > counted[i - 1].mtimeMs);
}
