// What of a log was left uncounted when it was rotated while nobody looked: files renamed away, and the copies that copytruncate
// makes. Told by what the sink knows of their inodes and first bytes, for nothing is stored here.
import { open } from 'node:fs/promises';
import { FollowedFile, headOf, type FollowSink } from './followed-file.ts';
import { rotatedFrom, type Rotated } from './log-path.ts';
import type { Position } from './stream.ts';

export interface Leftovers {
  /** Somebody followed this log before: what it holds now is new. */
  readonly followedBefore: boolean;
  /** Oldest first, each open at its first uncounted byte. A copy is read to its end, a renamed file may still grow. */
  readonly rest: readonly { readonly file: FollowedFile; readonly isCopy: boolean }[];
}

interface Candidate {
  readonly sibling: Rotated;
  readonly file: FollowedFile;
  copyOf?: { file: FollowedFile; life: Position };
}

/** `isFollowed` tells which inodes are being read already. */
export async function leftovers(
  log: FollowedFile,
  sink: FollowSink,
  isFollowed: (inode: string) => boolean,
): Promise<Leftovers> {
  const candidates: Candidate[] = [];
  let followedSince = Infinity;
  for (const sibling of await rotatedFrom(log.path)) {
    if (isFollowed(String(sibling.ino))) followedSince = Math.min(followedSince, sibling.mtimeMs);
    if (isFollowed(String(sibling.ino)) || String(sibling.ino) === log.inode) continue;
    const file = await FollowedFile.open(sibling.path, log.source, sink).catch(() => undefined);
    if (file !== undefined) candidates.unshift({ sibling, file });
  }
  for (const candidate of candidates) {
    const others = [log, ...candidates.filter((other) => other !== candidate).map(({ file }) => file)];
    candidate.copyOf = await originalOf(candidate.sibling.path, others);
    if (candidate.copyOf !== undefined || candidate.file.lives.length > 0)
      followedSince = Math.min(followedSince, candidate.sibling.mtimeMs);
  }
  const rest: { file: FollowedFile; isCopy: boolean }[] = [];
  for (const { sibling, file, copyOf } of candidates) {
    // One that nobody saw is wanted only if it came after one that was followed, and before the log as it is now.
    const isWanted =
      copyOf === undefined && (file.lives.length > 0 || (!log.isKnown && sibling.mtimeMs >= followedSince));
    if (isWanted && file.offset < (await file.size())) {
      rest.push({ file, isCopy: false });
      continue;
    }
    await file.close();
    const copy = copyOf === undefined ? undefined : await FollowedFile.openCopy(sibling.path, copyOf.file, copyOf.life);
    if (copy !== undefined) rest.push({ file: copy, isCopy: true });
  }
  return { followedBefore: followedSince < Infinity || log.lives.length > 0, rest };
}

async function originalOf(
  path: string,
  files: readonly FollowedFile[],
): Promise<{ file: FollowedFile; life: Position } | undefined> {
  for (const file of files) {
    const life = await lifeOf(file.lives, path);
    if (life !== undefined) return { file, life };
  }
  return undefined;
}

/** The one of these lives that the file at `path` begins like, the latest first. */
export async function lifeOf(lives: readonly Position[], path: string): Promise<Position | undefined> {
  if (lives.length === 0) return undefined;
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    for (const life of lives.toReversed()) {
      const head = await headOf(file, life.head.length, life.head.run);
      if (head.length > 0 && head.length === life.head.length && head.digest === life.head.digest) return life;
    }
    return undefined;
  } finally {
    await file.close();
  }
}
