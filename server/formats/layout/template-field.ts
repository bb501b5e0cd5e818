// What is done with the bytes of a declared format's field, once its end is found: all but times, which take a reader's memory.
import { HOST, METHOD, PATH, TIMERS, type Hit } from '../../core/hit.ts';
import { ASCII } from '../bytes/ascii.ts';
import { methodEnd, readRequest, readUrl, setClient, setService } from '../bytes/request.ts';
import { DASHED, decimal, digits, isDash, isDigit, lastNumber, status } from '../bytes/scanner.ts';
import type { Chunk, Miss } from '../format.ts';
import { BAD_STATUS, NO_STATUS, rejected } from '../misses.ts';
import {
  CLIENT_,
  DURATION,
  HOST_,
  METHOD_,
  NOTHING,
  PADDED,
  REQUEST,
  SERVICE,
  SIZE,
  STATUS,
  URL_,
  type Step,
} from './template-step.ts';

const { BACKSLASH, SPACE } = ASCII;

const BAD_METHOD = rejected('bad-method', 'the method is no single word');

/** A text where a number belongs: the columns before it ran into it. */
export const MISFIT = rejected('misfit', 'a text where a number belongs');

export function takeField(
  step: Step,
  chunk: Chunk,
  from: number,
  to: number,
  hit: Hit,
  isJson: boolean,
): Miss | undefined {
  const b = chunk.bytes;
  if (step.how === PADDED) from = skipSpace(b, from, to);
  switch (step.take) {
    case NOTHING:
      return undefined;
    case STATUS: {
      const code = status(b, from, to);
      if (code < 0) return code === DASHED || from === to ? NO_STATUS : BAD_STATUS;
      hit.code = code;
      return undefined;
    }
    case SIZE: {
      const n = digits(b, from, to);
      if (n !== -1) hit.size = n;
      return undefined;
    }
    case DURATION: {
      const n = decimal(b, from, to);
      if (n === n) hit.durationMs = msOf(n, step);
      return n !== n && !isDigit(b[from]) && hasBlank(b, from, to) ? MISFIT : undefined;
    }
    case REQUEST:
      readRequest(chunk, from, to, hit);
      break;
    case URL_:
      if (to > from && !isDash(b, from, to)) readUrl(chunk, from, to, hit);
      break;
    case METHOD_:
      if (to === from || isDash(b, from, to)) return undefined;
      if (methodEnd(b, from, to) !== to) return BAD_METHOD;
      hit.set(METHOD, from, to);
      return undefined;
    case CLIENT_:
      setClient(b, from, to, hit);
      return undefined;
    case HOST_:
      if (to > from && !isDash(b, from, to) && !hit.has(HOST)) hit.set(HOST, from, to);
      return undefined;
    case SERVICE:
      setService(b, from, to, hit);
      return undefined;
    default:
      if (to > from) hit.set(step.field, from, to);
      if (step.field === TIMERS) hit.durationMs = lastNumber(b, from, to);
      return undefined;
  }
  if (isJson) {
    unescape(hit, METHOD);
    unescape(hit, PATH);
  }
  return undefined;
}

/** Past the blanks that a field is padded with. */
export function skipSpace(b: Uint8Array, from: number, to: number): number {
  while (from < to && b[from] === SPACE) from++;
  return from;
}

function hasBlank(b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (b[i] === SPACE) return true;
  return false;
}

export const msOf = (n: number, { unitMs }: Step): number => (unitMs < 1 ? n / Math.round(1 / unitMs) : n * unitMs);

/** Undoes JSON's backslash escapes; a text without any stays the range it is. */
function unescape(hit: Hit, field: number): void {
  if (!hit.has(field)) return;
  const b = hit.bufferOf(field);
  const end = hit.endOf(field);
  for (let i = hit.startOf(field); i < end; i++) {
    if (b[i] !== BACKSLASH) continue;
    try {
      hit.setText(field, JSON.parse(`"${hit.text(field)!}"`) as string);
    } catch {
      // not JSON's escapes: stays as it was written
    }
    return;
  }
}
