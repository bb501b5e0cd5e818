// Work that repeats, one run after another: a slow run delays the next instead of overlapping it.

export interface Repeating {
  /** Resolves when the run in hand, if any, is over. */
  close(): Promise<void>;
}

export function every(ms: number, work: () => Promise<void> | void, failed: (error: unknown) => void): Repeating {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= (async () => work())()
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
  }, ms);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
