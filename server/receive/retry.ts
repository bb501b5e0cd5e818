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

/** Rejects only when the signal aborts. An error's `retryAfter` (seconds) is the least wait. */
export async function retrying<T>(
  work: () => Promise<T>,
  { signal, failed, random = Math.random }: RetryOptions,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const { retryAfter = 0 } = error as { retryAfter?: number };
      const waitMs = Math.round(
        Math.min(retryAfter, 300) * 1000 + random() * Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempt, 20)),
      );
      failed(error as Error, waitMs);
      await sleep(waitMs, undefined, { signal });
    }
  }
}
