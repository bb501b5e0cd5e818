// Exactly once for followed files: how far each file has been counted is kept beside the counts and moves in the same
// transaction. A stretch that was counted before is trimmed, one that leaves a gap is answered with the position to go
// back to, so the reader (tail, or `ship` across a network) stores nothing and may die or repeat itself at any moment.
import type { IngestAnswer } from '#shared/api.ts';
import type { Known } from './follow-sink.ts';
import { sameHead, sameLife, type Head, type Life, type Mark, type Position } from './life.ts';
import { keyedLock } from './lock.ts';
import type { ReceiverDeps } from './receiver.ts';

/** Whole lines of one file. */
export interface Stretch {
  /** Host and inode. */
  readonly stream: string;
  /** Host and path: the log of which this is one life. Older forwarders do not say. */
  readonly log?: string;
  readonly head: Head;
  /** A longer head of the same file, now that it has grown; replaces `head`. */
  readonly better?: Head;
  /** [start, end) of the file; starts and ends between lines. */
  readonly start: number;
  readonly end: number;
  /**
   * The bytes of that range. Of another length only when a line was cut or ended: then the stretch counts whole or not
   * at all.
   */
  readonly bytes: Buffer;
  /** Of the bytes before `end`. */
  readonly mark?: Mark;
  /** Take `start` as it is for a file seen for the first time (its older lines are not wanted). */
  readonly skipOlder?: boolean;
  /** Nothing follows. */
  readonly done?: boolean;
  readonly source: string;
  readonly format?: string;
  readonly receiver: string;
  readonly userAgent?: string;
}

/** `fivealarm ship` sends everything about a stretch but its bytes in this header, as JSON. */
export const STRETCH_HEADER = 'fivealarm-stretch';
/** With `begin`, the body holds the lives of the log that are to be left out. */
export type StretchHeader = Pick<
  Stretch,
  'stream' | 'log' | 'head' | 'better' | 'start' | 'end' | 'mark' | 'skipOlder' | 'done'
> & { readonly begin?: boolean };

export interface Taken {
  /** Where to go on from. */
  readonly end: number;
  /** Absent when nothing of the stretch was new, or it left a gap. */
  readonly answer?: IngestAnswer;
}

export interface Streams {
  known(stream: string, log: string | undefined): Promise<Known>;
  begin(log: string, leftOut: readonly Life[], source: string, receiver: string): Promise<void>;
  /** Resolves when durable. */
  take(stretch: Stretch): Promise<Taken>;
}

/**
 * What is kept of a log: its files in the order in which they were begun, and lives that their own files have no room
 * for.
 */
interface Log {
  readonly streams: readonly string[];
  readonly past: readonly Life[];
}

/** An inode is reused after rotation; this many of its lives are kept with it, the latest used last. */
const LIVES_MAX = 8;
/** Of each log: as many rotated files as are ever looked at (siblings.ts). */
const STREAMS_MAX = 64;
const PAST_MAX = 64;
/** A copy may be shorter than what was counted when it was made: one of the last few marks lies within it. */
const MARKS_MAX = 4;

const NO_LOG: Log = { streams: [], past: [] };

