// From a request path to its route: the same few patterns whatever the traffic. One implementation, over bytes, so that the
// hot path makes no strings; linear in the path, bounded in depth and length.
//
//   /users/8812/orders/3f2a9c1e-…?page=2   →  /users/{id}/orders/{uuid}
//   /assets/app.81bd2f.js                  →  /assets/*.js
import { ASCII } from '../ascii.ts';

const {
  HASH: NUMBER_SIGN,
  PERCENT,
  STAR,
  PLUS,
  COMMA,
  DASH,
  DOT,
  SLASH,
  COLON,
  SEMICOLON,
  QUESTION,
  AT,
  UNDERSCORE,
  TILDE,
} = ASCII;

/** A route is at most this long; deeper or longer paths end in `{rest}`. */
export const ROUTE_BYTES = 192;
const SEGMENTS_MAX = 10;
/** Longer words are no one's route name. */
const WORD_MAX = 40;
/** What a word of that length can become: "123-456-…" → "{id}-{id}-…". */
const SEGMENT_BYTES = 64;
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const ID = ascii('{id}'),
  UUID = ascii('{uuid}'),
  HASH = ascii('{hash}'),
  DATE = ascii('{date}'),
  EMAIL = ascii('{email}'),
  IP = ascii('{ip}'),
  TOKEN = ascii('{token}'),
  SLUG = ascii('{slug}'),
  REST = ascii('{rest}'),
  INVALID = ascii('{invalid}'),
  AUTHORITY = ascii('{authority}');

/** Files that are many and alike: their folder and extension say enough. */
const ASSETS = new Set([
  'css',
  'js',
  'mjs',
  'map',
  'png',
  'jpg',
  'jpeg',
  'gif',
  'svg',
  'webp',
  'avif',
  'ico',
  'bmp',
  'tif',
  'tiff',
  'woff',
  'woff2',
  'ttf',
  'eot',
  'otf',
  'mp4',
  'webm',
  'ogg',
  'mp3',
  'wav',
  'mov',
  'm4s',
  'ts',
  'm3u8',
  'pdf',
  'zip',
  'gz',
  'tgz',
  'xz',
  'bz2',
  'tar',
  'rar',
  '7z',
  'deb',
  'rpm',
  'exe',
  'dmg',
  'iso',
  'jar',
  'apk',
  'wasm',
  'csv',
  'doc',
  'docx',
  'xls',
  'xlsx',
  'ppt',
  'pptx',
  'swf',
]);
const ASSET_BYTES_MAX = 5;
const FAVICON = ascii('favicon.ico');

const DIGIT = 1,
  HEX = 2,
  LOWER = 4,
  UPPER = 8,
  SEPARATOR = 16,
  UNSAFE = 32,
  STOP = 64,
  OTHER = 128;
/** What a byte may be, as bits. */
const KIND = new Uint8Array(256).map((_, c) => {
  if (c >= 0x30 && c <= 0x39) return DIGIT | HEX;
  if (c >= 0x61 && c <= 0x7a) return LOWER | (c <= 0x66 ? HEX : 0);
  if (c >= 0x41 && c <= 0x5a) return UPPER | (c <= 0x46 ? HEX : 0);
  if (c === SLASH || c === QUESTION || c === NUMBER_SIGN || c === SEMICOLON) return STOP;
  if (c === DASH || c === UNDERSCORE) return SEPARATOR;
  if (c === DOT || c === TILDE || c === COMMA || c === PLUS || c === COLON) return SEPARATOR | OTHER;
  return c <= 0x20 || c >= 0x7f || c === 0x22 || c === 0x3c || c === 0x3e || c === 0x5c ? UNSAFE : OTHER;
});
/** A segment without any of these is a word. */
const SPECIAL = DIGIT | UNSAFE | OTHER;

