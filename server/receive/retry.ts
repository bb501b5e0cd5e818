// Try again until it works: exponential backoff with full jitter, never sooner than the other side asked for.
import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Told once per failure, with the wait that follows. */
  failed(error: Error, waitMs: number): void;
  random?(): number;
}

const FIRST_MS = 200;
const LAST_MS = 30_000;

/** How long to wait after this many failures in a row. An error's `retryAfter` (seconds) is the least wait. */
export function waitAfter(failures: number, error: unknown, random: () => number = Math.random): number {
  const { retryAfter = 0 } = error as { retryAfter?: number };
  return Math.round(
    Math.min(retryAfter, 300) * 1000 + random() * Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20)),
  );
}

/** Rejects only when the signal aborts. */
export async function retrying<T>(work: () => Promise<T>, { signal, failed, random }: RetryOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const waitMs = waitAfter(failures, error, random);
      failed(error as Error, waitMs);
      await sleep(waitMs, undefined, { signal });
    }
  }
}
