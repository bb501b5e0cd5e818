// Body, URI or header over a limit.
import type { Cause } from './cause.ts';
import { iis, of, reasonIncludes } from './exchange-facts.ts';

const WHAT: ReadonlyMap<number, string> = new Map([
  [413, 'body'],
  [414, 'URI'],
  [431, 'header'],
  [494, 'header'],
]);

export const requestTooLarge: Cause = {
  id: 'request_too_large',
  culprit: 'client',
  title: 'request over a size limit',
  headline: 'Requests are over a size limit',
  matches: (x) =>
    WHAT.has(x.code) ||
    iis(x, '404.10', '404.13', '404.14', '404.15') ||
    reasonIncludes(x, 'alb', 'LambdaRequestTooLarge') ||
    reasonIncludes(x, 'gcp', 'request_body_too_large', 'headers_too_long', 'uri_too_long'),
  examples: [
    { proxy: 'unknown', code: 413, method: 'POST' },
    { proxy: 'iis', code: 404, details: '13.0' },
  ],
  evidence: ({ hits, total, code }) =>
    `${of(hits, total)} carried a ${WHAT.get(code) ?? 'request'} larger than the limit allows.`,
  meaning:
    'The request was refused for its size: an upload over the body limit, a URI with too much in its query, or a header grown by cookies.',
  owner: "Whoever set the limit, together with the client's author.",
  checks: [{ say: 'One route (an upload) or all (cookies grew)?' }],
  fixes: [
    'Raise client_max_body_size on the upload route only.',
    'Shrink the cookies; move long queries into a POST body.',
  ],
  notToConfuse: ['Not a broken upload: a limit rejected it, by its announced length or once that much had arrived.'],
  references: ['RFC 9110, 15.5.14 and 15.5.15', 'RFC 6585, 5', 'nginx 494', 'IIS 404.13, 404.14, 404.15'],
};
