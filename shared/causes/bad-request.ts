// Garbage, TLS on a plain port, scanners: refused before it reached anything.
import type { Evidence } from '../exchange.ts';
import type { Cause } from './cause.ts';
import { upstreamError, flagged, of, reasonIncludes } from './exchange-facts.ts';

/** The request line is the PROXY protocol's header or HTTP/2's preface: what stands in front speaks another protocol than this port expects. */
const speaksOtherProtocol = (x: Evidence): boolean => x.method === 'PROXY' || x.method === 'PRI';

const ALWAYS = new Set([444, 463, 464, 495, 496, 497]);

export const badRequest: Cause = {
  id: 'bad_request',
  culprit: 'client',
  culpritOf: (x) => (speaksOtherProtocol(x) ? 'edge' : undefined),
  title: 'not a valid request',
  headline: 'The proxy rejects requests as invalid',
  matches: (x) => {
    if (ALWAYS.has(x.code) || (x.code >= 400 && flagged(x, 'IH', 'DPE'))) return true;
    if (
      x.code >= 400 &&
      x.code < 500 &&
      reasonIncludes(x, 'cloudfront', 'InvalidRequestHeader', 'InvalidRequestCertificate')
    )
      return true;
    const by = upstreamError(x);
    if (x.code === 400 && speaksOtherProtocol(x)) return true;
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
    sample?.method === 'PROXY'
      ? `${of(hits, total)} have the header of the PROXY protocol as their request line: the load balancer in front sends it, and this port does not expect it.`
      : sample?.method === 'PRI'
        ? `${of(hits, total)} have HTTP/2's preface (PRI * HTTP/2.0) as their request line: the sender speaks HTTP/2 without TLS, and this port does not.`
        : `${of(hits, total)} were rejected with ${code} before any upstream was contacted${sample && !sample.method ? '; they hold no readable request line' : ''}.`,
  meaning:
    'This was not a valid HTTP request for this port or host: bytes of a TLS handshake on a plain port, the PROXY protocol or HTTP/2 where it is not expected, a probe, a broken client, or something the proxy drops on purpose (444).',
  owner: 'Whoever configures what is in front of this proxy, if it sends these; otherwise the author of the client.',
  checks: [
    {
      say: 'What do the request lines hold? "\\x16\\x03" is TLS on a plain port, "PROXY TCP4 …" the PROXY protocol, "PRI * HTTP/2.0" HTTP/2.',
    },
    {
      say: 'Who sends them: the load balancer in front, or its health check? Both sides must agree on TLS, HTTP/2 and the PROXY protocol.',
      when: ({ sample }) => sample !== undefined && speaksOtherProtocol(sample),
    },
    {
      say: 'Who sends them: your own client, or one client with many odd paths (a scanner)?',
      when: ({ sample }) => sample === undefined || !speaksOtherProtocol(sample),
    },
  ],
  fixes: [
    'PROXY protocol: switch it on here, or off in the load balancer in front.',
    'Your own clients: correct scheme, Host header and encoding.',
    {
      text: 'Scanners: let them be, or drop with 444.',
      when: ({ sample }) => sample === undefined || !speaksOtherProtocol(sample),
    },
  ],
  notToConfuse: ['Not a validation error of the application: it never saw these.'],
  references: ['RFC 9110, 15.5.1', 'nginx 444, 495–497', 'Envoy response flags IH and DPE', 'AWS ALB 463'],
  traits: ['proxy-rule'],
};
