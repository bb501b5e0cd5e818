// What a line is that no format reads: error logs, application logs, debug logs. Only for the reason shown, but a stream of such lines is
// as long as any: one look at the bytes, and patterns only where they can match.
import type { Chunk, Miss } from './format.ts';
import { rejected, skipped, SSL_LOG } from './misses.ts';
import { isDigit, oneOf, startsWith, tokenEnd, wordsOf } from './bytes/scanner.ts';
import { ASCII } from './bytes/ascii.ts';

const {
  BAR,
  BRACE,
  BRACE_END,
  BRACKET,
  BRACKET_END,
  COLON,
  COMMA,
  DASH,
  EQUALS,
  GREATER,
  HASH,
  LESS,
  PAREN,
  PAREN_END,
  QUOTE,
  SLASH,
  SPACE,
} = ASCII;

const ERROR_LOG_NGINX = skipped('nginx-error-log', 'an nginx error-log line');
const ERROR_LOG_APACHE = skipped('apache-error-log', 'an Apache error-log line');
const APP_LOG = skipped('application-log', 'an application log line');
const DIRECTIVE = skipped('comment', 'a directive or comment');
const LOGFMT = skipped('log-without-status', 'a log line without an HTTP status');
const JSON_LINE = skipped('json-without-status', 'JSON without an HTTP status');
const MARKUP = skipped('markup', 'markup or a stack trace');
const OTHER = skipped('not-access', 'no access record');
const HTTP_NO_STATUS = rejected('request-without-status', 'an HTTP request, but no status code after it');

const NGINX = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(?:debug|info|notice|warn|error|crit|alert|emerg)\] /;
const APACHE = /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d[.\d]* \d{4}\] /;
const SSL = /\] \S+ (?:TLSv|SSLv|-)\S* \S+ "[^"]*" (?:\d+|-)$/;
const LEVELS = wordsOf('TRACE DEBUG INFO NOTICE WARNING WARN ERROR CRITICAL FATAL SEVERE');
const LEVEL_KEYS = ['level', 'lvl', 'severity'];
/** A line says what it is at its beginning; no more than this is looked at. */
const LOOK_BYTES = 2048;

/** Says what the line [start, end) looks like. */
export function unreadReason(chunk: Chunk, start: number, end: number): Miss {
  const b = chunk.bytes,
    first = b[start],
    limit = Math.min(end, start + LOOK_BYTES);
  if (isDigit(first) && NGINX.test(chunk.text.slice(start, limit))) return ERROR_LOG_NGINX;
  if (first === BRACKET && APACHE.test(chunk.text.slice(start, limit))) return ERROR_LOG_APACHE;
  if (endsWithSize(b, start, limit) && SSL.test(chunk.text.slice(start, limit))) return SSL_LOG;
  if ((first === BRACKET || first === BRACE) && isJson(b, start, end)) return JSON_LINE;
  if (first === HASH) return DIRECTIVE;
  const words = fromWords(b, start, limit);
  return words !== HTTP_NO_STATUS && words !== undefined
    ? words
    : isMarkup(b, start, limit)
      ? MARKUP
      : (words ?? OTHER);
}

/** `level=…` anywhere, else a logger's level, else a quoted request. */
function fromWords(b: Uint8Array, start: number, end: number): Miss | undefined {
  let found: Miss | undefined;
  for (let i = start; i < end; i++) {
    const c = b[i];
    if (c === EQUALS) {
      if (i + 1 < end && b[i + 1] > SPACE && LEVEL_KEYS.some((key) => isWordBefore(b, start, i, key))) return LOGFMT;
    } else if (c === QUOTE) {
      if (found === undefined && isRequest(b, i + 1, end)) found = HTTP_NO_STATUS;
    } else if (
      c >= 0x41 &&
      c <= 0x5a &&
      found !== APP_LOG &&
      (i === start || opensLevel(b[i - 1])) &&
      isLevel(b, i, end)
    )
      found = APP_LOG;
  }
  return found;
}

function isWordBefore(b: Uint8Array, start: number, end: number, word: string): boolean {
  const at = end - word.length;
  return at >= start && (at === start || b[at - 1] <= SPACE) && startsWith(b, at, end, word);
}

function isLevel(b: Uint8Array, at: number, end: number): boolean {
  const stop = oneOf(b, at, end, LEVELS);
  return stop !== -1 && (stop === end || closesLevel(b[stop]));
}

const opensLevel = (c: number): boolean =>
  c <= SPACE || c === BRACKET || c === PAREN || c === BAR || c === LESS || c === COLON;
const closesLevel = (c: number): boolean =>
  c <= SPACE || c === BRACKET_END || c === PAREN_END || c === BAR || c === GREATER || c === COLON;

/** `GET /x HTTP/1`: a method of capitals, a word, the protocol. */
function isRequest(b: Uint8Array, at: number, end: number): boolean {
  let gap = at;
  while (gap < end && gap < at + 11 && b[gap] >= 0x41 && b[gap] <= 0x5a) gap++;
  if (gap < at + 3 || gap > at + 10 || b[gap] !== SPACE) return false;
  const stop = tokenEnd(b, gap + 1, end);
  return stop > gap + 1 && startsWith(b, stop, end, ' HTTP/') && stop + 6 < end && isDigit(b[stop + 6]);
}

/** `" 1234`, or a dash for the number. */
function endsWithSize(b: Uint8Array, start: number, end: number): boolean {
  let at = end;
  if (b[at - 1] === DASH) at--;
  else while (at > start && isDigit(b[at - 1])) at--;
  return at < end && at - 2 > start && b[at - 1] === SPACE && b[at - 2] === QUOTE;
}

/** An object or a list, as far as its ends tell. */
function isJson(b: Uint8Array, start: number, end: number): boolean {
  let last = end - 1;
  if (b[last] === COMMA) last--;
  return last > start + 1 && b[start + 1] === QUOTE && (b[last] === BRACE_END || b[last] === BRACKET_END);
}

/** A tag, or a line of a Java or JavaScript stack. */
function isMarkup(b: Uint8Array, start: number, end: number): boolean {
  if (b[start] !== LESS) return startsWith(b, start, end, 'at ');
  const name = b[start + 1] === SLASH ? start + 2 : start + 1;
  return name < end && (((b[name] | 32) >= 0x61 && (b[name] | 32) <= 0x7a) || b[name] === 0x21);
}
