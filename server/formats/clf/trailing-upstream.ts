// nginx's upstream columns behind combined without a name to them: `0.005 10.0.0.1:80, 10.0.0.2:80 502, 502 0.001, 0.002`. Address, status and
// time side by side, of one length, the status being the line's own: nothing else looks like that.
import { RESPONSE_TIME, UPSTREAM, UPSTREAM_STATUS, type Hit } from '../../core/hit.ts';
import {
  CLOSE,
  COLON,
  COMMA,
  DASH,
  DOT,
  OPEN,
  QUOTE,
  SPACE,
  isDigit,
  listEnd,
  skipBlank,
  tokenEnd,
} from '../bytes/scanner.ts';

/** A column without its quotes or brackets, and where the next begins. */
interface Column {
  start: number;
  end: number;
  next: number;
}

const CLIENT_LEFT = 499;

/** A glance at whether an address may begin here. */
export function mayBeAddress(b: Uint8Array, at: number): boolean {
  if (b[at] === QUOTE || b[at] === OPEN) at++;
  if (b[at] === 0x75) return b[at + 4] === COLON; // unix:
  return isDigit(b[at]) && (b[at + 1] === DOT || b[at + 2] === DOT || b[at + 3] === DOT);
}

/** Reads the address at `at` and the columns beside it into the hit, if they are upstream's; [before, beforeEnd) is the column in front. */
export function upstreamColumns(
  b: Uint8Array,
  before: number,
  beforeEnd: number,
  at: number,
  end: number,
  hit: Hit,
): void {
  const address = column(b, at, end),
    tried = address === undefined ? 0 : count(b, address, isAddress);
  const first = address === undefined || tried === 0 ? undefined : column(b, address.next, end);
  if (address === undefined || first === undefined) return;
  const second = column(b, first.next, end),
    front: Column = { start: before, end: beforeEnd, next: at };
  const isTimes = (c: Column | undefined): c is Column => c !== undefined && count(b, c, isTime) === tried;
  let status = first,
    time: Column | undefined;
  if (count(b, first, isStatus) === tried) time = isTimes(second) ? second : isTimes(front) ? front : undefined;
  else if (isTimes(first) && second !== undefined && count(b, second, isStatus) === tried) {
    status = second;
    time = first;
  }
  if (time === undefined || !belongs(b, status.end, hit.code)) return;
  hit.proxy = 'nginx';
  hit.set(UPSTREAM, address.start, address.end);
  hit.set(UPSTREAM_STATUS, status.start, status.end);
  hit.set(RESPONSE_TIME, time.start, time.end);
}

/** Does the last status of the list go with what the client got? */
function belongs(b: Uint8Array, end: number, code: number): boolean {
  if (b[end - 1] === DASH) return code === CLIENT_LEFT;
  return (b[end - 3] - 48) * 100 + (b[end - 2] - 48) * 10 + b[end - 1] - 48 === code;
}

/** The column that begins at or after `at`; a list goes on after ", " and " : ". */
function column(b: Uint8Array, at: number, end: number): Column | undefined {
  const start = skipBlank(b, at, end);
  if (start >= end) return undefined;
  const close = b[start] === QUOTE ? QUOTE : b[start] === OPEN ? CLOSE : 0;
  if (close !== 0) {
    let stop = start + 1;
    while (stop < end && b[stop] !== close) stop++;
    return stop < end ? { start: start + 1, end: stop, next: stop + 1 } : undefined;
  }
  const stop = listEnd(b, tokenEnd(b, start, end), end);
  return { start, end: stop, next: stop };
}

/** How many elements the list in a column has, if all are of the kind; 0 otherwise. */
function count(
  b: Uint8Array,
  { start, end }: Column,
  is: (b: Uint8Array, start: number, end: number) => boolean,
): number {
  let n = 0;
  for (let at = start; at < end;) {
    let stop = at;
    while (stop < end && b[stop] !== COMMA && b[stop] !== SPACE) stop++;
    if (!is(b, at, stop)) return 0;
    n++;
    at = stop;
    while (at < end && (b[at] === COMMA || b[at] === SPACE || (b[at] === COLON && b[at - 1] === SPACE))) at++;
  }
  return n;
}

/** `10.0.0.1:80` or `unix:/run/app.sock`. */
function isAddress(b: Uint8Array, start: number, end: number): boolean {
  if (end - start > 6 && b[start] === 0x75 && b[start + 4] === COLON && b[start + 5] === 0x2f) return true;
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
