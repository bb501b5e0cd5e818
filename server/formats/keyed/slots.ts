// Where the value of a key may go: the fields of a hit, and what is read besides; and how much each says of a line being an access record.
import {
  CLIENT,
  FIELDS,
  HOST,
  METHOD,
  PATH,
  RESPONSE_TIME,
  ROUTE,
  UPSTREAM,
  UPSTREAM_STATUS,
  USER_AGENT,
  type Field,
} from '../../core/hit.ts';

export const CODE = FIELDS.length,
  TIME = CODE + 1,
  DATE = CODE + 2,
  REQUEST = CODE + 3,
  DURATION = CODE + 4,
  SIZE = CODE + 5,
  PROTOCOL = CODE + 6,
  SESSION = CODE + 7,
  DIRECTION = CODE + 8,
  LEVEL = CODE + 9,
  WRITER = CODE + 10;
export const SLOTS = CODE + 11;
export const SLOT_NAMES: readonly string[] = [
  ...FIELDS,
  'code',
  'time',
  'date',
  'request',
  'duration',
  'size',
  'protocol',
  'session',
  'direction',
  'level',
  'writer',
];
export type Slot =
  | Field
  | 'code'
  | 'time'
  | 'date'
  | 'request'
  | 'duration'
  | 'size'
  | 'protocol'
  | 'session'
  | 'direction'
  | 'level'
  | 'writer';

/** ms per unit, as written after a key's name. */
export const UNITS: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

/** A code under a name that other things have too counts only with this much beside it (POINTS); under the faintest, only with a request. */
export const STRONG = 3,
  WEAK = 4,
  FAINT = 5;

/** What makes a line an access record. A method, a path and a request line are worth the most; `status` beside a client alone is nothing. */
export const POINTS = new Int8Array(SLOTS);
POINTS[METHOD] = POINTS[PATH] = 2;
POINTS[REQUEST] = 4;
POINTS[CLIENT] =
  POINTS[USER_AGENT] =
  POINTS[HOST] =
  POINTS[DURATION] =
  POINTS[SIZE] =
  POINTS[PROTOCOL] =
  POINTS[UPSTREAM] =
  POINTS[ROUTE] =
    1;

/** A record says when it happened, who asked or how it went, or at least how grave it is; a test's fixture, a redirect rule and a description of an API do not. */
export const MEASURED = new Int8Array(SLOTS);
MEASURED[TIME] =
  MEASURED[DATE] =
  MEASURED[LEVEL] =
  MEASURED[CLIENT] =
  MEASURED[USER_AGENT] =
  MEASURED[DURATION] =
  MEASURED[SIZE] =
  MEASURED[UPSTREAM] =
  MEASURED[UPSTREAM_STATUS] =
  MEASURED[RESPONSE_TIME] =
    1;