export function openStreams(deps: Pick<ReceiverDeps, 'open' | 'readCursor'>): Streams {
  const lock = keyedLock();

  async function read<T>(key: string): Promise<T | undefined> {
    const kept = await deps.readCursor(key);
    return kept === undefined ? undefined : (JSON.parse(kept.toString()) as T);
  }
  const positionsOf = async (stream: string): Promise<Position[]> => (await read<Position[]>(keyOf(stream))) ?? [];

  async function known(stream: string, log: string | undefined): Promise<Known> {
    const positions = await positionsOf(stream);
    const kept = log === undefined ? undefined : await read<Log>(logKeyOf(log));
    const lives = [...(kept?.past ?? [])];
    const streams = kept?.streams ?? [];
    for (const name of streams.includes(stream) ? streams : [...streams, stream]) {
      const its = name === stream ? positions : await positionsOf(name);
      lives.push(...its.toSorted((a, b) => a.head.run - b.head.run).map((position) => ({ stream: name, ...position })));
    }
    return { positions, isFollowed: kept !== undefined, lives };
  }

  async function begin(log: string, leftOut: readonly Life[], source: string, receiver: string): Promise<void> {
    await lock([logKeyOf(log)], async () => {
      const { streams, past } = (await read<Log>(logKeyOf(log))) ?? NO_LOG;
      const added = leftOut.filter((life) => !past.some((other) => sameLife(other, life)));
      const batch = deps.open({ source, receiver, digest: false });
      batch.cursor(cursorOf(logKeyOf(log), { streams, past: [...past, ...added].slice(-PAST_MAX) }));
      await batch.commit();
    });
  }

  async function take(stretch: Stretch): Promise<Taken> {
    return lock([stretch.stream, ...(stretch.log === undefined ? [] : [logKeyOf(stretch.log)])], async () => {
      const lives = await positionsOf(stretch.stream);
      const log = stretch.log === undefined ? undefined : ((await read<Log>(logKeyOf(stretch.log))) ?? NO_LOG);
      const isIt = ({ head }: Position): boolean =>
        sameHead(head, stretch.head) || (stretch.better !== undefined && sameHead(head, stretch.better));
      const past = log?.past.find((life) => life.stream === stretch.stream && isIt(life));
      const before = lives.find(isIt) ?? past;
      const counted = before?.end ?? (stretch.skipOlder ? stretch.start : 0);
      const fresh = freshBytes(stretch, counted);
      const isSaid = before === undefined ? stretch.skipOlder : stretch.done && !before.done && stretch.end === counted;
      if (fresh === undefined && !isSaid) return { end: counted };

      const batch = deps.open({
        source: stretch.source,
        receiver: stretch.receiver,
        userAgent: stretch.userAgent,
        format: stretch.format,
        digest: false,
      });
      if (fresh !== undefined) await batch.write(fresh);
      const now = positionAfter(stretch, before);
      if (log !== undefined && before !== undefined && before === past) {
        batch.cursor(
          cursorOf(logKeyOf(stretch.log!), {
            ...log,
            past: log.past.map((life) => (life === past ? { stream: life.stream, ...now } : life)),
          }),
        );
      } else {
        const kept = [...lives.filter((life) => life !== before), now];
        batch.cursor(cursorOf(keyOf(stretch.stream), kept.slice(-LIVES_MAX)));
        if (log !== undefined && before === undefined)
          batch.cursor(cursorOf(logKeyOf(stretch.log!), logWith(log, stretch.stream, kept.slice(0, -LIVES_MAX))));
      }
      return { end: now.end, answer: await batch.commit() };
    });
  }

  return { known, begin, take };
}

function positionAfter({ head, better, end, mark, done }: Stretch, before: Position | undefined): Position {
  const older = (before?.marks ?? []).filter(({ at }) => at < end);
  const marks = mark !== undefined && mark.at === end && end > 0 ? [...older, mark] : (before?.marks ?? []);
  const heads = [better ?? head, ...(before === undefined ? [] : [before.head])];
  const longest = heads.reduce((a, b) => (b.length > a.length ? b : a));
  return { head: longest, end, marks: marks.slice(-MARKS_MAX), ...(done ? { done } : {}) };
}

/** A new life of this stream has begun; `gone` are lives that it has no more room for. */
function logWith({ streams, past }: Log, stream: string, gone: readonly Position[]): Log {
  return {
    streams: [...streams.filter((other) => other !== stream), stream].slice(-STREAMS_MAX),
    past: [...past, ...gone.map((position) => ({ stream, ...position }))].slice(-PAST_MAX),
  };
}

/** What of the stretch lies past `counted`; undefined when nothing does, or when bytes between are missing. */
function freshBytes(stretch: Stretch, counted: number): Buffer | undefined {
  if (stretch.start > counted || stretch.end <= counted) return undefined;
  if (stretch.start === counted) return stretch.bytes;
  return stretch.bytes.length === stretch.end - stretch.start
    ? stretch.bytes.subarray(counted - stretch.start)
    : undefined;
}

const cursorOf = (key: string, value: unknown): { key: string; value: Buffer } => ({
  key,
  value: Buffer.from(JSON.stringify(value)),
});
const keyOf = (stream: string): string => `stream/${stream}`;
const logKeyOf = (log: string): string => `log/${log}`;
