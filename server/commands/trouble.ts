// Why a file cannot be read, in words instead of the system's codes.

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder; name the files in it',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ENOTDIR: 'a part of that path is no folder',
  Z_BUF_ERROR: 'the gzip file breaks off: it was not written, or not copied, to its end',
  Z_DATA_ERROR: 'the gzip file is damaged',
};

export function trouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return WORDS[code ?? ''] ?? message;
}
