// The values that say why a line gave no hit, made once each.
import type { Miss } from './format.ts';

export const skipped = (reason: string): Miss => Object.freeze({ kind: 'skipped', reason });
export const rejected = (reason: string): Miss => Object.freeze({ kind: 'rejected', reason });

/** A record of the right shape whose status is "-": no response was sent, or none was logged. */
export const NO_STATUS = skipped('no status code: "-" stands in its place');
export const BAD_STATUS = rejected('status is not a code from 0 to 999');
export const BAD_TIME = rejected('time cannot be read');
export const DOUBLED = rejected('the request stands in doubled quotes, as in CSV');
export const SSL_LOG = skipped('an Apache ssl_request_log line, which has no status');
