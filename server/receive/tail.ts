// `--tail FILE`: follows logs on this machine. The position of each file commits with the counts of its lines, so they are
// exact over a kill at any moment, rotation included; old lines found at the first start are history, counted at their own time.
import { follow, type Follow } from './follow.ts';
import type { ReceiverDeps } from './receiver.ts';
import { retrying } from './retry.ts';
import { openStreams } from './stream.ts';

export interface TailOptions {
  /** Files or globs, each optionally as SOURCE=FILE. */
  readonly files: readonly string[];
  readonly from: 'start' | 'end';
  readonly format?: string;
  say(message: string): void;
}

/** One commit (some 20–50 ms) takes at most this much of a file: 4 MiB keeps a backlog flowing at ≥ 100 MB/s. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** Reading and counting happen on one thread; a second buffer is read while the first commits. */
const BUFFERS = 2;

export function tail(deps: Pick<ReceiverDeps, 'open' | 'readCursor'>, options: TailOptions): Follow {
  const streams = openStreams(deps);
  const closing = new AbortController();
  const streamOf = (inode: string): string => `local/${inode}`;
  const following = follow({
    files: options.files,
    from: options.from,
    bufferBytes: BUFFER_BYTES,
    buffers: BUFFERS,
    say: options.say,
    sink: {
      positions: (inode) => streams.positions(streamOf(inode)),
      deliver: (piece, source) =>
        retrying(
          async () =>
            (
              await streams.take({
                ...piece,
                stream: streamOf(piece.inode),
                source,
                format: options.format,
                receiver: 'tail',
              })
            ).end,
          {
            signal: closing.signal,
            failed: (error, waitMs) =>
              options.say(`counting lines of ${source}: ${error.message} (again in ${waitMs} ms)`),
          },
        ),
    },
  });
  return {
    settled: following.settled,
    async close() {
      closing.abort();
      await following.close();
    },
  };
}
