// JSON's backslash escapes, undone from bytes to bytes.
import { ASCII } from './ascii.ts';

const { BACKSLASH, QUOTE, SLASH, TAB } = ASCII;

/** JSON escapes undone into `to`; returns the length. */
export function unescape(b: Buffer, start: number, end: number, to: Buffer): number {
  let n = 0;
  const limit = Math.min(end, start + to.length);
  for (let i = start; i < limit; i++) {
    const c = b[i];
    if (c !== BACKSLASH || i + 1 >= limit) {
      to[n++] = c;
      continue;
    }
    const e = b[++i];
    switch (e) {
      case 0x6e:
        to[n++] = 0x0a;
        break;
      case 0x74:
        to[n++] = TAB;
        break;
      case 0x72:
        to[n++] = 0x0d;
        break;
      case 0x62:
        to[n++] = 0x08;
        break;
      case 0x66:
        to[n++] = 0x0c;
        break;
      case 0x75: {
        let unit = hex4(b, i + 1, limit);
        if (unit === -1) {
          to[n++] = BACKSLASH;
          to[n++] = e;
          break;
        }
        i += 4;
        if (unit >= 0xd800 && unit < 0xdc00 && b[i + 1] === BACKSLASH && b[i + 2] === 0x75) {
          const low = hex4(b, i + 3, limit);
          if (low >= 0xdc00 && low < 0xe000) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00;
            i += 6;
          }
        }
        n = utf8(unit, to, n);
        break;
      }
      case QUOTE:
      case BACKSLASH:
      case SLASH:
        to[n++] = e;
        break;
      default:
        // no JSON escape (`\x22`, as nginx writes): left as it is
        to[n++] = BACKSLASH;
        to[n++] = e;
    }
  }
  return n;
}

function utf8(unit: number, to: Buffer, n: number): number {
  if (unit < 0x80) to[n++] = unit;
  else if (unit < 0x800) {
    to[n++] = 0xc0 | (unit >> 6);
    to[n++] = 0x80 | (unit & 63);
  } else if (unit < 0x10000) {
    to[n++] = 0xe0 | (unit >> 12);
    to[n++] = 0x80 | ((unit >> 6) & 63);
    to[n++] = 0x80 | (unit & 63);
  } else {
    to[n++] = 0xf0 | (unit >> 18);
    to[n++] = 0x80 | ((unit >> 12) & 63);
    to[n++] = 0x80 | ((unit >> 6) & 63);
    to[n++] = 0x80 | (unit & 63);
  }
  return n;
}

function hex4(b: Buffer, at: number, limit: number): number {
  if (at + 4 > limit) return -1;
  let n = 0;
  for (let i = at; i < at + 4; i++) {
    const c = b[i] | 32;
    const d = b[i] >= 48 && b[i] <= 57 ? b[i] - 48 : c >= 0x61 && c <= 0x66 ? c - 87 : -1;
    if (d === -1) return -1;
    n = n * 16 + d;
  }
  return n;
}
