// Why a file cannot be read or written, in words instead of the system's codes.
import { userInfo } from 'node:os';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder; name the files in it',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ENOTDIR: 'a part of that path is no folder',
  Z_BUF_ERROR: 'the gzip file breaks off: it was not written, or not copied, to its end',
  Z_DATA_ERROR: 'the gzip file is damaged',
};

export function fileError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return WORDS[code ?? ''] ?? message;
}

/** What the system said of a file that is needed, and what to do. Undefined for what the system did not say. */
export function systemError(error: unknown, dataDir?: string): string | undefined {
  const { code, path = dataDir ?? 'a file', message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `${path}: no permission for ${userName()}. Change its owner or its mode, or run as its owner.`;
    case 'EROFS':
      return `${path} is on a read-only file system. Mount it writable, or use another --data-dir.`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `${path} cannot be a directory: it, or a part of its path, is a file. Use another --data-dir.`;
    case 'EISDIR':
      return `${path} is a directory, but has to be a file.`;
    case 'ENOENT':
      return `${path} does not exist.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk that holds ${path} is full. Free some space, then start again.`;
    case 'EMFILE':
    case 'ENFILE':
      return 'Too many files are open. Raise the limit (`ulimit -n`), then start again.';
    case 'EIO':
      return `${path} cannot be read or written: the disk reports an error. Check the disk.`;
    default:
      return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? `${message}.` : undefined;
  }
}

export function userName(): string {
  try {
    return `the user ${userInfo().username}`;
  } catch {
    return `the user ${process.getuid?.() ?? 'who runs it'}`;
  }
}
