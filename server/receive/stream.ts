// Exactly once for followed files: how far each file has been counted is kept beside the counts and moves in the same
// transaction. A stretch that was counted before is trimmed, one that leaves a gap is answered with the position to go
// back to, so the reader (tail, or `ship` across a network) stores nothing and may die or repeat itself at any moment.
import type { IngestAnswer } from '#shared/api.ts';
import type { ReceiverDeps } from './receiver.ts';
import { keyedLock } from './lock.ts';

/** Which life of an inode this is: inodes are reused, and files truncated and written anew, even with the very same lines. */
export interface Head {
  /** Bytes hashed, from the start of the file. */
  readonly length: number;
  /** Hex. */
  readonly digest: string;
  /** Counts the lives of the inode. */
  readonly run: number;
}

export interface Position {
  readonly head: Head;
  /** Everything before this offset is counted; always the start of a line. */
  readonly end: number;
}

/** Whole lines of one file. */
export interface Stretch {
  /** Host and inode. */
  readonly stream: string;
  readonly head: Head;
  /** A longer head of the same file, now that it has grown; replaces `head`. */
  readonly better?: Head;
  /** [start, end) of the file; starts and ends between lines. */
  readonly start: number;
  readonly end: number;
  /** The bytes of that range. Of another length only when a line was cut or ended: then the stretch counts whole or not at all. */
  readonly bytes: Buffer;
  /** Take `start` as it is for a file seen for the first time (its older lines are not wanted). */
  readonly skipOlder?: boolean;
  readonly source: string;
  readonly format?: string;
  readonly receiver: string;
  readonly userAgent?: string;
}

/** `fivealarm ship` sends everything about a stretch but its bytes in this header, as JSON. */
export const STRETCH_HEADER = 'fivealarm-stretch';
export type StretchHeader = Pick<Stretch, 'stream' | 'head' | 'better' | 'start' | 'end' | 'skipOlder'>;

export interface Taken {
  /** Where to go on from. */
  readonly end: number;
  /** Absent when nothing of the stretch was new, or it left a gap. */
  readonly answer?: IngestAnswer;
}

export interface Streams {
  positions(stream: string): Promise<readonly Position[]>;
  /** Resolves when durable. */
  take(stretch: Stretch): Promise<Taken>;
}

/** An inode is reused after rotation; this many of its lives are remembered, the latest used last. */
const LIVES_MAX = 8;

export function openStreams(deps: Pick<ReceiverDeps, 'open' | 'readCursor'>): Streams {
  const lock = keyedLock();

  async function positions(stream: string): Promise<Position[]> {
    const kept = await deps.readCursor(keyOf(stream));
    return kept === undefined ? [] : (JSON.parse(kept.toString()) as Position[]);
  }

  async function take(stretch: Stretch): Promise<Taken> {
    return lock([stretch.stream], async () => {
      const lives = await positions(stretch.stream);
      const known = lives.find(
        (p) => sameHead(p.head, stretch.head) || (stretch.better !== undefined && sameHead(p.head, stretch.better)),
      );
      const counted = known?.end ?? (stretch.skipOlder ? stretch.start : 0);
      const fresh = freshBytes(stretch, counted);
      const first = known === undefined && stretch.skipOlder;
      if (fresh === undefined && !first) return { end: counted };
      const batch = deps.open({
        source: stretch.source,
        receiver: stretch.receiver,
        userAgent: stretch.userAgent,
        format: stretch.format,
      });
      if (fresh !== undefined) await batch.write(fresh);
      const now = { head: stretch.better ?? stretch.head, end: Math.max(counted, stretch.end) };
      const kept = [...lives.filter((p) => p !== known), now].slice(-LIVES_MAX);
      batch.cursor({ key: keyOf(stretch.stream), value: Buffer.from(JSON.stringify(kept)) });
      return { end: now.end, answer: await batch.commit() };
    });
  }

  return { positions, take };
}

/** What of the stretch lies past `counted`; undefined when nothing does, or when bytes between are missing. */
function freshBytes(stretch: Stretch, counted: number): Buffer | undefined {
  if (stretch.start > counted || stretch.end <= counted) return undefined;
  if (stretch.start === counted) return stretch.bytes;
  return stretch.bytes.length === stretch.end - stretch.start
    ? stretch.bytes.subarray(counted - stretch.start)
    : undefined;
}

export function sameHead(a: Head, b: Head): boolean {
  return a.length === b.length && a.digest === b.digest && a.run === b.run;
}

const keyOf = (stream: string): string => `stream/${stream}`;
