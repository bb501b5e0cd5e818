// What a line is that no format reads: error logs, application logs, debug logs. Only for the reason shown; never on the hot path.
import type { Chunk, Miss } from './format.ts';
import { rejected, skipped } from './misses.ts';

const ERROR_LOG_NGINX = skipped('an nginx error-log line');
const ERROR_LOG_APACHE = skipped('an Apache error-log line');
const SSL_LOG_APACHE = skipped('an Apache ssl_request_log line, which has no status');
const APP_LOG = skipped('an application log line');
const DIRECTIVE = skipped('a directive or comment');
const LOGFMT = skipped('a log line without an HTTP status');
const JSON_LINE = skipped('JSON without an HTTP status');
const MARKUP = skipped('markup or a stack trace');
const OTHER = skipped('no access record');
const HTTP_NO_STATUS = rejected('an HTTP request, but no status code after it');

const PATTERNS: readonly (readonly [RegExp, Miss])[] = [
  [/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(?:debug|info|notice|warn|error|crit|alert|emerg)\] /, ERROR_LOG_NGINX],
  [/^\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d[.\d]* \d{4}\] /, ERROR_LOG_APACHE],
  [/\] \S+ (?:TLSv|SSLv|-)\S* \S+ "[^"]*" (?:\d+|-)$/, SSL_LOG_APACHE],
  [/^\s*[{[]".*[}\]],?\s*$/, JSON_LINE],
  [/^#/, DIRECTIVE],
  [/(?:^|\s)(?:level|lvl|severity)=\S+/, LOGFMT],
  [/(?:^|[\s[(|<:])(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)(?:$|[\s\])|>:])/, APP_LOG],
  [/^(?:\s+at |<\/?[a-z!])/i, MARKUP],
  [/"[A-Z]{3,10} \S+ HTTP\/\d/, HTTP_NO_STATUS],
];
/** A line says what it is at its beginning; patterns see no more than this. */
const LOOK_BYTES = 2048;

/** Says what the line [start, end) looks like. */
export function lookalike(chunk: Chunk, start: number, end: number): Miss {
  const line = chunk.text.slice(start, Math.min(end, start + LOOK_BYTES));
  for (const [pattern, miss] of PATTERNS) if (pattern.test(line)) return miss;
  return OTHER;
}
