// Base64 in a JSON string that may be as long as a body: decoded a piece at a time, so that others get their turn between two of them.
import { ASCII } from '../core/ascii.ts';
import { Malformed } from './message.ts';

/** Of the string: a tenth of a millisecond. */
const PIECE_BYTES = 64 * 1024;
/** `\u002b`, as .NET writes a plus. */
const ESCAPE_BYTES = 6;
const OTHER = /[^A-Za-z0-9+/_-]+/g;

/** What the string decodes to, at least one piece; whatever is not base64 in it is left out. Throws Malformed for a broken escape. */
export function* base64In(json: Buffer): Generator<Buffer, void> {
  let left = '',
    at = 0;
  do {
    const end = pieceEnd(json, at);
    const text = left + unescaped(json.toString('latin1', at, end)).replace(OTHER, '');
    at = end;
    const whole = at < json.length ? text.length - (text.length % 4) : text.length;
    left = text.slice(whole);
    yield Buffer.from(text.slice(0, whole), 'base64');
  } while (at < json.length);
}

/** No escape goes across it. */
function pieceEnd(json: Buffer, at: number): number {
  const end = at + PIECE_BYTES;
  if (end >= json.length) return json.length;
  const last = json.subarray(end - ESCAPE_BYTES + 1, end),
    slash = last.lastIndexOf(ASCII.BACKSLASH);
  return slash === -1 ? end : end - last.length + slash;
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    throw new Malformed('a record has a broken escape');
  }
}
