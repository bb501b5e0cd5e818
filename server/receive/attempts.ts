// Work that may fail and is then tried again after a while, without keeping anything else waiting.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FollowSink } from './follow-sink.ts';
import { waitAfter } from './retry.ts';

/** Something that is tried again when it fails. */
export interface Trial {
  /**
   * In a row, of the other side. What is wrong with a file on this machine does not count: who waits for all to be read
   * would wait for ever.
   */
  failures: number;
  isWaiting: boolean;
}

/** The other side could not be asked, or refused. */
class Refused extends Error {}

/** The same trouble is told again after this. */
const TOLD_MS = 30_000;
const TOLD_MAX = 1000;

export interface AttemptsOptions {
  readonly signal: AbortSignal;
  now(): number;
  say(message: string): void;
  /** A trial may begin again. */
  wake(): void;
}

export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #working = new Set<Promise<void>>();
  /** When each trouble was last told of. */
  readonly #told = new Map<string, number>();

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Resolves when what is being done now is over. */
  async all(): Promise<void> {
    await Promise.all(this.#working);
  }

  /**
   * Does a piece of work; when it fails, it is said, and the trial waits. Resolves to what went wrong here, unless the
   * other side did.
   */
  async work(trial: Trial, what: string, work: () => Promise<void>): Promise<Error | undefined> {
    let broken: Error | undefined;
    const working = work().then(
      () => {
        trial.failures = 0;
      },
      (error: Error) => {
        if (this.#options.signal.aborted) return;
        if (!(error instanceof Refused)) broken = error;
        this.#failed(trial, what, error);
      },
    );
    this.#working.add(working);
    await working;
    this.#working.delete(working);
    return broken;
  }

  #failed(trial: Trial, what: string, error: Error): void {
    const isRefused = error instanceof Refused;
    const waitMs = waitAfter(isRefused ? ++trial.failures : 1, error.cause ?? error);
    if (isRefused) this.tell(error.message, `; again in ${(waitMs / 1000).toFixed(1)} s`);
    else this.tell(`${what}: ${error.message}`);
    trial.isWaiting = true;
    void this.pause(waitMs).then(() => {
      trial.isWaiting = false;
      this.#options.wake();
    });
  }

  /** What is tried again and again fails again and again: once in a while is enough. */
  tell(message: string, more = ''): void {
    const now = this.#options.now();
    if (Math.abs(now - (this.#told.get(message) ?? -Infinity)) < TOLD_MS) return;
    if (this.#told.size > TOLD_MAX) this.#told.clear();
    this.#told.set(message, now);
    this.#options.say(message + more);
  }

  /** Over at once when everything is. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#options.signal }).catch(() => {});
  }
}

/** What goes wrong with the sink is told apart from what goes wrong with files. */
export function refusing(sink: FollowSink): FollowSink {
  const attempt = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: Error) => {
      throw new Refused(error.message, { cause: error });
    });
  return {
    host: sink.host,
    known: (...given) => attempt(sink.known(...given)),
    begin: (...given) => attempt(sink.begin(...given)),
    deliver: (...given) => attempt(sink.deliver(...given)),
  };
}
