// What of a rotated file is uncounted, as a reader at its first uncounted byte.
import { Moved, isLife, type Candidate, type LookBack } from './candidate.ts';
import { FinishedFile } from './finished-file.ts';
import { FollowedFile, type FollowedOptions } from './followed-file.ts';
import type { Reader } from './follow-sink.ts';
import { LEFT_OUT, sameLife, type Life } from './life.ts';
import type { Sibling } from './siblings.ts';
import type { Unpacked } from './unpacked.ts';

/** Adds what of this file is uncounted, unless its life is read from elsewhere. */
export async function addRest(
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

/**
 * The file itself rather than a copy, a long copy rather than a short one, and what is not compressed rather than what
 * is.
 */
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

/** What nobody has seen, made known to the sink. */
export async function claimed({ sibling, content }: Candidate, look: LookBack): Promise<Reader> {
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
