// What the built-in detector watches and when it pages, in sentences and as a table, for the interface.
import type { Rules } from '#shared/api.ts';
import { THRESHOLDS, SEVERITY_RULE } from './severity.ts';
import { SLOT, WINDOWS } from './window-counter.ts';

export const BUILTIN: readonly { name: string; says: string; exactly: readonly string[] }[] = [
  {
    name: 'Failing share of requests',
    exactly: SEVERITY_RULE,
    says: '500, 502, 503, 504, other 5xx, edge errors (520–530) and clients that gave up (499), each against its own usual share at this source, over windows from 10 seconds to an hour.',
  },
  {
    name: 'Traffic vanished',
    says: 'Silence where requests should come, or little more than a twentieth left of a busy source.',
    exactly: [
      'Pages after two minutes at the earliest: when twenty requests should have come, and it has been silent twice as long as is natural at this hour.',
      'Only warns until the source has been seen for a day, and on days not yet seen of one that closes.',
      'Also when a busy source has little more than a twentieth left of what it had, by its requests and its successes, and has never fallen so far by itself.',
    ],
  },
  {
    name: 'Every request failed',
    says: 'However seldom they come, as an hourly job that fails each run: pages at the third in a row, or when chance would explain the run less than once in a million.',
    exactly: [],
  },
  {
    name: 'Successes vanished',
    says: 'Requests go on but are answered 301, 403 or the like: pages when two thirds of the successes are gone for twenty seconds, in share and in number, warns from two fifths for a minute.',
    exactly: [],
  },
  {
    name: 'Unusual refusals and redirects',
    says: '401, 403, 404, 429, other 4xx and redirects that take a quarter of all requests for two minutes, or 15% for five, beyond what is usual. Only ever warns.',
    exactly: [],
  },
  {
    name: 'Sources that send errors only',
    says: 'Judged by their number, not their share: pages at five times the usual, and at least twenty.',
    exactly: [],
  },
];

export const FLOOR_TABLE: Rules['floors'] = THRESHOLDS.map(({ window, page, warn, gateway, of, restartsExcused }) => ({
  window: WINDOWS[window] * SLOT,
  page,
  gateway: page * gateway,
  warn: Number.isNaN(warn) ? null : warn,
  of,
  only: restartsExcused ? '500 and 504, which no restart makes' : null,
}));
