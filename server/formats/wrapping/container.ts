// What container tools put before a line: CRI, `docker compose logs`, `kubectl logs --prefix/--timestamps`, fluentd's file output.
import type { Envelope } from './envelope.ts';
import type { Chunk } from '../format.ts';
import { startsWith } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BAR, BRACE, BRACKET, BRACKET_END, COLON, DASH, DOT, SPACE, TAB, UNDERSCORE } = ASCII;

/** Names of containers and pods are at most 253 characters; a prefix is shorter. */
const PREFIX_BYTES_MAX = 300;

const times = new TimeReader();

export function unwrapContainer(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const c = chunk.bytes[start];
  if (c === BRACKET) return pod(chunk, start, end, out);
  if (c >= 48 && c <= 57 && timed(chunk, start, end, out)) return true;
  return compose(chunk, isClock(chunk.bytes, start) ? start + CLOCK_BYTES : start, end, out);
}

// 2020-06-01T10:00:00.123456789Z stdout F 10.0.0.1 - - […]
// 2024-01-02T03:04:05.678901234Z 10.0.0.1 - - […]                  (docker logs -t, kubectl logs --timestamps)
// 2024-01-02T03:04:05+00:00	nginx.access	{"status":502,…}       (fluentd, tabs)
function timed(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const b = chunk.bytes;
  const ts = times.iso(b, start, end);
  let at = times.end;
  if (ts !== ts || at >= end) return false;
  const isTab = b[at] === TAB;
  if (!isTab && b[at] !== SPACE) return false;
  while (at < end && (b[at] === SPACE || b[at] === TAB)) at++;
  out.ts = Math.floor(ts);
  if (startsWith(b, at, end, 'stdout ') || startsWith(b, at, end, 'stderr ')) {
    const flag = at + 7;
    if (
      (b[flag] === 0x46 || b[flag] === 0x50) &&
      (flag + 1 === end || b[flag + 1] === SPACE || b[flag + 1] === COLON)
    ) {
      out.isPartial = b[flag] === 0x50;
      let from = flag + 1;
      while (from < end && b[from] === COLON) from = tagsEnd(b, from, end);
      return out.inside(Math.min(from + 1, end), end);
    }
    return out.inside(flag, end); // written without flags by an early containerd
  }
  // a tag, then the record: `nginx.access\t{` or `nginx.access: {`
  let tag = at;
  while (tag < end && b[tag] !== SPACE && b[tag] !== TAB) tag++;
  const record = tag < end ? tag + 1 : end;
  // (`2026-01-02T15:04:05Z retry {…`: a word of the line's own is no tag)
  if (
    record < end &&
    b[record] === BRACE &&
    tag - at < PREFIX_BYTES_MAX &&
    (b[tag - 1] === COLON || (isTab && b[tag] === TAB))
  ) {
    out.setProgram(at, b[tag - 1] === COLON ? tag - 1 : tag);
    return out.inside(record, end);
  }
  if (b[start + 10] !== 0x54) return false;
  out.isLoose = true;
  return out.inside(at, end);
}

/** CRI allows further tags, `F:tag`. */
function tagsEnd(b: Buffer, at: number, end: number): number {
  while (at < end && b[at] !== SPACE) at++;
  return at;
}

/** `13:55:38 `, which process managers (foreman, honcho, overmind) put before the name. */
const isClock = (b: Buffer, at: number): boolean =>
  b[at + 2] === COLON && b[at + 5] === COLON && b[at + 8] === SPACE && b[at] >= 48 && b[at] <= 50;
const CLOCK_BYTES = 9;

// web_1  | 10.0.0.1 - - […]
// 13:55:38 web.1    | 10.0.0.1 - - […]
function compose(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const b = chunk.bytes;
  const limit = Math.min(end, start + PREFIX_BYTES_MAX);
  let at = start;
  while (at < limit && isNameByte(b[at])) at++;
  const nameEnd = at;
  if (nameEnd === start) return false;
  while (at < limit && b[at] === SPACE) at++;
  if (at === nameEnd || at >= limit || b[at] !== BAR) return false;
  at++;
  out.setProgram(start, nameEnd);
  return out.inside(at < end && b[at] === SPACE ? at + 1 : at, end);
}

// [pod/web-7d9f/nginx] 10.0.0.1 - - […]
function pod(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const b = chunk.bytes;
  if (!startsWith(b, start, end, '[pod/')) return false;
  let at = start + 5;
  while (at < end && b[at] !== BRACKET_END && b[at] !== SPACE) at++;
  if (at >= end || b[at] !== BRACKET_END) return false;
  out.setProgram(start + 5, at);
  at++;
  return out.inside(at < end && b[at] === SPACE ? at + 1 : at, end);
}

const isNameByte = (c: number): boolean =>
  (c >= 48 && c <= 57) || ((c | 32) >= 0x61 && (c | 32) <= 0x7a) || c === DASH || c === UNDERSCORE || c === DOT;
