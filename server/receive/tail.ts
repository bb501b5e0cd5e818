// `--tail FILE`: follows logs on this machine. The position of each file commits with the counts of its lines, so they
// are exact over a kill at any moment, rotation included; old lines found at the first start are history, counted at
// their own time.
import { follow, type Follow } from './follow.ts';
import type { ReceiverDeps } from './receiver.ts';
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
const RECEIVER = 'tail';

export function tail(
  deps: Pick<ReceiverDeps, 'open' | 'readCursor' | 'now'>,
  { files, from, format, say }: TailOptions,
): Follow {
  const streams = openStreams(deps);
  return follow({
    files,
    from,
    say,
    now: deps.now,
    bufferBytes: BUFFER_BYTES,
    buffers: BUFFERS,
    sink: {
      host: 'local/',
      known: streams.known,
      begin: (log, leftOut, source) => streams.begin(log, leftOut, source, RECEIVER),
      async deliver(piece, source) {
        try {
          return (await streams.take({ ...piece, source, format, receiver: RECEIVER })).end;
        } catch (error) {
          throw Object.assign(new Error(`counting lines of ${source}: ${(error as Error).message}`, { cause: error }), {
            retryAfter: (error as { retryAfter?: number }).retryAfter,
          });
        }
      },
    },
  });
}
