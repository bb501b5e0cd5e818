// Where followed lines go: the store here (tail), or a server across a network (ship). It also remembers what was read
// before.
import type { Head, Life, Mark, Position } from './life.ts';

/** What `deliver` is given: see Stretch. */
export interface Piece {
  readonly stream: string;
  readonly log: string;
  readonly head: Head;
  readonly better?: Head;
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  readonly mark?: Mark;
  readonly skipOlder?: boolean;
  readonly done?: boolean;
}

export interface Known {
  /** The lives of the stream, the latest used last. */
  readonly positions: readonly Position[];
  /** Somebody followed this log before: what is new in it is to be counted. */
  readonly isFollowed: boolean;
  /** The lives of the log, those of the stream included, the latest begun last. */
  readonly lives: readonly Life[];
}

/** Everything rejects when the other side cannot be asked, or refuses: it may be asked again. */
export interface FollowSink {
  /** What the names of streams and logs of this machine begin with. */
  readonly host: string;
  /** How far each life of a file and of a log is counted. */
  known(stream: string, log: string): Promise<Known>;
  /** This log is followed from now on; these lives of it are not to be counted. */
  begin(log: string, leftOut: readonly Life[], source: string): Promise<void>;
  /** Resolves with the position to go on from, once durable. */
  deliver(piece: Piece, source: string): Promise<number>;
}

/**
 * `more`: read on at once. `end`: nothing left. `tail`: only an unfinished line is left. `replaced`: the bytes that
 * were counted are gone.
 */
export type Step = 'more' | 'end' | 'tail' | 'replaced';

export interface Reader {
  readonly path: string;
  /** Device and inode. */
  readonly id: string;
  readonly source: string;
  /** The life that is being read, as far as it is counted. */
  readonly life: Life;
  /**
   * Reads and delivers at most one buffer of whole lines. `finish`: the writer has gone, an unfinished last line is a
   * line.
   */
  step(buffer: Buffer, finish: boolean): Promise<Step>;
  close(): Promise<void>;
}

/**
 * What is sent of a line longer than a buffer: enough that the reader sees a line past its limit (64 KiB) and counts
 * it.
 */
export const LONG_LINE_SENT = 64 * 1024 + 1;
export const NOTHING = Buffer.alloc(0);
