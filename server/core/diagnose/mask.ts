// Takes secrets out of a log line before it is kept or shown: query strings, tokens, credentials; client addresses by setting.
// Rather a harmless value too much than a token too few. Lines come from anyone: each rule goes over a line once.

export interface MaskOptions {
  /** Shorten this address wherever it stands in the line. */
  address?: string;
}

const GONE = '…';

/** Values in queries go, names stay: they are what one looks for. */
const QUERY = /([?&;])([A-Za-z0-9_.[\]%-]{1,60})=[^&\s"'<>\\;]*/g;
/** A query without names, behind a path. */
const BARE_QUERY = /\?(?=[^\s"'<>&=?]{12,500}(?:[\s"']|$))[^\s"'<>]*/g;
const PATH_CHARS_MAX = 300;
/** A name, and what stands between it and its value: in a query, a header, JSON, JSON inside of JSON. */
const NAME = /(?<![\w-])([\w-]{1,80})(\\{0,3}"?\s{0,4}[=:]\s{0,4}\[{0,2})/g;
const SECRET =
  /authorization|cookie|token|secret|passw(?:or)?d|passphrase|pwd|(?:api|access|private|auth|license)[_-]?key|session(?!s)|credential|signature/i;
const OPENING = /\\{0,3}"/y,
  NEXT = /\\{0,3}"\s{0,4},\s{0,4}(?=\\{0,3}")/y;
const WORD = /(?:(?:Bearer|Basic|Digest|Token|Negotiate|ApiKey) {1,4})?[^\s"',;&\]}\\]+/iy,
  COOKIES = /[^\s"',;&\]}\\]+(?:; ?[^\s"',;&\]}\\]+)*/y;
/** What JSON has without quotes is no secret, or is looked into on its own. */
const BARE = /(?:-?\d[\d.]*|true|false|null|\{|\[)/y;
const SCHEME = /\b(Bearer|Basic|Digest|Token)\s+[A-Za-z0-9+/=._~-]{6,}/gi;
const USERINFO = /(\/\/)[^\s/@:"']{1,100}(?::[^\s/@"']{0,100})?@/g;
const JWT = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}/g;
/** Long words with both letters and digits: keys and session ids. UUIDs, which name things, have dashes at fixed places and stay. */
const LONG = /[A-Za-z0-9_+=-]{24,}/g;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAIL = /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+(?:@|%40)([A-Za-z0-9.-]{1,120}\.[A-Za-z]{2,20})/g;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g;

export function masked(line: string, { address }: MaskOptions = {}): string {
  const text = withoutNamed(line.replace(CONTROL, '\ufffd'))
    .replace(SCHEME, `$1 ${GONE}`)
    .replace(USERINFO, `$1${GONE}@`)
    .replace(JWT, GONE)
    .replace(BARE_QUERY, (query, at: number, all: string) => (isBehindPath(all, at) ? `?${GONE}` : query))
    .replace(QUERY, `$1$2=${GONE}`)
    .replace(MAIL, `${GONE}@$1`)
    .replace(CARD, (number) => (isTimeLike(number) ? number : GONE))
    .replace(LONG, (word) =>
      UUID.test(word) || !/\d/.test(word) || !/[A-Za-z]/.test(word) ? word : word.slice(0, 4) + GONE,
    );
  return address ? text.replaceAll(address, shortened(address)) : text;
}

/** A request's path and query without the keys that senders put into them: `/v1/input/KEY`, `/services/T0/B0/KEY`. */
export function maskedUrl(url: string): string {
  const query = url.indexOf('?'),
    path = query === -1 ? url : url.slice(0, query);
  const segments = path.split('/').map((segment) => (isKey(segment) ? GONE : segment));
  return masked(segments.join('/') + (query === -1 ? '' : url.slice(query)));
}

/** Not a word of a route: a UUID, or letters and digits that are too long or too mixed for one. */
function isKey(segment: string): boolean {
  if (segment.length < 16) return false;
  if (UUID.test(segment)) return true;
  const digits = segment.replace(/\D/g, '').length,
    separators = segment.replace(/[^-_.]/g, '').length;
  return separators === 0 ? digits > 0 || segment.length >= 20 : digits >= 4 || segment.length >= 40;
}

/** Without the values of what is named like a secret. */
function withoutNamed(line: string): string {
  let out = '',
    from = 0;
  NAME.lastIndex = 0;
  for (let found = NAME.exec(line); found !== null; found = NAME.exec(line)) {
    const [, name, gap] = found;
    if (!SECRET.test(name)) continue;
    let at = NAME.lastIndex,
      end = at;
    const quote = matched(OPENING, line, at);
    if (quote > 0) {
      // a text, or the texts of a list
      for (let opening = quote; opening > 0; opening = matched(OPENING, line, at)) {
        at += opening;
        end = textEnd(line, at, opening);
        out += line.slice(from, at) + GONE;
        from = at = end;
        const next = gap.endsWith('[') ? matched(NEXT, line, at) : 0;
        if (next === 0) break;
        at += next;
      }
    } else if (!gap.includes('"') || matched(BARE, line, at) === 0) {
      end = at + matched(/cookie/i.test(name) ? COOKIES : WORD, line, at);
      if (end > at) {
        out += line.slice(from, at) + GONE;
        from = end;
      }
    }
    NAME.lastIndex = end;
  }
  return out + line.slice(from);
}

/** How long what the pattern matches at `at` is. */
function matched(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

/** Where the text that begins at `at` ends: at a quote that is escaped like the one before it, which is `opening` characters long. */
function textEnd(text: string, at: number, opening: number): number {
  for (let quote = text.indexOf('"', at); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\' && quote - slashes > at) slashes++;
    if (opening === 1 ? slashes % 2 === 0 : slashes < opening) return opening === 1 ? quote : quote - slashes;
  }
  return text.length;
}

/** Does a path stand in front of the question mark at `at`? */
function isBehindPath(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0 && i >= at - PATH_CHARS_MAX; i--) {
    if (text[i] === '/') return true;
    if (text[i] <= ' ' || text[i] === '"' || text[i] === "'" || text[i] === '<' || text[i] === '>' || text[i] === '?')
      return false;
  }
  return false;
}

/** Times of day in ms or µs look like card numbers; cards are checked by their last digit. */
function isTimeLike(number: string): boolean {
  const digits = number.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const d = Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 2 : 1);
    sum += d > 9 ? d - 9 : d;
  }
  return sum % 10 !== 0;
}

/** 203.0.113.7 → 203.0.113.x; 2001:db8:1:2::7 → 2001:db8:1:… */
function shortened(address: string): string {
  if (address.includes(':') && !/^\d+\.\d+\.\d+\.\d+:\d+$/.test(address))
    return `${address.split(':').slice(0, 3).join(':')}:${GONE}`;
  return address.replace(/\.\d+(:\d+)?$/, '.x');
}