/** Writes the route of the path bytes[start, end) to `out` (at least ROUTE_BYTES long) and returns its length. */
export function routeBytes(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let i = start;
  if (i < end && bytes[i] !== SLASH) {
    i = afterAuthority(bytes, start, end);
    if (i === NO_PATH)
      return bytes[start] === STAR && end - start === 1 ? put(out, 0, bytes, start, end) : put(out, 0, AUTHORITY);
    if (i === NOT_A_PATH) return put(out, 0, INVALID);
  }
  let at = 0,
    segments = 0;
  while (i < end && bytes[i] !== QUESTION && bytes[i] !== NUMBER_SIGN) {
    while (i < end && bytes[i] === SLASH) i++;
    out[at++] = SLASH;
    const from = i;
    let any = 0,
      all = 0xff;
    for (; i < end; i++) {
      const c = bytes[i],
        kind = KIND[c];
      if ((kind & STOP) !== 0) break;
      any |= kind;
      all &= kind;
      // Most segments are words: they are copied as they are read.
      if (i - from < WORD_MAX) out[at + i - from] = c;
    }
    const to = i;
    // Matrix parameters (";jsessionid=…") are a query by another name.
    if (bytes[i] === SEMICOLON)
      while (i < end && bytes[i] !== SLASH && bytes[i] !== QUESTION && bytes[i] !== NUMBER_SIGN) i++;
    if (to === from) continue;
    if (++segments > SEGMENTS_MAX || at > ROUTE_BYTES - SEGMENT_BYTES) return put(out, at, REST);
    if ((any & SPECIAL) === 0 && to - from <= WORD_MAX) at += to - from;
    else if ((all & DIGIT) !== 0) at = put(out, at, ID);
    else at = segmentBytes(bytes, from, to, i >= end || bytes[i] !== SLASH, out, at);
  }
  if (at === 0) out[at++] = SLASH;
  return at;
}

const encoder = new TextEncoder(),
  decoder = new TextDecoder();
const scratch = new Uint8Array(ROUTE_BYTES);

/** The route of a path, as text. */
export function routeOf(path: string): string {
  const bytes = encoder.encode(path);
  return decoder.decode(scratch.subarray(0, routeBytes(bytes, 0, bytes.length, scratch)));
}

/** "host:443" of CONNECT, "*" of OPTIONS. */
const NO_PATH = -1;
/** Bytes of another protocol. */
const NOT_A_PATH = -2;

/** Where the path begins in "http://host/path" (a proxy's request line) or "path/without/slash". */
function afterAuthority(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end && i < start + 12; i++) {
    if (bytes[i] === COLON && bytes[i + 1] === SLASH && bytes[i + 2] === SLASH && i + 2 < end) {
      let at = i + 3;
      while (at < end && bytes[at] !== SLASH && bytes[at] !== QUESTION) at++;
      return at;
    }
  }
  if (bytes[start] === QUESTION || bytes[start] === NUMBER_SIGN) return start;
  let colon = false,
    slash = false;
  for (let i = start; i < end; i++) {
    if ((KIND[bytes[i]] & UNSAFE) !== 0) return NOT_A_PATH;
    if (bytes[i] === SLASH) slash = true;
    if (bytes[i] === COLON) colon = true;
  }
  if (!slash && (colon || (end - start === 1 && bytes[start] === STAR))) return NO_PATH;
  return (KIND[bytes[start]] & (DIGIT | LOWER | UPPER | SEPARATOR)) !== 0 ? start : NOT_A_PATH;
}

function put(out: Uint8Array, at: number, text: Uint8Array, start = 0, end = text.length): number {
  for (let i = start; i < end; i++) out[at++] = text[i];
  return at;
}

