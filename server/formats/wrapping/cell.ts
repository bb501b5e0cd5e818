// A line in a cell of CSV, as log viewers and spreadsheets export it: quotes that stand in the line are doubled there.
import type { Envelope } from './envelope.ts';
import type { Chunk } from '../format.ts';
import { timeIn } from '../bytes/scalars.ts';
import { Needle } from '../bytes/scanner.ts';
import { ASCII } from '../bytes/ascii.ts';

const { COMMA, QUOTE, SEMICOLON, TAB } = ASCII;

const doubled = new Needle('""');
/** What a line with quotes has that is worth a look: a request, or JSON. */
const request = new Needle(' HTTP/'),
  record = new Needle('{""');

// 2026-01-02 15:04:05.000,"192.0.2.7 - - […] ""GET / HTTP/1.1"" 502 157 ""-"" ""curl/8.5.0""",web1
// time                     line                                                               whatever else
export function unwrapCell(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  if (
    doubled.find(chunk, start, end) === -1 ||
    (request.find(chunk, start, end) === -1 && record.find(chunk, start, end) === -1)
  )
    return false;
  const b = chunk.bytes,
    text = out.scratch;
  for (let at = start; at < end; at++) {
    let length = 0,
      doubles = 0;
    if (b[at] === QUOTE) {
      for (at++; at < end && (b[at] !== QUOTE || b[at + 1] === QUOTE); at++) {
        if (b[at] === QUOTE) {
          doubles++;
          at++;
        }
        text[length++] = b[at];
      }
      at++;
    } else while (at < end && !isGap(b[at])) at++;
    if (at < end && !isGap(b[at])) return false; // no CSV
    if (doubles > 0 && length > 0) return out.own(text, length);
    const ts = timeIn(b, start, at);
    if (ts === ts && out.ts !== out.ts) out.ts = ts;
  }
  return false;
}

const isGap = (c: number): boolean => c === COMMA || c === SEMICOLON || c === TAB;
