// The seam of the command line: what a command is, and all it may know of the process it runs in.
import type { Readable } from 'node:stream';

export interface Io {
  stdin: Readable & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  /** ms since the epoch. */
  now(): number;
  /** ms, of a clock that cannot be set: from any beginning. */
  elapsed?(): number;
  /** Aborted at SIGTERM, SIGINT or SIGHUP, and when whoever started us is gone: finish what is in hand, then return. */
  stop: AbortSignal;
}

export interface Output {
  readonly isTTY?: boolean;
  /** False: wait for `drain`. */
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  /** Writes over the last line, on a terminal: how far long work has come. */
  over?(text: string): void;
}

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows `fivealarm `, and then its options; for `--help`. */
  readonly usage: string;
  /** Resolves to the exit code: 0 done, 1 the input could not be used, 2 wrong usage. Throw UsageError for the last. */
  run(argv: string[], io: Io): Promise<number>;
}

/**
 * Wrong usage: main prints the message and the usage, and exits with 2. `parseArgs` throws errors that are treated
 * alike.
 */
export class UsageError extends Error {}
