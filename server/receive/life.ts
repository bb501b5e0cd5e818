// What a file holds is known by fingerprints of a few of its bytes: a rotation changes names, inodes and times, but not
// the bytes. The content that a file has from its creation (or from a truncation) to the next truncation is one life.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { ASCII } from '../core/ascii.ts';

const { LF } = ASCII;

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
  /**
   * Where its first lines end, with a short digest of all before: a copy may be shorter than the head that was read
   * later.
   */
  readonly lines?: readonly (readonly [end: number, digest: string])[];
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
  /**
   * It was read to its end after it was rotated away: there is no need to unpack a compressed copy of it to look for
   * more.
   */
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

const LINES_MAX = 16;
const LINE_DIGEST_LENGTH = 8;

export function headWith(bytes: Buffer, run: number): Head {
  const lines: [number, string][] = [];
  for (let end = bytes.indexOf(LF) + 1; end > 0 && lines.length < LINES_MAX; end = bytes.indexOf(LF, end) + 1) {
    lines.push([end, digestOf(bytes.subarray(0, end)).slice(0, LINE_DIGEST_LENGTH)]);
  }
  return { length: bytes.length, digest: digestOf(bytes), run, lines };
}

export const headOf = async (file: FileHandle, length: number, run: number): Promise<Head> =>
  headWith(await readAt(file, 0, length), run);

/**
 * Does content that begins with these bytes, PRINT_BYTES or all there are, begin like that life, or is it its
 * beginning?
 */
export function beginsLike(first: Buffer, { head }: Position): boolean {
  if (head.length === 0) return false;
  if (head.length <= first.length) return digestOf(first.subarray(0, head.length)) === head.digest;
  const line = head.lines?.findLast(([end]) => end <= first.length);
  return line !== undefined && digestOf(first.subarray(0, line[0])).startsWith(line[1]);
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
  if (!beginsLike(await readAt(file, 0, PRINT_BYTES), life)) return false;
  for (const mark of life.marks ?? []) {
    if (mark.at <= size && (await markAt(file, mark.at)).digest !== mark.digest) return false;
  }
  return true;
}

/**
 * Of one life: the same head, or one of them was read when the file was shorter. A request that a network repeats late
 * still has the head of its time.
 */
export function sameHead(a: Head, b: Head): boolean {
  if (a.run !== b.run) return false;
  if (a.length === b.length) return a.digest === b.digest;
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  const last = shorter.lines?.at(-1);
  return last !== undefined && (longer.lines ?? []).some(([end, digest]) => end === last[0] && digest === last[1]);
}

export const sameLife = (a: Life, b: Life): boolean => a.stream === b.stream && a.head.run === b.head.run;
