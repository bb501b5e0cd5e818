// Reading lines in tests: text in, what `parse` would print out.
import { Hit } from '../../server/core/hit.ts';
import type { Chunk } from '../../server/formats/format.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { hitJson } from '../../server/formats/hit-json.ts';

export const chunkOf = (text: string): Chunk => {
  const bytes = Buffer.from(text);
  return { bytes, text: bytes.toString('latin1') };
};

/** What was read of a hit: as `parse` prints it, without what is concluded from it. */
function read(hit: Hit): Record<string, unknown> {
  const { route: _route, cause: _cause, culprit: _culprit, ...fields } = hitJson(hit);
  return fields;
}

/** Every line of a stream, as `parse` prints it (without line number, route and cause). */
export function parsed(lines: string, format = 'auto'): Record<string, unknown>[] {
  const chunk = chunkOf(lines);
  const reader = openLineReader(format);
  const hit = new Hit();
  const out: Record<string, unknown>[] = [];
  for (let at = 0; at <= chunk.bytes.length;) {
    const newline = chunk.text.indexOf('\n', at);
    const end = newline === -1 ? chunk.bytes.length : newline;
    const miss = reader.read(chunk, at, end, hit);
    out.push(miss === undefined ? read(hit) : { [miss.kind]: miss.text });
    at = end + 1;
  }
  return out;
}

/** The code of each line; null where there is none. */
export const codes = (lines: string, format = 'auto'): (number | null)[] =>
  parsed(lines, format).map(({ code }) => (code as number | undefined) ?? null);
