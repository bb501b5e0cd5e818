// Which column of a W3C extended log is what: by the names of its `#Fields`, or by the shape of a row in a file that lost its header.
import { digits, isDash, isDigit, startsWith } from '../bytes/scanner.ts';
import { ASCII } from '../bytes/ascii.ts';

const { COLON, DASH, QUOTE, SLASH } = ASCII;

export const COLUMNS_MAX = 128;
export const DATE = 0,
  TIME = 1,
  STATUS = 2,
  METHOD_ = 3,
  STEM = 4,
  QUERY = 5,
  CLIENT_ = 6,
  HOST_ = 7,
  SENT = 8,
  TAKEN = 9,
  AGENT = 10,
  SUBSTATUS = 11,
  WIN32 = 12,
  EDGE = 13,
  EDGE_DETAIL = 14,
  URI = 15,
  SIZE = 16;
const PLACES = 17;
const PLACE_OF = new Map<string, number>(
  Object.entries({
    date: DATE,
    timestamp: DATE,
    ts: DATE,
    'date-local': DATE,
    time: TIME,
    'time-local': TIME,
    timetakenms: TAKEN,
    'sc-status': STATUS,
    'c-status': STATUS,
    's-status': STATUS,
    status_code: STATUS,
    method: METHOD_,
    uri: URI,
    host: HOST_,
    'id.orig_h': CLIENT_,
    user_agent: AGENT,
    response_body_len: SIZE,
    'cs-ip': CLIENT_,
    'cs-uri-path': STEM,
    'c-user-agent': AGENT,
    'cs-method': METHOD_,
    'cs-uri-stem': STEM,
    'cs-uri': URI,
    'cs-url': URI,
    'cs-uri-query': QUERY,
    'c-ip': CLIENT_,
    'x-host-header': HOST_,
    'cs-host': HOST_,
    'cs(host)': HOST_,
    'sc-bytes': SENT,
    bytes: SIZE,
    'time-taken': TAKEN,
    'cs(user-agent)': AGENT,
    'cs-user-agent': AGENT,
    'sc-substatus': SUBSTATUS,
    'sc-win32-status': WIN32,
    'x-edge-result-type': EDGE,
    'x-edge-detailed-result-type': EDGE_DETAIL,
  }),
);

/** CloudFront's standard columns, for files without header. */
const CLOUDFRONT =
  'date time x-edge-location sc-bytes c-ip cs-method cs(host) cs-uri-stem sc-status cs(referer) cs(user-agent) cs-uri-query cs(cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end';

export interface Columns {
  /** Column of each place, -1 when it is not there. */
  readonly at: Int32Array;
  readonly count: number;
  readonly proxy: 'iis' | 'cloudfront' | 'unknown';
  readonly msPerUnit: number;
}

export function columnsOf(names: readonly string[], software: string): Columns {
  const at = new Int32Array(PLACES).fill(-1);
  for (const [i, name] of names.slice(0, COLUMNS_MAX).entries()) {
    const place = PLACE_OF.get(name.toLowerCase());
    if (place === undefined) continue;
    if (at[place] === -1 || name.toLowerCase() === 'x-host-header' || name.toLowerCase() === 'sc-status') at[place] = i;
  }
  const cloudfront = names.some((name) => name.startsWith('x-edge-'));
  const iis =
    /Internet Information|HTTP Server API/i.test(software) ||
    names.some((name) => /^(?:s-sitename|sc-win32-status|sc-substatus|s-computername)$/i.test(name));
  return {
    at,
    count: names.length,
    proxy: cloudfront ? 'cloudfront' : iis ? 'iis' : 'unknown',
    msPerUnit: cloudfront ? 1000 : 1,
  };
}

/** What HTTP.sys answered itself, before IIS or any other server saw the request; newer versions number the stream. */
const HTTP_SYS =
  'date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename';
const HTTP_ERROR = columnsOf(HTTP_SYS.split(' '), 'Microsoft HTTP Server API');
const HTTP_ERROR_STREAM = columnsOf(
  HTTP_SYS.replace('sc-status', 'streamid sc-status').split(' '),
  'Microsoft HTTP Server API',
);

/** A row of tabs may go on: CloudFront adds columns at the end. */
export const fits = (columns: Columns, count: number, tabs: boolean): boolean =>
  count === columns.count || (tabs && columns.proxy === 'cloudfront' && count > columns.count);

/** A glance at whether a row without header may begin here: `2026-01-02 15:04:05`, perhaps in quotes. */
export function mayBeRow(b: Uint8Array, start: number, end: number): boolean {
  const date = b[start] === QUOTE ? start + 1 : start;
  return date + 20 < end && b[date + 4] === DASH && b[date + 7] === DASH;
}

/** Columns of a row without header: CloudFront's by the edge location, HTTP.sys's by its ports and version, IIS's by the numbers at the end. */
export function guess(b: Uint8Array, starts: Int32Array, ends: Int32Array, count: number): Columns | undefined {
  if (
    count < 10 ||
    ends[0] - starts[0] !== 10 ||
    b[starts[0] + 4] !== DASH ||
    ends[1] - starts[1] !== 8 ||
    b[starts[1] + 2] !== COLON
  )
    return undefined;
  if (
    count >= 20 &&
    ends[2] - starts[2] >= 4 &&
    b[starts[2]] >= 0x41 &&
    b[starts[2]] <= 0x5a &&
    isDigit(b[starts[2] + 3])
  )
    return columnsOf(CLOUDFRONT.split(' '), '');
  const isNumber = (i: number): boolean => digits(b, starts[i], ends[i]) !== -1;
  if (
    (count === 13 || count === 14) &&
    isNumber(3) &&
    isNumber(5) &&
    (startsWith(b, starts[6], ends[6], 'HTTP/') || isDash(b, starts[6], ends[6]))
  )
    return count === 13 ? HTTP_ERROR : HTTP_ERROR_STREAM;
  // A column or two more: whom a proxy in front forwarded for, and from which port.
  let last = count - 1;
  if (isNumber(last) && !isNumber(last - 1)) last--;
  if (!isNumber(last)) last--;
  let first = last + 1;
  while (first > last - 5 && isNumber(first - 1)) first--;
  if (last - first < 3 || ends[first] - starts[first] !== 3) return undefined;
  const method = [3, 5, 4].find(
    (i) => i + 1 < first && b[starts[i + 1]] === SLASH && b[starts[i]] >= 0x41 && b[starts[i]] <= 0x5a,
  );
  if (method === undefined) return undefined;
  const names = Array.from({ length: count }, () => 'x-unknown');
  names.splice(0, 2, 'date', 'time');
  names.splice(method, 3, 'cs-method', 'cs-uri-stem', 'cs-uri-query');
  if (first > method + 5) names[method + 5] = 'c-ip';
  names.splice(first, 3, 'sc-status', 'sc-substatus', 'sc-win32-status');
  if (last - first > 3) names[first + 3] = 'sc-bytes';
  names[last] = 'time-taken';
  return columnsOf(names, '');
}
