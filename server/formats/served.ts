// Does a record tell of an HTTP request that was served? Readers of lines, and of what came parsed, note the signs that they see;
// what follows from them is decided here, once, with its reason.
import type { Miss } from './format.ts';
import { rejected, skipped } from './misses.ts';

/** There is a request: a request line, or a method and a path. */
export const REQUEST = 1 << 0;
/** Enough of an access record is next to the status that it must be one, not any number. */
export const ENOUGH = 1 << 1;
/** It says when it was, who asked, how long it took or how large it was. */
export const MEASURED = 1 << 2;
/** What the record came wrapped in says when it was. */
export const TIMED = 1 << 3;
/** It says nothing else at all. */
export const BARE = 1 << 4;
/** It is known from elsewhere to be a server's record: a SERVER span. */
export const SERVER_SIDE = 1 << 5;
/** The status is below 100 or above 599: programs end with such numbers, too. */
export const ODD_STATUS = 1 << 6;
/** A TCP or UDP session; proxies give those a status, too. */
export const SESSION = 1 << 7;
/** The methods are those of an FTP or SMTP service. */
export const OTHER_SERVICE = 1 << 8;
/** Source code or a text quotes an access record. */
export const QUOTATION = 1 << 9;
/** An application's message about a request: it has a level, or is prose. */
export const MESSAGE = 1 << 10;
/** The record says that its writer sent the request. */
export const SENT = 1 << 11;
/** The request has a whole URL, and nothing next to it is known to a server only: who asked, how much was sent. */
export const URL_ALONE = 1 << 12;
/** An exception is told of: the request that failed may be one that its writer sent, and may have a record of its own. */
export const EXCEPTION = 1 << 13;

/** What an application or an agent logs; what an envelope around a line looks like from outside. */
export const NOT_ACCESS = rejected('no-code', 'not an access record: no HTTP status code found');
const TOLD = rejected('message', 'a message about a request, not a record of one');
const UNMEASURED = rejected(
  'unmeasured',
  'a request and a status, but no time, client, duration or size: not a served request',
);
export const OUTGOING = skipped('outgoing', 'an outgoing request, not a served one');
const SESSION_LOG = skipped('session', 'a TCP or UDP session: its status is not an HTTP status');
const OTHER_SERVICE_LOG = skipped('other-service', 'a line of an FTP or SMTP service');
const QUOTED = skipped('quotation', 'an access line quoted in code or text');

const WHOLE = REQUEST | MEASURED;

/** Why a record that has a status and these signs does not tell of a request served; undefined when it does. */
export function unserved(signs: number): Miss | undefined {
  if ((signs & (SESSION | OTHER_SERVICE | QUOTATION)) !== 0)
    return (signs & SESSION) !== 0 ? SESSION_LOG : (signs & OTHER_SERVICE) !== 0 ? OTHER_SERVICE_LOG : QUOTED;
  if ((signs & ENOUGH) === 0) return NOT_ACCESS;
  if ((signs & MESSAGE) !== 0) return TOLD;
  if ((signs & SERVER_SIDE) !== 0) return undefined;
  if ((signs & EXCEPTION) !== 0 && (signs & WHOLE) !== WHOLE) return TOLD;
  if ((signs & (MEASURED | TIMED | BARE)) === 0) return UNMEASURED;
  if ((signs & ODD_STATUS) !== 0 && (signs & REQUEST) === 0) return NOT_ACCESS;
  return (signs & (SENT | URL_ALONE)) === 0 ? undefined : OUTGOING;
}
