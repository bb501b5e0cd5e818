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

/** How a body of one kind is cut. */
export interface Cutter {
  /** The next bytes, in any cut; never none. */
  write(bytes: Buffer): void;
  /** No more comes. */
  end(): void;
}
