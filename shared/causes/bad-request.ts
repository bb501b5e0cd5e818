// Garbage, TLS on a plain port, scanners: refused before it reached anything.
import type { Cause } from './cause.ts';
import { upstreamError, flagged, of, reasonIncludes } from './exchange-facts.ts';

const ALWAYS = new Set([444, 463, 464, 495, 496, 497, 498]);

export const badRequest: Cause = {
  id: 'bad_request',
  culprit: 'client',
  title: 'not a valid request',
  headline: 'Clients send requests that the proxy rejects as invalid',
  matches: (x) => {
    if (ALWAYS.has(x.code) || (x.code >= 400 && flagged(x, 'IH', 'DPE'))) return true;
    if (
      x.code >= 400 &&
      x.code < 500 &&
      reasonIncludes(x, 'cloudfront', 'InvalidRequestHeader', 'InvalidRequestCertificate')
    )
      return true;
    const by = upstreamError(x);
    // The application says 400 too: with a request line that could be read, only a field that shows who answered tells.
    if (x.code === 400) return by === null || (by === undefined && !/^[A-Z]/.test(x.method ?? ''));
    return by === null && ((x.code >= 400 && x.code < 500 && x.code !== 429) || x.code === 501 || x.code === 505);
  },
  examples: [
    { proxy: 'nginx', code: 444, upstream: null },
    { proxy: 'unknown', code: 400 },
    { proxy: 'azure', code: 400, upstreamStatus: [], details: 'ERRORINFO_HTTPS_NO_CERT' },
    { proxy: 'azure', code: 400, upstreamStatus: [], details: 'ERRORINFO_INVALID_HEADER' },
  ],
  evidence: ({ hits, total, code, sample }) =>
    `${of(hits, total)} were rejected with ${code} before any upstream was contacted${sample && !sample.method ? '; they hold no readable request line' : ''}.`,
  meaning:
    "This was not a valid HTTP request for this port or host: bytes of a TLS handshake on a plain port, a scanner's probe, a broken client, or something the proxy drops on purpose (444).",
  owner: "Usually no one; the client's author if it is one of yours.",
  checks: [
    {
      say: '"\\x16\\x03" at the start of the request is TLS spoken to a plain port: a wrong scheme somewhere.',
      run: 'grep -F "\\x16\\x03" /var/log/nginx/access.log | tail -5',
    },
    { say: 'One client with many odd paths is a scanner.' },
    { say: 'nginx says why at level info: error_log … info; "client sent invalid …".' },
  ],
  fixes: ['Own clients: correct scheme, Host header and encoding.', 'Scanners: let them be, or drop with 444.'],
  notToConfuse: ['Not a validation error of the application: it never saw these.'],
  references: ['RFC 9110, 15.5.1', 'nginx 444, 495–497', 'Envoy response flags IH and DPE', 'AWS ALB 463'],
  traits: ['proxy-rule'],
};
