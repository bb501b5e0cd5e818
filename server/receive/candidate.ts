// The files that were rotated from a log, and what each turns out to hold.
import { FollowedFile, type FollowedOptions } from './followed-file.ts';
import type { Known, Reader } from './follow-sink.ts';
import { LEFT_OUT, sameLife, type Life } from './life.ts';
import type { Sibling } from './siblings.ts';
import { Unpacked } from './unpacked.ts';

export interface LookBack {
  readonly path: string;
  /** What is at the log's path, when anything is. Its place is found, but it is not read meanwhile. */
  readonly current: FollowedFile | undefined;
  readonly known: Known;
  readonly options: FollowedOptions;
  /** Folders that files of this log were seen to be moved to. */
  readonly oldFolders: ReadonlySet<string>;
  /** What of the log is being read already. */
  readonly readers: readonly Reader[];
  /** Is the file with this device and inode being read, as whatever log? */
  isRead(id: string): boolean;
  say(message: string): void;
}

/**
 * What a rotated file turned out to hold: a life; `read`, one that is being read already; `copy`, the same as the file
 * at the log's path; `sealed`, what cannot be read here; `broken`, nothing that can be read now; undefined, something
 * unseen.
 */
export type What = Life | 'read' | 'copy' | 'sealed' | 'broken' | undefined;

export interface Candidate {
  readonly sibling: Sibling;
  readonly content: Unpacked | undefined;
  what: What;
  /** Why it is sealed. */
  readonly trouble?: string;
}

/** The files were rotated once more while we looked at them. */
export class Moved extends Error {}

export const isLife = (what: What): what is Life => typeof what === 'object';

export async function candidateOf(sibling: Sibling, look: LookBack): Promise<Candidate> {
  if (look.isRead(sibling.id)) return { sibling, content: undefined, what: 'read' };
  let content: Unpacked;
  try {
    content = await Unpacked.open(sibling.path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Moved(message);
    if (code === 'EACCES') return { sibling, content: undefined, what: 'sealed', trouble: 'no permission' };
    return { sibling, content: undefined, what: 'broken' };
  }
  if (content.id === sibling.id) {
    return !content.isReadable
      ? { sibling, content, what: 'sealed', trouble: 'it is compressed with neither gzip nor zstd' }
      : { sibling, content, what: undefined };
  }
  await content.close();
  throw new Moved(sibling.path);
}

/** What is known of this log. Of one that is followed for the first time its files may be known by themselves. */
export async function livesOf(
  { known, readers, options: { sink, log } }: LookBack,
  candidates: readonly Candidate[],
): Promise<readonly Life[]> {
  const lives = [...known.lives];
  if (!known.isFollowed) {
    for (const { sibling } of candidates) {
      const stream = sink.host + sibling.inode;
      for (const position of (await sink.known(stream, log)).positions) lives.unshift({ stream, ...position });
    }
  }
  // Those that are being read have gone on since.
  for (const { life } of readers) {
    const i = lives.findIndex((other) => sameLife(other, life));
    if (i !== -1) lives[i] = life;
    else if (life.end > 0) lives.push(life);
  }
  return lives;
}

/** Each life to one file first: the very same lines may have been written twice. */
export async function identify(
  candidates: readonly Candidate[],
  lives: readonly Life[],
  { options: { sink } }: LookBack,
): Promise<void> {
  const taken = new Set<Life>();
  for (const candidate of candidates) {
    const { sibling, content } = candidate;
    if (content === undefined || candidate.what !== undefined) continue;
    let held: Life[];
    try {
      held = await content.which(lives);
    } catch {
      candidate.what = 'broken';
      continue;
    }
    const rank = (life: Life): number =>
      (life.stream === sink.host + sibling.inode ? 2 : 0) + (taken.has(life) ? 0 : 1);
    const [best] = held.sort((a, b) => rank(b) - rank(a) || counted(b) - counted(a));
    candidate.what = best;
    if (best !== undefined) taken.add(best);
  }
}

/** Copies of what is followed, but of which nobody knew anything when we asked. True if there are any. */
export async function findUnknown(candidates: readonly Candidate[], { current, readers }: LookBack): Promise<boolean> {
  const files = [current, ...readers].filter((reader) => reader instanceof FollowedFile);
  let isAny = false;
  for (const candidate of candidates) {
    if (candidate.what !== undefined) continue;
    for (const file of files) {
      if (!(await file.beginsLike(candidate.content!.first))) continue;
      // What was never looked at says nothing about the age of others.
      candidate.what = file === current ? 'copy' : 'read';
      isAny = true;
    }
  }
  return isAny;
}

const counted = ({ end }: Life): number => (end === LEFT_OUT ? -1 : end);

/** The log is a new file with content that was read from another, which is gone. */
export async function continueMoved(
  look: LookBack,
  lives: readonly Life[],
  candidates: readonly Candidate[],
): Promise<void> {
  const { current } = look;
  if (current === undefined || current.isKnown) return;
  const size = await current.size();
  for (const life of lives.toReversed()) {
    if (
      life.stream === current.stream ||
      life.end > size ||
      isHeld(life, look, candidates) ||
      !(await current.holds(life))
    )
      continue;
    return current.continueAs(life);
  }
}

export function isHeld(life: Life, { current, readers }: LookBack, candidates: readonly Candidate[]): boolean {
  if (life.done || life.end === LEFT_OUT) return true;
  if (current?.isKnown && sameLife(current.life, life)) return true;
  return (
    readers.some((reader) => sameLife(reader.life, life)) ||
    candidates.some(({ what }) => isLife(what) && sameLife(what, life))
  );
}
