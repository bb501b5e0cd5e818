// Is there room on the disk? A write that fails says so; so does the file system, before one fails.
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { errors, Failure } from '../../errors.ts';
import type { StoreTrouble } from '../store.ts';

const MIB = 1024 * 1024;
/** Less than a large commit and the checkpoint after it may take. */
const LOW_BYTES = 2 * MIB;

export class Disk {
  readonly #folder: string | undefined;
  /** The write that failed first since one succeeded, and when; server time, ms. */
  #failed: { at: number; failure: Failure } | undefined;
  #lowSince: number | undefined;

  /** Of the folder that holds `path`; none for a database in memory. */
  constructor(path: string) {
    this.#folder = path === ':memory:' ? undefined : dirname(path);
  }

  /** A write failed, for want of room or otherwise. */
  failed(error: unknown, at: number): void {
    if (error instanceof Failure) this.#failed = { at: this.#failed?.at ?? at, failure: error };
  }

  /** What a sender brought is written. */
  wrote(): void {
    this.#failed = undefined;
  }

  /** A small write that succeeds proves that there is room again only where more than a page of it is free. */
  probed(): void {
    if (!this.low) this.wrote();
  }

  /** The last write failed: it should be tried whether the next succeeds. */
  get failing(): boolean {
    return this.#failed !== undefined;
  }

  get low(): boolean {
    return (this.#free() ?? Infinity) < LOW_BYTES;
  }

  /** What a write error that names no reason comes from. */
  reason(detail: string): Failure {
    return this.low
      ? errors.storeFull()
      : errors.storeBusy(
          `The database did not accept the write: ${detail}. A quota may be used up, or the disk may be read-only.`,
        );
  }

  trouble(now: number): StoreTrouble | undefined {
    const free = this.#free(),
      low = (free ?? Infinity) < LOW_BYTES;
    this.#lowSince = low ? (this.#lowSince ?? now) : undefined;
    const since = this.#failed?.at ?? this.#lowSince;
    if (since === undefined) return undefined;
    if (!low && this.#failed?.failure.code !== 'storeFull') {
      return {
        what: 'write-failed',
        since,
        refusing: true,
        text: this.#failed!.failure.message,
        hint: 'Senders get a 503, keep their data and retry.',
      };
    }
    const left = free === undefined ? '' : `: ${(free / MIB).toFixed(1)} MiB left`;
    return {
      what: 'disk-full',
      since,
      refusing: true,
      text: `The disk that holds the data directory${this.#folder === undefined ? '' : ` (${this.#folder})`} is full${left}.`,
      hint: 'Free some space. Senders get a 503, keep their data and retry.',
    };
  }

  /** Bytes; undefined where the file system does not say. */
  #free(): number | undefined {
    if (this.#folder === undefined) return undefined;
    try {
      const { bavail, bfree, bsize } = statfsSync(this.#folder);
      return (process.getuid?.() === 0 ? bfree : bavail) * bsize; // root may use what is kept back from others
    } catch {
      return undefined;
    }
  }
}
