// Takes secrets out of a log line before it is kept or shown: query strings, tokens, credentials; client addresses by setting.
// Rather a harmless value too much than a token too few.

export interface MaskOptions {
  /** Shorten this address wherever it stands in the line. */
  address?: string;
}

// Every repetition is bounded: lines come from anyone, and none may take more than linear time.
const GONE = '…';

/** Values in queries go, names stay: they are what one looks for. */
const QUERY = /([?&;])([A-Za-z0-9_.[\]%-]{1,60})=[^&\s"'<>\\;]*/g;
/** A query without names. */
const BARE_QUERY = /(\/[^\s?"'<>]{0,300})\?(?=[^\s"'<>&=]{12,500}(?:[\s"']|$))[^\s"'<>]*/g;
const JSON_SECRET =
  /("(?:[\w-]{0,30}(?:authorization|cookie|token|secret|passw(?:or)?d|api[_-]?key|session|credential|signature)[\w-]{0,30})"\s{0,4}:\s{0,4}")(?:[^"\\]|\\.)*"/gi;
const PAIR_SECRET =
  /\b((?:[\w-]{0,30}(?:authorization|cookie|token|secret|passw(?:or)?d|api[_-]?key|sessionid|signature)[\w-]{0,30})\s{0,4}[=:]\s{0,4})(?!…)("?)[^\s"',;&]+/gi;
const SCHEME = /\b(Bearer|Basic|Digest|Token)\s+[A-Za-z0-9+/=._~-]{6,}/gi;
const USERINFO = /(\/\/)[^\s/@:"']{1,100}(?::[^\s/@"']{0,100})?@/g;
const JWT = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}/g;
/** Long words with both letters and digits: keys and session ids. UUIDs, which name things, have dashes at fixed places and stay. */
const LONG = /[A-Za-z0-9_+=-]{24,}/g;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAIL = /[A-Za-z0-9._%+-]{1,64}(?:@|%40)([A-Za-z0-9.-]{1,120}\.[A-Za-z]{2,20})/g;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g;

export function masked(line: string, { address }: MaskOptions = {}): string {
  const text = line
    .replace(CONTROL, '\ufffd')
    .replace(JSON_SECRET, `$1${GONE}"`)
    .replace(SCHEME, `$1 ${GONE}`)
    .replace(USERINFO, `$1${GONE}@`)
    .replace(JWT, GONE)
    .replace(BARE_QUERY, `$1?${GONE}`)
    .replace(QUERY, `$1$2=${GONE}`)
    .replace(PAIR_SECRET, `$1$2${GONE}`)
    .replace(MAIL, `${GONE}@$1`)
    .replace(CARD, (number) => (isTimeLike(number) ? number : GONE))
    .replace(LONG, (word) =>
      UUID.test(word) || !/\d/.test(word) || !/[A-Za-z]/.test(word) ? word : word.slice(0, 4) + GONE,
    );
  return address ? text.replaceAll(address, shortened(address)) : text;
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
