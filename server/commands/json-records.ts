// An array or a wrapper of JSON records on one line, as shippers send it and people save it: several records, one line.
import type { Chunk } from '../formats/format.ts';
import { Framer } from '../receive/framing.ts';
import { chunkOf } from './lines-of-file.ts';

const ARRAY = /^\s*\[\s*\{/;
const WRAPPER = /^\s*\{\s*"(?:data|records|events|logs|entries|items|messages|lines)"\s*:\s*\[/;
/** What tells them stands at the beginning. */
const LOOK_BYTES = 128;

/** The records that lie in the line [start, end); undefined when it is one record as it stands. */
export function recordsIn({ bytes, text }: Chunk, start: number, end: number): Chunk[] | undefined {
  const first = bytes[start];
  if (first !== 0x5b && first !== 0x7b && first !== 0x20) return undefined;
  const beginning = text.slice(start, Math.min(end, start + LOOK_BYTES));
  if (!ARRAY.test(beginning) && !WRAPPER.test(beginning)) return undefined;
  const records: Chunk[] = [];
  const framer = new Framer({
    record: (chunk, from, to) => void records.push(chunkOf(Buffer.from(chunk.bytes.subarray(from, to)))),
    quoted: (record) => void records.push(chunkOf(Buffer.from(record))),
    tooLong: () => undefined,
    blank: () => undefined,
  });
  framer.write(Buffer.from(bytes.subarray(start, end)));
  framer.end();
  return records;
}