/** One segment that is neither a plain word nor a number. */
function segmentBytes(bytes: Uint8Array, from: number, to: number, last: boolean, out: Uint8Array, at: number): number {
  let all = 0xff,
    any = 0,
    digits = 0,
    escapes = 0,
    separators = 0,
    dots = 0,
    mail = false;
  for (let i = from; i < to; i++) {
    const kind = KIND[bytes[i]];
    all &= kind;
    any |= kind;
    if ((kind & DIGIT) !== 0) digits++;
    if ((kind & SEPARATOR) !== 0) separators++;
    const c = bytes[i];
    if (c === DOT) dots++;
    else if (c === PERCENT) {
      escapes++;
      if (bytes[i + 1] === 0x34 && bytes[i + 2] === 0x30 && i > from) mail = true;
    } else if (c === AT && i > from) mail = true;
  }
  const length = to - from;
  if (last && dots > 0) {
    const asset = assetBytes(bytes, from, to, out, at);
    if (asset !== -1) return asset;
  }
  if (mail && dots > 0) return put(out, at, EMAIL);
  if (separators > 0 && digits > 0) {
    if (isUuid(bytes, from, to)) return put(out, at, UUID);
    if (isDate(bytes, from, to)) return put(out, at, DATE);
    if (dots === 3 && separators === 3 && digits === length - 3) return put(out, at, IP);
    if (digits + separators === length && separators <= 2 && (any & SEPARATOR) !== 0 && dots < 2)
      return put(out, at, ID);
  }
  if (length >= 8 && (all & HEX) !== 0 && digits > 0) return put(out, at, HASH);
  // Escaped text and many words are someone's title; one long mixed word is a key.
  if (escapes > 2 || (any & UNSAFE) !== 0) return put(out, at, SLUG);
  if (length > WORD_MAX) return put(out, at, separators - dots > 2 && digits * 3 < length ? SLUG : TOKEN);
  if (length >= 16 && separators <= 2 && digits > 0 && (any & UPPER) !== 0 && (any & LOWER) !== 0)
    return put(out, at, TOKEN);
  if (length >= 20 && separators === 0 && digits * 5 >= length) return put(out, at, TOKEN);
  return wordBytes(bytes, from, to, out, at);
}

/** A word with the numbers and hashes in it taken out: "order-12345" → "order-{id}". Short numbers ("v2", "web-1") are names. */
function wordBytes(bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  let i = from;
  while (i < to) {
    const part = i;
    let all = 0xff,
      digits = 0,
      tail = 0;
    for (; i < to && (KIND[bytes[i]] & SEPARATOR) === 0; i++) {
      all &= KIND[bytes[i]];
      if ((KIND[bytes[i]] & DIGIT) !== 0) {
        digits++;
        tail++;
      } else tail = 0;
    }
    const length = i - part;
    if ((all & DIGIT) !== 0 && length >= 3) at = put(out, at, ID);
    else if (length >= 8 && (all & HEX) !== 0 && digits > 0) at = put(out, at, HASH);
    else if (tail >= 4 && tail === digits) at = put(out, put(out, at, bytes, part, i - tail), ID);
    else at = put(out, at, bytes, part, i);
    if (i < to) out[at++] = bytes[i++];
  }
  return at;
}

/** "app.81bd2f.js" → "*.js"; -1 when the extension is no asset's. */
function assetBytes(bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  let dot = to - 1;
  while (dot > from && bytes[dot] !== DOT) dot--;
  const length = to - dot - 1;
  if (length < 2 || length > ASSET_BYTES_MAX || bytes[dot] !== DOT) return -1;
  let extension = '';
  for (let i = dot + 1; i < to; i++)
    extension += String.fromCharCode(KIND[bytes[i]] & UPPER ? bytes[i] | 0x20 : bytes[i]);
  if (!ASSETS.has(extension)) return -1;
  if (to - from === FAVICON.length && FAVICON.every((c, i) => bytes[from + i] === c)) return put(out, at, FAVICON);
  out[at++] = STAR;
  out[at++] = DOT;
  for (let i = 0; i < length; i++) out[at++] = extension.charCodeAt(i);
  return at;
}

function isUuid(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 36) return false;
  for (let i = 0; i < 36; i++) {
    const dash = i === 8 || i === 13 || i === 18 || i === 23;
    if (dash ? bytes[from + i] !== DASH : (KIND[bytes[from + i]] & HEX) === 0) return false;
  }
  return true;
}

/** 2024-01-31, with or without a time behind it. */
function isDate(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 10 || bytes[from + 4] !== bytes[from + 7]) return false;
  const separator = bytes[from + 4];
  if (separator !== DASH && separator !== UNDERSCORE && separator !== DOT) return false;
  for (const i of [0, 1, 2, 3, 5, 6, 8, 9]) if ((KIND[bytes[from + i]] & DIGIT) === 0) return false;
  return to - from === 10 || bytes[from + 10] === 0x54 || bytes[from + 10] === DASH || bytes[from + 10] === UNDERSCORE;
}
