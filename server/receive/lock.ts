// Work on the same key runs one after another, in the order asked for: read a position, count, commit, next.

export type KeyedLock = <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;

export function keyedLock(): KeyedLock {
  const tails = new Map<string, Promise<void>>();
  return async (keys, work) => {
    // All keys are queued for in one go, so two callers that share several keys can never wait for each other.
    const before = keys.flatMap((key) => tails.get(key) ?? []);
    let free!: () => void;
    const done = new Promise<void>((resolve) => (free = resolve));
    for (const key of keys) tails.set(key, done);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      for (const key of keys) if (tails.get(key) === done) tails.delete(key);
      free();
    }
  };
}
