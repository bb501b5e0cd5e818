// A message that is read where it is looked at. Envelopes (OTLP, Loki, Firehose) hold lists of lists of records: a tree of all of it
// takes many times the memory of its bytes, and as long to make in one go. Here the bytes stay as they are, and records are made
// one at a time.
export type Tree = Readonly<Record<string, unknown>>;

export interface Message {
  /** What it holds beside its lists: a Tree, unless an item of a list is something else. Undefined when that is too large. */
  readonly value: unknown;
  /** The items of a list, as they are asked for; none when it is not there. Throws Malformed. */
  items(list: string): AsyncIterable<Message>;
  has(list: string): boolean;
}

/** What can be looked at in messages of one kind. */
export interface Shape {
  /** Fields that are made; others are skipped. */
  readonly fields: readonly string[];
  /** Lists, and how many bytes each of their items may have beside its own lists. */
  readonly lists: Readonly<Record<string, number>>;
  /** Those of the lists that are one message and not an array: because it holds lists. */
  readonly singles?: readonly string[];
  /** Strings of JSON messages that may be as long as the body: given as a Buffer of what is between their quotes, escapes and all. */
  readonly raw?: readonly string[];
}

/** Of a record, or of what an envelope says beside its records; every line over 64 KiB is skipped anyway. */
export const VALUE_BYTES_MAX = 256 * 1024;
/** Deeper messages are none of ours. */
export const DEPTH_MAX = 100;

/** The body is not what its path takes; the message goes back to the sender. */
export class Malformed extends Error {}
