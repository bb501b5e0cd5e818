// How a syslog message begins, sure enough to cut a stream there: a priority, and after it a version or a time.
import { ASCII } from '../core/ascii.ts';

const { GREATER, LESS } = ASCII;
const DIGITS_MAX = 3;
/** The bytes of a time as RFC 5424, RFC 3164 and rsyslog's forwarding write it; 0 is any digit, _ one or a blank, A a letter. */
const AFTER = ['1 0000-00-00T', '1 - ', 'Aaa _0 00:00:00 ', '0000-00-00T00:'];

/** Are these the beginning of a message? Undefined when the bytes end too early to say. */
export function beginsMessage(bytes: Buffer, at: number): boolean | undefined {
  const after = afterPriority(bytes, at);
  if (after === undefined || after === -1) return after === undefined ? undefined : false;
  let isCut = false;
  for (const pattern of AFTER) {
    const fits = begins(bytes, after, pattern);
    if (fits === true) return true;
    if (fits === undefined) isCut = true;
  }
  return isCut ? undefined : false;
}

/** `<134>` */
export const hasPriority = (bytes: Buffer, at: number): boolean => (afterPriority(bytes, at) ?? -1) !== -1;

/** Where the priority at `at` ends; -1 when there is none, undefined when the bytes end within it. */
function afterPriority(bytes: Buffer, at: number): number | undefined {
  if (bytes[at] !== LESS) return -1;
  let i = at + 1;
  while (i < bytes.length && i - at <= DIGITS_MAX && isDigit(bytes[i])) i++;
  if (i === bytes.length) return undefined;
  return i > at + 1 && bytes[i] === GREATER ? i + 1 : -1;
}

function begins(bytes: Buffer, at: number, pattern: string): boolean | undefined {
  for (let i = 0; i < pattern.length; i++) {
    if (at + i === bytes.length) return undefined;
    if (!fits(bytes[at + i], pattern.charCodeAt(i))) return false;
  }
  return true;
}

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

function fits(c: number, wanted: number): boolean {
  switch (wanted) {
    case 0x30:
      return isDigit(c);
    case 0x5f:
      return c === 0x20 || isDigit(c);
    case 0x41:
      return c >= 0x41 && c <= 0x5a;
    case 0x61:
      return c >= 0x61 && c <= 0x7a;
    default:
      return c === wanted;
  }
}
