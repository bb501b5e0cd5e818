// `--demo`: sample traffic, labelled as such, so that a newcomer sees the page alive: some hours of history, then the present
// second by second, through the same batches as anyone's lines.
import { setImmediate as immediately } from 'node:timers/promises';
import type { ReceiverDeps } from '../receive/receiver.ts';
import { DEMO_SOURCES, linesOf } from './traffic.ts';

/** Shown on the first page at its longest presets but the day. */
const HISTORY_S = 6 * 3600;
/** One batch of history: short enough that the page answers in between. */
const SLICE_S = 300;

export interface Demo {
  /** Resolves when the history is in. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

export function startDemo(deps: Pick<ReceiverDeps, 'open' | 'now'>, failed: (error: unknown) => void): Demo {
  const startedAt = Math.floor(deps.now() / 1000);
  let next = startedAt - HISTORY_S;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  /** Sends the seconds [next, until). */
  async function send(until: number): Promise<void> {
    for (; next < until && !closed; await immediately()) {
      const end = Math.min(until, next + SLICE_S);
      await Promise.all(
        DEMO_SOURCES.map(async (source) => {
          const lines: string[] = [];
          for (let second = next; second < end; second++) lines.push(...linesOf(source, second, second - startedAt));
          const batch = deps.open({ source, receiver: 'demo', digest: false });
          await batch.write(Buffer.from(lines.join('\n')));
          await batch.commit();
        }),
      );
      next = end;
    }
  }

  const ready = send(startedAt).then(() => {
    // The second that has just ended; after a pause (a suspended laptop) those in between as well.
    const step = () => {
      working = send(Math.floor(deps.now() / 1000))
        .catch(failed)
        .finally(() => {
          if (!closed) timer = setTimeout(step, 1000 - (deps.now() % 1000));
        });
    };
    step();
  });
  ready.catch(failed);
  return {
    ready,
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.allSettled([ready, working]);
    },
  };
}
