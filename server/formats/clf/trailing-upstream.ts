// nginx's upstream columns behind combined without a name to them: `0.005 10.0.0.1:80, 10.0.0.2:80 502, 502 0.001, 0.002`. Address, status and
// time side by side, of one length, the status being the line's own: nothing else looks like that.
import { RESPONSE_TIME, UPSTREAM, UPSTREAM_STATUS, type Hit } from '../../core/hit.ts';
import { isDigit, skipBlank } from '../bytes/scanner.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACKET, BRACKET_END, COLON, COMMA, DASH, DOT, QUOTE, SLASH, SPACE, TAB } = ASCII;

/** A list between blanks, quotes or brackets. */
interface Column {
  start: number;
  end: number;
  /** How many elements it has; 0 when one of them is of another kind. */
  count: number;
  /** Where the next column begins, or the element of another kind. */
  next: number;
}

type Kind = (b: Uint8Array, start: number, end: number) => boolean;

const CLIENT_LEFT = 499;

/** A glance at whether an address may begin here. */
export function mayBeAddress(b: Uint8Array, at: number): boolean {
  if (b[at] === QUOTE || b[at] === BRACKET) at++;
  if (b[at] === 0x75) return b[at + 4] === COLON; // unix:
  return isDigit(b[at]) && (b[at + 1] === DOT || b[at + 2] === DOT || b[at + 3] === DOT);
}

/**
 * Reads the address at `at` and the columns beside it into the hit, if they are upstream's; [before, beforeEnd) is the column in front.
 * Says from where on another address may be tried: a list of them is tried once, not once for each.
 */
export function upstreamColumns(
  b: Uint8Array,
  before: number,
  beforeEnd: number,
  at: number,
  end: number,
  hit: Hit,
): number {
  const address = column(b, at, end, isUpstreamAddress),
    tried = address.count;
  if (tried === 0) return address.next;
  const isLike = ({ count }: Column): boolean => count === tried;
  let status = column(b, address.next, end, isStatus),
    time: Column;
  if (isLike(status)) {
    time = column(b, status.next, end, isTime);
    if (!isLike(time)) time = columnOf(b, before, beforeEnd, isTime);
  } else {
    time = column(b, address.next, end, isTime);
    if (isLike(time)) status = column(b, time.next, end, isStatus);
  }
  if (!isLike(status) || !isLike(time) || !belongs(b, status.end, hit.code)) return address.next;
  hit.proxy = 'nginx';
  hit.set(UPSTREAM, address.start, address.end);
  hit.set(UPSTREAM_STATUS, status.start, status.end);
  hit.set(RESPONSE_TIME, time.start, time.end);
  return address.next;
}

/** Does the last status of the list go with what the client got? */
function belongs(b: Uint8Array, end: number, code: number): boolean {
  if (b[end - 1] === DASH) return code === CLIENT_LEFT;
  return (b[end - 3] - 48) * 100 + (b[end - 2] - 48) * 10 + b[end - 1] - 48 === code;
}

/** The column that begins at or after `at`, a list of one kind; read no further than to the first element of another. */
function column(b: Uint8Array, at: number, end: number, is: Kind): Column {
  const first = skipBlank(b, at, end);
  const close = b[first] === QUOTE ? QUOTE : b[first] === BRACKET ? BRACKET_END : NO_BYTE;
  const start = close === NO_BYTE ? first : first + 1;
  let count = 0;
  for (let i = start; i < end;) {
    let stop = i;
    while (stop < end && !isGap(b[stop]) && b[stop] !== close) stop++;
    if (!is(b, i, stop)) return { start, end: stop, count: 0, next: stop };
    count++;
    i = close === NO_BYTE ? afterComma(b, stop, end) : skipGap(b, stop, end);
    if (close === NO_BYTE ? i === stop : b[i] === close && i < end)
      return { start, end: stop, count, next: close === NO_BYTE ? i : i + 1 };
  }
  // (of an open quote or bracket all that follows is inside)
  return { start, end, count: close === NO_BYTE ? count : 0, next: end };
}

/** The same of a column whose ends are known. */
function columnOf(b: Uint8Array, start: number, end: number, is: Kind): Column {
  let count = 0;
  for (let at = start; at < end; at = skipGap(b, at, end)) {
    const from = at;
    while (at < end && !isGap(b[at])) at++;
    if (!is(b, from, at)) return { start, end, count: 0, next: end };
    count++;
  }
  return { start, end, count, next: end };
}

/** Past the comma that another element follows, or the " : "; where it was when the list ends here. */
function afterComma(b: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && b[next] === COMMA) next++;
  if (next > at) return next + 1 < end && b[next] === SPACE ? next + 1 : next < end && b[next] !== TAB ? next : at;
  return at + 3 < end && b[at] === SPACE && b[at + 1] === COLON && b[at + 2] === SPACE ? at + 3 : at;
}

function skipGap(b: Uint8Array, at: number, end: number): number {
  while (at < end && (isGap(b[at]) || (b[at] === COLON && b[at - 1] === SPACE))) at++;
  return at;
}

const NO_BYTE = -1;
const isGap = (c: number): boolean => c === COMMA || c === SPACE || c === TAB;

/** `10.0.0.1:80` or `unix:/run/app.sock`. */
function isUpstreamAddress(b: Uint8Array, start: number, end: number): boolean {
  if (end - start > 6 && b[start] === 0x75 && b[start + 4] === COLON && b[start + 5] === SLASH) return true;
  let at = end - 1,
    dots = 0;
  while (at > start && isDigit(b[at])) at--;
  if (at === end - 1 || b[at] !== COLON || at === start) return false;
  for (let i = start; i < at; i++) {
    if (b[i] === DOT) dots++;
    else if (!isDigit(b[i])) return false;
  }
  return dots === 3;
}

/** Three digits, or "-" where no header came. */
function isStatus(b: Uint8Array, start: number, end: number): boolean {
  if (end - start === 1) return b[start] === DASH;
  return end - start === 3 && isDigit(b[start]) && isDigit(b[start + 1]) && isDigit(b[start + 2]);
}

/** Seconds with three decimals, or "-". */
function isTime(b: Uint8Array, start: number, end: number): boolean {
  if (end - start === 1) return b[start] === DASH;
  return (
    end - start >= 5 &&
    b[end - 4] === DOT &&
    isDigit(b[start]) &&
    isDigit(b[end - 1]) &&
    isDigit(b[end - 2]) &&
    isDigit(b[end - 3])
  );
}
