// Is there room on the disk? A write that fails says so; so does the file system, before one fails.
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { errors, type Failure } from '../../errors.ts';
import type { StoreTrouble } from '../store.ts';

const MIB = 1024 * 1024;
/** Less than a large commit and the checkpoint after it may take. */
const LOW_BYTES = 2 * MIB;

export class Disk {
  readonly #folder: string | undefined;
  /** When writes began to fail for want of room; server time, ms. */
  #fullSince: number | undefined;
  #lowSince: number | undefined;

  /** Of the folder that holds `path`; none for a database in memory. */
  constructor(path: string) {
    this.#folder = path === ':memory:' ? undefined : dirname(path);
  }

  /** A write failed. True when it was for want of room. */
  failed(error: unknown, at: number): boolean {
    if ((error as Failure).code !== 'storeFull') return false;
    this.#fullSince ??= at;
    return true;
  }

  /** What a sender brought is written. */
  wrote(): void {
    this.#fullSince = undefined;
  }

  /** A small write that succeeds proves that there is room again only where more than a page of it is free. */
  probed(): void {
    if (!this.low) this.wrote();
  }

  get full(): boolean {
    return this.#fullSince !== undefined;
  }

  get low(): boolean {
    return (this.#free() ?? Infinity) < LOW_BYTES;
  }

  /** What a write error that names no reason comes from. */
  reason(detail: string): Failure {
    return this.low
      ? errors.storeFull()
      : errors.storeBusy(
          `The database did not take the write: ${detail}. If the data folder has a quota, it may be used up.`,
        );
  }

  trouble(now: number): StoreTrouble | undefined {
    const free = this.#free(),
      low = (free ?? Infinity) < LOW_BYTES;
    this.#lowSince = low ? (this.#lowSince ?? now) : undefined;
    const since = this.#fullSince ?? this.#lowSince;
    if (since === undefined) return undefined;
    const left = free === undefined ? '' : `: ${(free / MIB).toFixed(1)} MiB are left`;
    return {
      what: 'disk-full',
      since,
      refusing: true,
      text: `The disk that holds the data folder${this.#folder === undefined ? '' : ` (${this.#folder})`} is full${left}.`,
      hint: 'Free some space. Senders that are answered with 503 keep their data and send it again.',
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
