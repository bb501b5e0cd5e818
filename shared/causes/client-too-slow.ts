// The request never arrived whole.
import type { Cause } from './cause.ts';
import { haproxy, of, reasonIncludes } from './exchange-facts.ts';

export const clientTooSlow: Cause = {
  id: 'client_too_slow',
  culprit: 'client',
  title: 'client too slow',
  headline: 'Clients do not send or take data in time',
  matches: (x) =>
    x.code === 408 ||
    /^c.$/.test(haproxy(x)) ||
    reasonIncludes(x, 'gcp', 'client_timed_out') ||
    reasonIncludes(x, 'azure', 'ERRORINFO_CLIENT_TIMED_OUT'),
  examples: [
    { proxy: 'unknown', code: 408 },
    { proxy: 'haproxy', code: 504, upstream: 'app/app1', termination: 'cH--' },
  ],
  evidence: ({ hits, total, sample }) =>
    sample !== undefined && /^c[DLQC]/.test(haproxy(sample))
      ? `${of(hits, total)} ended because HAProxy's client-side time limit expired (state ${sample.termination}): the client neither sent nor took data in time.`
      : `${of(hits, total)} timed out while the request was arriving: headers or body were incomplete.`,
  meaning:
    'A connection was opened and the request not finished in time. Browsers open spare connections they never use, so a few are normal. Many from few clients mean a slow-request attack or a bad mobile link; many at once mean packet loss in front of you.',
  owner: 'Usually no one; the network in front if all clients show it.',
  checks: [
    { say: 'Few clients, or all? See "where".' },
    { say: 'Empty request lines ("<BADREQ>", no path) are spare connections of browsers: harmless.' },
  ],
  fixes: [
    "HAProxy: option http-ignore-probes keeps browsers' spare connections out of the log.",
    'A longer body timeout on upload routes only.',
  ],
  notToConfuse: ['Not a slow backend: that is 504.'],
  references: ['RFC 9110, 15.5.9', 'HAProxy configuration manual 8.5, state cR', 'Envoy response flag SI'],
  traits: ['time-limit'],
};
