// What a declared format's reader does step by step: a field of the template, how its end is found and what is done with it.
import {
  CONNECT_TIME,
  DETAILS,
  FLAGS,
  HEADER_TIME,
  LIMIT,
  RESPONSE_TIME,
  RESULT,
  RETRIES,
  ROUTE,
  TERMINATION,
  TIMERS,
  UPSTREAM,
  UPSTREAM_BYTES,
  UPSTREAM_LENGTH,
  UPSTREAM_STATUS,
  USER_AGENT,
} from '../../core/hit.ts';
import type { Miss } from '../format.ts';
import { Literal } from '../bytes/literal.ts';
import { rejected } from '../misses.ts';
import { Needle } from '../bytes/scanner.ts';
import { Strptime } from '../bytes/strptime.ts';
import type { Evidence, Slot, Use } from './template.ts';

const FIELD_OF: Readonly<Record<Evidence, number>> = {
  upstream: UPSTREAM,
  upstreamStatus: UPSTREAM_STATUS,
  connectTime: CONNECT_TIME,
  headerTime: HEADER_TIME,
  responseTime: RESPONSE_TIME,
  upstreamBytes: UPSTREAM_BYTES,
  upstreamLength: UPSTREAM_LENGTH,
  limit: LIMIT,
  userAgent: USER_AGENT,
  flags: FLAGS,
  details: DETAILS,
  result: RESULT,
  retries: RETRIES,
  termination: TERMINATION,
  timers: TIMERS,
  route: ROUTE,
};

/** How a field's end is found. */
export const TO_END = 0,
  TO_LITERAL = 1,
  TO_QUOTE = 2,
  TO_BYTE = 3,
  LIST = 4,
  TIME = 5,
  PADDED = 6;
/** Use.as as numbers, for a jump table. */
const USES = [
  'nothing',
  'status',
  'size',
  'duration',
  'request',
  'method',
  'url',
  'client',
  'host',
  'service',
  'clf',
  'iso',
  'epoch',
  'strptime',
  'evidence',
  'time',
] as const satisfies readonly Use['as'][];
export const NOTHING = 0,
  STATUS = 1,
  SIZE = 2,
  DURATION = 3,
  REQUEST = 4,
  METHOD_ = 5,
  URL_ = 6,
  CLIENT_ = 7,
  HOST_ = 8,
  SERVICE = 9,
  CLF = 10,
  ISO = 11,
  EPOCH = 12,
  STRPTIME = 13,
  EVIDENCE = 14,
  ANY_TIME = 15;
/** Uses whose text holds neither blanks nor quotes: a scan of a few bytes beats a search. */
const COMPACT: ReadonlySet<string> = new Set(['status', 'size', 'duration', 'epoch', 'method', 'client']);
const TIMES: ReadonlySet<string> = new Set(['clf', 'iso', 'epoch', 'strptime', 'time']);
/** Uses whose text may hold anything: where a second reading from the line's end may place the blame. */
export const LOOSE: ReadonlySet<string> = new Set([
  'nothing',
  'request',
  'url',
  'host',
  'service',
  'evidence',
  'client',
]);

export interface Step extends Slot {
  needle: Needle;
  /** The literal's first byte, or -1. */
  byte: number;
  /** Bytes of the literal that belong to no field. */
  skip: number;
  how: number;
  /** Index of `use.as` in USES. */
  take: number;
  /** 1 when its usual look is read in one pass. */
  isPlain: number;
  /** 1 when it says when. */
  isTime: number;
  bytes: Literal;
  strptime: Strptime | undefined;
  field: number;
  unitMs: number;
  missing: Miss;
}

export function stepOf(slot: Slot): Step {
  const { use, literal } = slot;
  const list = (use.as === 'evidence' || use.as === 'nothing') && use.list === true;
  const compact = COMPACT.has(use.as) || (use.as === 'evidence' && use.list);
  const how =
    use.as === 'clf' || use.as === 'iso'
      ? TIME
      : literal === ''
        ? TO_END
        : slot.padded === true
          ? PADDED
          : literal[0] === ' ' && list
            ? LIST
            : compact
              ? TO_BYTE
              : literal[0] === '"' || literal[0] === "'"
                ? TO_QUOTE
                : TO_LITERAL;
  // Written out, so that every step of every format has one shape: the reader's loads stay monomorphic.
  return {
    name: slot.name,
    use,
    literal,
    overlap: slot.overlap === true,
    padded: slot.padded === true,
    needle: new Needle(how === TO_QUOTE ? literal[0] : literal),
    byte: literal === '' ? -1 : literal.charCodeAt(0),
    skip: slot.overlap === true ? 0 : literal.length,
    how,
    take: USES.indexOf(use.as),
    isPlain: literal !== '' && how !== PADDED && isPlain(use, how) && !(list && literal[0] === ',') ? 1 : 0,
    isTime: TIMES.has(use.as) ? 1 : 0,
    bytes: new Literal(Buffer.from(literal)),
    strptime: use.as === 'strptime' ? new Strptime(use.format) : undefined,
    field: use.as === 'evidence' ? FIELD_OF[use.field] : -1,
    unitMs: use.as === 'duration' ? use.unitMs : 1,
    missing:
      literal === ''
        ? rejected('field-missing', '{} is missing', slot.name)
        : rejected('field-end', '{} does not follow it', `${slot.name}: ${JSON.stringify(literal)}`),
  };
}

/** Does the field nearly always look the same (three digits, a number, an address, a time), or end at the literal's first byte? */
function isPlain(use: Use, how: number): boolean {
  switch (use.as) {
    case 'status':
    case 'size':
    case 'duration':
    case 'client':
    case 'clf':
    case 'iso':
      return true;
    case 'nothing':
      return how === TO_BYTE || how === TO_LITERAL;
    case 'evidence':
      return how === TO_BYTE && use.field !== 'timers';
    default:
      return false;
  }
}
