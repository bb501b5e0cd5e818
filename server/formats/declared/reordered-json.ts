// A declared format of JSON shape whose lines somebody wrote anew: Envoy sorts the keys as it likes, shippers parse and print the record
// again. What stands under the declared keys is put back in the declared order, and read like any other line.
import type { Hit } from '../../core/hit.ts';
import type { Chunk, Miss, Reader } from '../format.ts';
import { TemplateReader } from '../layout/template-reader.ts';
import type { Template } from '../layout/template.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACE } = ASCII;

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

/** A text with fields in it: where it is in the record, and where in the declared line. */
interface Leaf {
  readonly path: readonly string[];
  /** The line between the leaf before and this one. */
  readonly before: string;
  readonly isQuoted: boolean;
  readonly hasStatus: boolean;
}

interface Declared {
  readonly leaves: readonly Leaf[];
  /** What stands behind the last of them. */
  readonly tail: string;
}

/** Private characters round a field's number. */
const OPEN = '\ue000',
  CLOSE = '\ue001',
  FIELD = /\ue000(\d+)\ue001/g;

/** The reader of a declared format; of lines written anew too when it is of JSON shape. */
export function templateReaderOf(template: Template): Reader {
  const reader =
    template.otherwise === undefined
      ? new TemplateReader(template)
      : eitherOf(new TemplateReader(template), new TemplateReader(template.otherwise));
  const declared = /^\s*\{\s*"/.test(template.prefix) ? declaredIn(template) : undefined;
  return declared === undefined
    ? reader
    : { read: (chunk, start, end, hit) => readEither(reader, declared, chunk, start, end, hit) };
}

const eitherOf = (first: Reader, second: Reader): Reader => ({
  read(chunk, start, end, hit) {
    const miss = first.read(chunk, start, end, hit);
    if (miss === undefined) return undefined;
    hit.reset(chunk.bytes);
    return second.read(chunk, start, end, hit) === undefined ? undefined : miss;
  },
});

function readEither(
  reader: Reader,
  declared: Declared,
  chunk: Chunk,
  start: number,
  end: number,
  hit: Hit,
): Miss | undefined {
  const miss = reader.read(chunk, start, end, hit);
  if (miss === undefined || chunk.bytes[start] !== BRACE) return miss;
  const text = reordered(declared, chunk, start, end);
  if (text === undefined) return miss;
  const bytes = Buffer.from(text);
  hit.reset(bytes);
  return reader.read({ bytes, text: bytes.toString('latin1') }, 0, bytes.length, hit) === undefined ? undefined : miss;
}

/** The line in the declared order; undefined when it has no status where one was declared, or less than half of what was. */
function reordered({ leaves, tail }: Declared, chunk: Chunk, start: number, end: number): string | undefined {
  let record: Json;
  try {
    record = JSON.parse(chunk.bytes.toString('utf8', start, end)) as Json;
  } catch {
    return undefined;
  }
  let line = '',
    found = 0;
  for (const { path, before, isQuoted, hasStatus } of leaves) {
    const value = at(record, path);
    const isText = typeof value === 'string' || typeof value === 'number';
    if (isText) found++;
    else if (hasStatus) return undefined;
    line += before + (!isText ? '-' : isQuoted ? JSON.stringify(String(value)).slice(1, -1) : String(value));
  }
  return found * 2 >= leaves.length ? line + tail : undefined;
}

function at(record: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = record;
  for (const key of path)
    value =
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
        ? (value as Record<string, Json>)[key]
        : undefined;
  return value;
}

/** Undefined when the declared text is no JSON with fields in it. */
function declaredIn({ prefix, slots }: Template): Declared | undefined {
  const line =
    prefix + slots.map(({ literal, overlap }, i) => `${OPEN}${i}${CLOSE}${overlap === true ? '' : literal}`).join('');
  let record: Json;
  try {
    record = JSON.parse(quoted(line)) as Json;
  } catch {
    return undefined;
  }
  const leaves: Leaf[] = [];
  let last = 0;
  for (const [path, text] of textsOf(record, [])) {
    const fields = [...text.matchAll(FIELD)];
    if (fields.length === 0) continue;
    const raw = JSON.stringify(text).slice(1, -1);
    const from = line.indexOf(raw, last);
    if (from === -1) return undefined;
    const isQuoted = line[from - 1] === '"';
    leaves.push({
      path,
      before: line.slice(last, from),
      isQuoted,
      hasStatus: fields.some(([, i]) => slots[Number(i)].use.as === 'status'),
    });
    last = from + raw.length;
  }
  return { leaves, tail: line.slice(last) };
}

/** Fields outside of quotes, put between quotes. */
const quoted = (line: string): string =>
  line.replace(/"(?:[^"\\]|\\[^])*"?|\ue000\d+\ue001/g, (part) => (part[0] === '"' ? part : `"${part}"`));

/** The texts of a record with where they stand, in order. */
function* textsOf(value: Json, path: readonly string[]): Generator<[readonly string[], string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [key, inner] of Object.entries(value)) yield* textsOf(inner, [...path, key]);
}
