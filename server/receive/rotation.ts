// What of a log was left uncounted when it was rotated while nobody looked: files renamed away, copies that copytruncate made, and
// what became of either when it was compressed or moved to another folder. Told by what they hold, for all else changes.
import { dirname } from 'node:path';
import { FinishedFile } from './finished-file.ts';
import { FollowedFile, type FollowedOptions } from './followed-file.ts';
import type { Known, Reader } from './follow-sink.ts';
import { LEFT_OUT, sameLife, type Life } from './life.ts';
import { SIBLINGS_MAX, siblingsOf, type Sibling } from './siblings.ts';
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

/**
 * What a rotated file turned out to hold: a life; `read`, one that is being read already; `copy`, the same as the file at the log's
 * path; `sealed`, what cannot be read here; `broken`, nothing that can be read now; undefined, something unseen.
 */
type What = Life | 'read' | 'copy' | 'sealed' | 'broken' | undefined;

interface Candidate {
  readonly sibling: Sibling;
  readonly content: Unpacked | undefined;
  what: What;
  /** Why it is sealed. */
  readonly trouble?: string;
}

/** The files were rotated once more while we looked at them. */
class Moved extends Error {}
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

const isLife = (what: What): what is Life => typeof what === 'object';

async function candidateOf(sibling: Sibling, look: LookBack): Promise<Candidate> {
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
    return content.packing === 'other'
      ? { sibling, content, what: 'sealed', trouble: 'it is compressed with neither gzip nor zstd' }
      : { sibling, content, what: undefined };
  }
  await content.close();
  throw new Moved(sibling.path);
}

/** What is known of this log. Of one that is followed for the first time its files may be known by themselves. */
async function livesOf(
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
async function identify(
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
async function findUnknown(candidates: readonly Candidate[], { current, readers }: LookBack): Promise<boolean> {
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
async function continueMoved(look: LookBack, lives: readonly Life[], candidates: readonly Candidate[]): Promise<void> {
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

function isHeld(life: Life, { current, readers }: LookBack, candidates: readonly Candidate[]): boolean {
  if (life.done || life.end === LEFT_OUT) return true;
  if (current?.isKnown && sameLife(current.life, life)) return true;
  return (
    readers.some((reader) => sameLife(reader.life, life)) ||
    candidates.some(({ what }) => isLife(what) && sameLife(what, life))
  );
}

const isOurFolder = (folder: string, candidates: readonly Candidate[]): boolean =>
  candidates.some(({ sibling, what }) => isLife(what) && dirname(sibling.path) === folder);

/** Those that were rotated after the last one that is known: rotated files go in the order in which they came. Newest first. */
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
  return twin?.content !== undefined && twin.content.packing !== 'other' && !twin.content.first.equals(content!.first);
}

/** Adds what of this file is uncounted, unless its life is read from elsewhere. */
async function addRest(
  candidate: Candidate,
  ours: readonly Candidate[],
  look: LookBack,
  rest: Reader[],
): Promise<void> {
  const { sibling, content, what } = candidate;
  if (!isLife(what) || content === undefined || what.end === LEFT_OUT) return;
  const { current, readers, options } = look;
  if ((current?.isKnown && sameLife(current.life, what)) || readers.some(({ life }) => sameLife(life, what))) return;
  if (bestHolder(what, ours, options.sink.host) !== candidate) return;
  if (content.packing !== 'none' || what.stream !== options.sink.host + sibling.inode) {
    rest.push(new FinishedFile(content, what, options));
    return;
  }
  // Its writer may not have reopened its log yet.
  if (content.size! <= what.end && (what.done || candidate !== ours[0])) return;
  const file = await openSame(sibling, options);
  file.continueAs(what);
  rest.push(file);
}

/** The file itself rather than a copy, a long copy rather than a short one, and what is not compressed rather than what is. */
function bestHolder(life: Life, ours: readonly Candidate[], host: string): Candidate | undefined {
  const isItself = ({ sibling, content }: Candidate): boolean =>
    content!.packing === 'none' && host + sibling.inode === life.stream;
  const rank = (candidate: Candidate): number => (isItself(candidate) ? Infinity : (candidate.content!.size ?? -1));
  const holders = ours.filter(
    (candidate) => isLife(candidate.what) && candidate.content !== undefined && sameLife(candidate.what, life),
  );
  return holders
    .filter((candidate) => isItself(candidate) || mayHaveMore(candidate.content!, life))
    .sort((a, b) => rank(b) - rank(a))[0];
}

/** zstd may not say how much there is: then it is believed that all was read. */
const mayHaveMore = (content: Unpacked, { end, done }: Life): boolean =>
  !content.endsAt(end) && (content.packing !== 'zstd' || !done);

async function claimed({ sibling, content }: Candidate, look: LookBack): Promise<Reader> {
  const { options } = look;
  const { sink, log } = options;
  const { positions } = await sink.known(sink.host + sibling.inode, log);
  if (content!.packing === 'none') {
    const file = await openSame(sibling, options);
    try {
      await file.findPlace(positions);
      if (!file.isKnown) await file.claim();
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }
  const run = Math.max(-1, ...positions.map(({ head }) => head.run)) + 1;
  const file = new FinishedFile(
    content!,
    { stream: sink.host + sibling.inode, head: content!.head(run), end: 0 },
    options,
  );
  await file.claim();
  return file;
}

async function openSame(sibling: Sibling, options: FollowedOptions): Promise<FollowedFile> {
  const file = await FollowedFile.open(sibling.path, options).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Moved(error.message) : error;
  });
  if (file.id === sibling.id) return file;
  await file.close();
  throw new Moved(sibling.path);
}
