// What cuts a body into records, and what takes them.
import type { Chunk } from '../formats/format.ts';

export interface FrameSink {
  /** One record, blank ones left out; no line end, and no newline in it. The bytes are good until this returns. */
  record(chunk: Chunk, start: number, end: number): void;
  /** One record that was a JSON string. */
  quoted(text: string): void;
  /** A record past LINE_BYTES_MAX, and how it begins. */
  tooLong(beginning: string): void;
  /** A line that holds no record (blank), so that line numbers stay right. */
  blank(): void;
}

/** How a body of one kind is cut: in steps, so that others get their turn between two of them. */
export interface Cutter {
  /** The next bytes, in any cut; never none, and only when a step has said that those before are done with. */
  give(bytes: Buffer): void;
  /** Cuts up to RECORDS_PER_STEP records; true when no whole one is left in the bytes. */
  step(): boolean;
  /** No more comes. */
  end(): void;
}

/** Some milliseconds of work, however short the records are. */
export const RECORDS_PER_STEP = 256;
