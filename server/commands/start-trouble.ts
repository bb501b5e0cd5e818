// Why a command could not start, as a sentence and what to do: the database, its folder, the address, the files to
// follow.
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { Failure } from '../errors.ts';
import { FormatError } from '../formats/line-reader.ts';
import { targetOf } from '../receive/log-path.ts';
import { StoreBroken } from '../store/store.ts';
import { systemError, userName } from './file-error.ts';

export const databaseIn = (dataDir: string): string => join(resolve(dataDir), 'fivealarm.db');

type Where = Pick<Config, 'dataDir' | 'host' | 'port'>;

/** Undefined for what nobody foresaw. */
export function startTrouble(error: unknown, where: Where): string | undefined {
  if (error instanceof StoreBroken)
    return (error.cause === undefined ? undefined : startTrouble(error.cause, where)) ?? error.message;
  if (error instanceof Failure) return `${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`;
  if (error instanceof FormatError) return `in \`sources\`: ${error.message}`;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return undefined;
  if (code.startsWith('SQLITE_')) return databaseTrouble(error as Error & { code: string }, where.dataDir);
  if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo')
    return addressTrouble(error as NodeJS.ErrnoException, where);
  return systemError(error, where.dataDir);
}

function databaseTrouble({ code, message }: Error & { code: string }, dataDir: string): string {
  const path = databaseIn(dataDir);
  const recover = `Run \`fivealarm recover --data-dir ${quoted(dataDir)}\`: it copies what can be read into a new database and says what is lost.`;
  if (code.startsWith('SQLITE_NOTADB'))
    return `${path} is not a database, or its first page is damaged. ${recover} If it never was one, use another --data-dir.`;
  if (code.startsWith('SQLITE_CORRUPT')) return `${path} is damaged (${message}). ${recover}`;
  if (code.startsWith('SQLITE_IOERR'))
    return `${path} cannot be read or written (${message}, ${code}). Check the disk. ${recover}`;
  if (code.startsWith('SQLITE_FULL')) return `The disk that holds ${path} is full. Free some space, then start again.`;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return `${path} is locked by another program. Close that program, then start again.`;
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code)) return closedTrouble(path, message);
  return `${path} is not a database of Fivealarm (${message}). Use another --data-dir.`;
}

/** It cannot be opened or written; the file system says why. */
function closedTrouble(path: string, message: string): string {
  for (const file of [path, `${path}.lock`, `${path}-wal`, `${path}-shm`]) {
    if (isDirectory(file)) return `${file} is a directory, but has to be a file. Remove it, or use another --data-dir.`;
    const trouble = existsSync(file) ? accessTrouble(file, constants.R_OK | constants.W_OK) : undefined;
    if (trouble !== undefined) return trouble;
  }
  return (
    accessTrouble(dirname(path), constants.R_OK | constants.W_OK | constants.X_OK) ??
    `${path} cannot be opened (${message}). Check its permissions, or use another --data-dir.`
  );
}

function accessTrouble(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return systemError(Object.assign(error as NodeJS.ErrnoException, { path }), path);
  }
}

function addressTrouble(
  { code, message, port }: NodeJS.ErrnoException & { port?: number },
  { host, port: given }: Where,
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `The port is taken: ${message}. Is it running already? Another one is given with --port.`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine. Use another --host; 127.0.0.1 is for this machine alone.`;
    case 'EACCES':
    case 'EPERM':
      return `No permission to listen on port ${port ?? given}: ports below 1024 are for root. Use another --port, with a reverse proxy before it.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host name ${host} is not known. Use an address of this machine as --host.`;
    default:
      return `It cannot listen on ${host}, port ${port ?? given}: ${message}. Use another --host or --port.`;
  }
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/**
 * A file to follow that is there but cannot be read; what is not there yet may come. Globs are looked at while they are
 * followed.
 */
export function followTrouble(files: readonly string[]): string | undefined {
  for (const given of files) {
    const { pattern, isGlob } = targetOf(given, undefined);
    if (isGlob) continue;
    try {
      if (isDirectory(pattern))
        return `${pattern} is a directory, not a log file. Name the files in it, such as ${join(pattern, '*.log')}.`;
      accessSync(pattern, constants.R_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      if (code === 'EACCES' || code === 'EPERM')
        return `${pattern} cannot be read: no permission for ${userName()}. Add that user to the file's group (often adm), then start again.`;
      return `${pattern} cannot be read: ${(error as Error).message}.`;
    }
  }
  return undefined;
}

/** For settings: undefined when there is no such file. Throws what reading throws. */
export function textIfThere(path: string): string | undefined {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}

/** As a shell takes it. */
const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
