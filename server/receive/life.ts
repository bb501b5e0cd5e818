// What a file holds is known by fingerprints of a few of its bytes: a rotation changes names, inodes and times, but not the bytes.
// The content that a file has from its creation (or from a truncation) to the next truncation is one life.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** How many bytes a fingerprint covers. */
export const PRINT_BYTES = 1024;

/** How a life begins. */
export interface Head {
  /** Bytes hashed, from the start of the file; fewer than PRINT_BYTES only while the file is that short. */
  readonly length: number;
  /** Hex. */
  readonly digest: string;
  /** Counts the lives of the inode: a file may be truncated and written anew with the very same lines. */
  readonly run: number;
}

/** The bytes just before an offset. */
export interface Mark {
  readonly at: number;
  /** Hex, of up to PRINT_BYTES bytes. */
  readonly digest: string;
}

export interface Position {
  readonly head: Head;
  /** Everything before this offset is counted; always the start of a line. */
  readonly end: number;
  /** Of the last few places that were counted up to, the newest last. Absent in what older versions stored. */
  readonly marks?: readonly Mark[];
  /** It was read to its end after it was rotated away: there is no need to unpack a compressed copy of it to look for more. */
  readonly done?: boolean;
}

/** With the host and inode it was read from. */
export interface Life extends Position {
  readonly stream: string;
}

/** The end of a life that is not to be counted at all. */
export const LEFT_OUT = Number.MAX_SAFE_INTEGER;

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/** `bytes` are those before `at`: PRINT_BYTES of them, or all there are. */
export const markOf = (bytes: Buffer, at: number): Mark => ({
  at,
  digest: digestOf(bytes.subarray(Math.max(0, bytes.length - PRINT_BYTES))),
});

export async function headOf(file: FileHandle, length: number, run: number): Promise<Head> {
  const bytes = await readAt(file, 0, length);
  return { length: bytes.length, digest: digestOf(bytes), run };
}

export async function markAt(file: FileHandle, at: number): Promise<Mark> {
  const from = Math.max(0, at - PRINT_BYTES);
  return markOf(await readAt(file, from, at - from), at);
}

async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}

/** Does this file hold that life? As far as its marks can be seen: a copy may end before the last of them. */
export async function holds(file: FileHandle, size: number, life: Position): Promise<boolean> {
  if (life.head.length === 0 || life.head.length > size) return false;
  if ((await headOf(file, life.head.length, life.head.run)).digest !== life.head.digest) return false;
  for (const mark of life.marks ?? []) {
    if (mark.at <= size && (await markAt(file, mark.at)).digest !== mark.digest) return false;
  }
  return true;
}

export const sameHead = (a: Head, b: Head): boolean =>
  a.length === b.length && a.digest === b.digest && a.run === b.run;

export const sameLife = (a: Life, b: Life): boolean => a.stream === b.stream && a.head.run === b.head.run;
