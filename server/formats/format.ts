// The seam of formats: what a log format is. One file a format in this folder, one line each in index.ts.
import type { Proxy } from '#shared/exchange.ts';
import type { Hit } from '../core/hit.ts';

/**
 * Bytes to read lines from. `text` is the same bytes as latin1, index for index: `text.indexOf` is the fastest scanner
 * there is in plain JavaScript, and digits are read from `bytes`.
 */
export interface Chunk {
  readonly bytes: Buffer;
  readonly text: string;
}

/**
 * Why a line gave no hit: `skipped` is a line that is no access record (a directive, an error-log line, a TCP line),
 * `rejected` one that should have been and names the field that failed. A value, never an exception; make them once.
 */
export interface Miss {
  readonly kind: 'skipped' | 'rejected';
  /** Stays the same when the text changes: what is counted and stored. What varies follows it: `other-format Caddy JSON`. */
  readonly id: string;
  /** For people. */
  readonly text: string;
}

/** What is known of the lines of a stream from around them. */
export interface Surroundings {
  /** The wrapping that the line came in says when it was: so the line is a record of something that happened. */
  isTimed: boolean;
  /** What says so may as well be the first column of the line. */
  isColumn?: boolean;
}

/** Reads the lines of one stream. Holds what carries over from line to line: the last timestamp, `#Fields`. */
export interface Reader {
  /**
   * Read the line at [start, end) (no line end included) into `hit`, which the caller has reset.
   * Returns undefined when the hit is filled. Never throws; linear in the length of the line.
   */
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined;
  /** False when nothing in the last line was left over: no format that narrows this one knows more of it. */
  readonly hasRest?: boolean;
}

export interface Sample {
  /** A real line, whole. */
  line: string;
  /** Lines that must come before it in the stream (directives). */
  before?: readonly string[];
  /** What must be read from it, as `parse` prints it. */
  hit: Readonly<Record<string, unknown>>;
}

export interface Format {
  /** Short and stable: what `?format=` takes. */
  readonly name: string;
  /** For people: "nginx / Apache combined". */
  readonly title: string;
  readonly proxy: Proxy;
  readonly samples: readonly Sample[];
  /** The characters that its lines begin with, when they all do: no others are given to it. */
  readonly begins?: string;
  /**
   * It reads whatever has a request and a status: having read one line of a stream makes it no better for the next, so it is
   * never asked before formats that know their lines.
   */
  readonly isLoose?: true;
  /**
   * Names of formats that read its lines, too, and know less of them, such as combined of lines that go on behind the browser: they
   * leave to this one what it can read.
   */
  readonly narrows?: readonly string[];
  /** A reader for a new stream. `around` is kept true by whoever takes the wrapping off. */
  open(around?: Readonly<Surroundings>): Reader;
}
