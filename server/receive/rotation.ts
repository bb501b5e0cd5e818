// What of a log was left uncounted when it was rotated while nobody looked: files renamed away, copies that
// copytruncate made, and what became of either when it was compressed or moved to another folder. Told by what they
// hold, for all else changes.
import { dirname } from 'node:path';
import {
  Moved,
  candidateOf,
  continueMoved,
  findUnknown,
  identify,
  isHeld,
  isLife,
  livesOf,
  type Candidate,
  type LookBack,
} from './candidate.ts';
import { FinishedFile } from './finished-file.ts';
import type { Reader } from './follow-sink.ts';
import { LEFT_OUT, type Life } from './life.ts';
import { addRest, claimed } from './rest.ts';
import { SIBLINGS_MAX, siblingsOf } from './siblings.ts';

export interface Found {
  /** Oldest first, each at its first uncounted byte and known to the sink. */
  readonly rest: readonly Reader[];
  /** Rotated files that the sink has to be told of as not wanted. */
  readonly leftOut: readonly Life[];
  /** Somebody followed this log before: what it holds now is new. */
  readonly wasFollowed: boolean;
  /** The life that was begun last is nowhere: it may be just now being copied or compressed. */
  readonly isOwed: boolean;
  /** A copy was found of what is not known yet: should that vanish before it is, the copy is wanted. */
  readonly isUnsure: boolean;
  /** What was looked through. */
  readonly folders: readonly string[];
}

const TRIES_MAX = 5;

/** Throws what the sink does, and leaves nothing open then. */
export async function lookBack(look: LookBack): Promise<Found> {
  for (let tries = 1; ; tries++) {
    try {
      return await lookOnce(look);
    } catch (error) {
      if (!(error instanceof Moved) || tries === TRIES_MAX) throw error;
    }
  }
}

async function lookOnce(look: LookBack): Promise<Found> {
  const { files, left, folders } = await siblingsOf(look.path, look.oldFolders);
  const candidates: Candidate[] = [];
  const rest: Reader[] = [];
  try {
    for (const sibling of files)
      if (sibling.id !== look.current?.id && sibling.size > 0) candidates.push(await candidateOf(sibling, look));
    const lives = await livesOf(look, candidates);
    await identify(candidates, lives, look);
    const isUnsure = await findUnknown(candidates, look);
    await continueMoved(look, lives, candidates);
    const ours = candidates.filter(({ sibling }) => !sibling.isFar || isOurFolder(dirname(sibling.path), candidates));
    const wasFollowed =
      look.known.isFollowed ||
      look.known.positions.length > 0 ||
      ours.some(({ what }) => isLife(what) || what === 'read');
    const missed = wasFollowed && !look.current?.isKnown ? unseen(ours, look) : [];
    if (left > 0 && missed.length === SIBLINGS_MAX)
      look.say(`${left} files that were rotated from ${look.path} before are not read; read them with import`);
    for (const candidate of ours.toReversed()) await addRest(candidate, ours, look, rest);
    for (const candidate of missed.toReversed()) rest.push(await claimed(candidate, look));
    const leftOut = look.known.isFollowed
      ? []
      : ours.filter(
          ({ what, content }) =>
            what === undefined && content !== undefined && !rest.some(({ id }) => id === content.id),
        );
    return {
      rest,
      wasFollowed,
      folders,
      isUnsure,
      leftOut: leftOut.map(({ sibling, content }) => ({
        stream: look.options.sink.host + sibling.inode,
        head: content!.head(LEFT_OUT),
        end: LEFT_OUT,
      })),
      isOwed: lives.length > 0 && !isHeld(lives.at(-1)!, look, candidates),
    };
  } catch (error) {
    for (const reader of rest) await reader.close();
    rest.length = 0;
    throw error;
  } finally {
    for (const { content } of candidates)
      if (content !== undefined && !rest.some((reader) => reader instanceof FinishedFile && reader.content === content))
        await content.close();
  }
}

const isOurFolder = (folder: string, candidates: readonly Candidate[]): boolean =>
  candidates.some(({ sibling, what }) => isLife(what) && dirname(sibling.path) === folder);

/**
 * Those that were rotated after the last one that is known: rotated files go in the order in which they came. Newest
 * first.
 */
function unseen(ours: readonly Candidate[], { say }: LookBack): Candidate[] {
  const known = ours.findIndex(({ what }) => isLife(what) || what === 'read');
  const later = known === -1 ? ours : ours.slice(0, known);
  for (const { sibling, trouble } of later)
    if (trouble !== undefined)
      say(`${sibling.path} cannot be read: ${trouble}. If its lines are missing, read it with import`);
  const fresh = later.filter((candidate) => candidate.what === undefined && !isBeingShredded(candidate, ours));
  // While a file is being compressed it is there twice.
  return fresh.filter(
    ({ content }, i) => !fresh.slice(0, i).some((other) => other.content!.first.equals(content!.first)),
  );
}

/** logrotate's `shred` overwrites a file once it is compressed. */
function isBeingShredded({ sibling, content }: Candidate, ours: readonly Candidate[]): boolean {
  const twin = ours.find((other) => other.sibling.path.startsWith(`${sibling.path}.`));
  return twin?.content !== undefined && twin.content.isReadable && !twin.content.first.equals(content!.first);
}
