// The request line, as it stands between quotes: "GET /path?q HTTP/1.1", an absolute URL, or garbage. And the client's address.
import { CLIENT, HOST, METHOD, PATH, UPSTREAM, type Hit } from '../../core/hit.ts';
import type { Chunk } from '../format.ts';
import { isDash } from './scanner.ts';
import { ASCII } from './ascii.ts';

const { BRACKET, BRACKET_END, COLON, COMMA, DASH, DOT, QUOTE, SLASH, SPACE, UNDERSCORE } = ASCII;

/** The longest method in use is a WebDAV or UPnP word. */
const METHOD_BYTES_MAX = 24;

/** End of the method at `start` (letters, digits, - and _; first a letter), or -1 when what stands there is none. */
export function methodEnd(b: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + METHOD_BYTES_MAX);
  for (let i = start; i < limit; i++) {
    const c = b[i];
    if (c === SPACE) return i === start ? -1 : i;
    if (!(
      (c >= 0x41 && c <= 0x5a) ||
      (c >= 0x61 && c <= 0x7a) ||
      (i > start && (c === DASH || c === UNDERSCORE || (c >= 48 && c <= 57)))
    ))
      return -1;
  }
  return limit === end && end > start ? end : -1;
}

function isUpper(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (b[i] >= 0x61 && b[i] <= 0x7a) return false;
  return true;
}

/** Start of ` HTTP/1.1` (any version) at the end of [start, end), or of the bare ` 1.1` that Hypercorn writes; else `end`. */
function protocolStart(b: Uint8Array, start: number, end: number): number {
  const usual = end - 9; // HTTP/1.1, HTTP/2.0
  if (usual >= start && b[usual] === SPACE && b[usual + 1] === 0x48 && b[usual + 2] === 0x54 && b[usual + 5] === SLASH)
    return usual;
  for (let at = end - 6; at >= start && at >= end - 12; at--) {
    if (b[at] === SPACE && b[at + 1] === 0x48 && b[at + 2] === 0x54 && b[at + 3] === 0x54 && b[at + 4] === 0x50)
      return at;
  }
  const digit = b[end - 1];
  if (digit < 48 || digit > 51) return end;
  const bare = b[end - 2] === DOT ? end - 4 : end - 2;
  return bare > start && b[bare] === SPACE && (bare === end - 2 || b[bare + 1] === 49) ? bare : end;
}

/** Fills method, path and (from an absolute URL) host. Garbage fills nothing: the exchange counts all the same. */
export function readRequest(chunk: Chunk, start: number, end: number, hit: Hit): void {
  const b = chunk.bytes;
  const gap = methodEnd(b, start, end);
  if (gap === -1) return;
  if (gap === end) return; // "GET" alone, "-" and single words: no request
  let pathStart = gap + 1;
  while (pathStart < end && b[pathStart] === SPACE) pathStart++;
  let pathEnd = protocolStart(b, gap, end);
  if (pathEnd < pathStart) return;
  if (pathEnd === end && !isUpper(b, start, gap)) return; // words that somebody typed at the port
  while (pathEnd > pathStart && b[pathEnd - 1] === SPACE) pathEnd--;
  hit.set(METHOD, start, gap);
  if (pathEnd > pathStart) readUrl(chunk, pathStart, pathEnd, hit);
}

/** `/path?q` as it is; of `http://host:80/path?q` the host and the path. */
export function readUrl(chunk: Chunk, start: number, end: number, hit: Hit): void {
  const b = chunk.bytes;
  if (b[start] !== SLASH) {
    const scheme = schemeEnd(b, start, end);
    if (scheme !== -1) {
      let slash = scheme;
      while (slash < end && b[slash] !== SLASH && b[slash] !== 0x3f) slash++;
      if (slash > scheme && !isDash(b, scheme, slash)) hit.set(HOST, scheme, slash);
      if (slash < end) hit.set(PATH, slash, end);
      else hit.setText(PATH, '/');
      return;
    }
  }
  hit.set(PATH, start, end);
}

/** Where the host of `http://host…` begins, or -1. */
function schemeEnd(b: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end && i < start + 10; i++) {
    if (b[i] === COLON) return i > start && i + 2 < end && b[i + 1] === SLASH && b[i + 2] === SLASH ? i + 3 : -1;
    if (!((b[i] | 32) >= 0x61 && (b[i] | 32) <= 0x7a)) return -1;
  }
  return -1;
}

/** The client in [start, end): quotes, brackets and a port taken off, the first of a list; "-" is none. */
export function setClient(b: Uint8Array, start: number, end: number, hit: Hit): void {
  let plain = start; // 203.0.113.7
  while (plain < end && b[plain] >= DOT && b[plain] <= 57) plain++;
  if (plain === end && end > start) return hit.set(CLIENT, start, end);
  if (start < end && b[start] === QUOTE) start++;
  if (end > start && b[end - 1] === QUOTE) end--;
  let colons = 0,
    colon = -1;
  for (let i = start; i < end; i++) {
    if (b[i] === COMMA || b[i] === SPACE) end = i;
    else if (b[i] === COLON) {
      colons++;
      colon = i;
    }
  }
  if (start < end && b[start] === BRACKET) {
    let close = start;
    while (close < end && b[close] !== BRACKET_END) close++;
    if (close < end) {
      start++;
      end = close;
    }
  } else if (colons === 1 && colon > start) end = colon;
  if (end > start && !isDash(b, start, end)) hit.set(CLIENT, start, end);
}

/** `"http://10.0.0.3:80"` → its host and port as the upstream; "-" is none. */
export function setService(b: Uint8Array, start: number, end: number, hit: Hit): void {
  if (b[start] === QUOTE) start++;
  if (end > start && b[end - 1] === QUOTE) end--;
  for (let i = start; i + 2 < end && i < start + 8; i++) {
    if (b[i] === COLON && b[i + 1] === SLASH && b[i + 2] === SLASH) {
      start = i + 3;
      break;
    }
  }
  if (end > start) hit.set(UPSTREAM, start, end);
}
