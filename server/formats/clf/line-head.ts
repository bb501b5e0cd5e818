// What stands before a quoted request tells whether the line is an access record or what somebody says of a request.
import { isDigit } from '../bytes/scanner.ts';
import { ASCII } from '../bytes/ascii.ts';

const { DASH, DOT } = ASCII;

/** Words in front of an application's message, not of an access record. */
const LEVEL =
  /(?:^|[\s[(|<])(?:TRACE|DEBUG|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE|debug|trace|notice|warn|error|crit|alert|emerg)(?:$|[\s\])|>:])|(?:^|[\s[(|<])INFO(?:$|[\s\])|>])/;
/** Those that an access log may have. */
export const CALM = /\b(?:INFO|info|NOTICE|notice)\b/;
/** … and yet of one, where a client stands right before the request: Actix, Quarkus. */
const CLIENT_HEAD =
  /(?:^|[\s[(])(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}:[\da-f:]+)(?::\d+)?\]?(?: - [^\s|,;]+| -){0,2}-?[\s|,;][\s|,;-]*(?:\[?\d\d\/[a-z]{3}\/\d{4}:[\d: +-]{8,20}\]? )?"?$/i;
/** … and Django's development server, which gives what failed the level of a failure. */
const DJANGO_HEAD = /\b(?:basehttp|django\.server)(?:\.py|[\s:|[\](){}-]|\d|INFO|WARNING|ERROR)*"?$/;
/** `https://api.example.com:443 "GET /x HTTP/1.1" 200 None`: urllib3 tells of the requests that it makes. */
const MADE = /(?:^|[\s:])https?:\/\/[^\s/"]+:\d+ "?$|\burllib3\b/;

/** Does a logger's level stand there, and nothing that makes the line an access record all the same? `mayBeCalm`: a client makes it one. */
export const isMessage = (head: string, mayBeCalm: boolean): boolean =>
  LEVEL.test(head) && !DJANGO_HEAD.test(head) && !(mayBeCalm && CALM.test(head) && CLIENT_HEAD.test(head));

export const isDjango = (head: string): boolean => DJANGO_HEAD.test(head);

/** Does the URL that was asked for stand right before the request? */
export const isMade = (head: string): boolean => MADE.test(head);

/** Letters, digits and dashes between dots, no address. */
export function isHostName(b: Uint8Array, from: number, to: number): boolean {
  let dots = 0,
    letters = 0;
  for (let i = from; i < to; i++) {
    const c = b[i] | 32;
    if (b[i] === DOT) dots++;
    else if (c >= 0x61 && c <= 0x7a) letters++;
    else if (!isDigit(b[i]) && b[i] !== DASH) return false;
  }
  return dots > 0 && letters > 1 && b[from] !== DOT && b[to - 1] !== DOT;
}
