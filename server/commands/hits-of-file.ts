// The hits of a log file or of standard input, one after the other, with what could not be read.
import { count } from '#shared/numbers.ts';
import { createReadStream } from 'node:fs';
import { Hit } from '../core/hit.ts';
import type { Chunk, Miss } from '../formats/format.ts';
import { FormatError, openLineReader, type LineReader } from '../formats/line-reader.ts';
import { UsageError, type Io } from './command.ts';
import { recordsIn } from './json-records.ts';
import { chunksOfLines } from './lines-of-file.ts';

export interface Reading {
  lines: number;
  /** Lines that should have been read and were not. */
  rejected: number;
  /** Why the first unread line was not. */
  reason: string | undefined;
}

/** Throws UsageError when the format cannot be used. */
export function readerOf(format: string): LineReader {
  try {
    return openLineReader(format);
  } catch (error) {
    if (error instanceof FormatError) throw new UsageError(error.message);
    throw error;
  }
}

/** `visit` gets the same Hit again and again. Throws what reading the file throws. */
export async function eachHit(file: string, reader: LineReader, io: Io, visit: (hit: Hit) => void): Promise<Reading> {
  const hit = new Hit();
  const reading: Reading = { lines: 0, rejected: 0, reason: undefined };
  const input = file === '-' ? io.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
  const progress = io.stderr.isTTY === true;
  const read = (chunk: Chunk, start: number, end: number): void => {
    take(reader.read(chunk, start, end, hit));
    while (reader.hasMore) take(reader.more(hit));
  };
  const take = (miss: Miss | undefined): void => {
    if (miss === undefined) return visit(hit);
    reading.reason ??= miss.text;
    if (miss.kind === 'rejected') reading.rejected++;
  };
  for await (const chunk of chunksOfLines(input)) {
    if (io.stop.aborted) break;
    for (let at = 0; at < chunk.bytes.length;) {
      const newline = chunk.text.indexOf('\n', at);
      const end = newline === -1 ? chunk.bytes.length : newline;
      reading.lines++;
      const records = recordsIn(chunk, at, end);
      if (records === undefined) read(chunk, at, end);
      else for (const record of records) read(record, 0, record.bytes.length);
      at = end + 1;
    }
    if (progress) io.stderr.over?.(`${count(reading.lines)} lines`);
  }
  if (progress) io.stderr.over?.('');
  return reading;
}
