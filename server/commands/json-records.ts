// An array or a wrapper of JSON records on one line, as shippers send it and people save it: several records, one line.
import type { Chunk } from '../formats/format.ts';
import { opensWrapper, WRAPPER_BYTES_MAX } from '../formats/wrapping/record-list.ts';
import { Framer } from '../receive/framing.ts';
import { chunkOf } from './lines-of-file.ts';

const ARRAY = /^\s*\[\s*\{/;

function isWrapper(text: string): boolean {
  const object = text.trimStart();
  let depth = 0;
  for (let i = 0; i < object.length; i++) {
    const c = object[i];
    if (c === '"') for (i++; i < object.length && object[i] !== '"'; i++) i += object[i] === '\\' ? 1 : 0;
    else if (c === '[' && depth === 1 && opensWrapper(object.slice(0, i))) return true;
    else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') depth--;
  }
  return false;
}

/** The records that lie in the line [start, end); undefined when it is one record as it stands. */
export function recordsIn({ bytes, text }: Chunk, start: number, end: number): Chunk[] | undefined {
  const first = bytes[start];
  if (first !== 0x5b && first !== 0x7b && first !== 0x20) return undefined;
  const beginning = text.slice(start, Math.min(end, start + WRAPPER_BYTES_MAX));
  if (!ARRAY.test(beginning) && !isWrapper(beginning)) return undefined;
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
