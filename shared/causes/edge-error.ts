// Made by the CDN.
import type { Cause } from './cause.ts';
import { upstreamError, generatedByProxy, of, reasonIncludes } from './exchange-facts.ts';

export const edgeError: Cause = {
  id: 'edge_error',
  culprit: 'edge',
  title: 'error sent by the CDN',
  headline: 'The CDN returns an error instead of the origin',
  matches: (x) =>
    (x.code > 520 && x.code <= 530 && x.code !== 529 && typeof upstreamError(x) !== 'number') ||
    (x.proxy === 'cloudflare' && x.code >= 400 && generatedByProxy(x)) ||
    (x.code >= 400 &&
      reasonIncludes(
        x,
        'cloudfront',
        'Exceeded',
        'LambdaExecutionError',
        'LambdaValidationError',
        'FunctionExecutionError',
        'FunctionThrottledError',
        'FunctionValidationError',
        'ClientGeoBlocked',
        'InvalidRequestBlocked',
        'InvalidRequestMethod',
      )) ||
    (x.code >= 500 &&
      reasonIncludes(x, 'vercel', 'INTERNAL_', 'EDGE_', 'ROUTER_', 'DNS_', 'INFINITE_LOOP', 'TOO_MANY_')),
  examples: [
    { proxy: 'cloudflare', code: 523, upstreamStatus: [] },
    { proxy: 'cloudflare', code: 530, upstreamStatus: [] },
    { proxy: 'cloudfront', code: 503, result: 'LimitExceeded' },
  ],
  evidence: ({ hits, total, code, sample }) =>
    `${of(hits, total)} are a ${code} that the CDN generated${sample?.details && sample.details !== '-' ? ` (${sample.details})` : ''}: it did not come from the origin.`,
  meaning:
    'The edge network returned an error instead of your origin: it could not reach the origin (523), could not use its name or tunnel (530), hit a limit or a rule of its own, or has a problem itself.',
  owner: "The origin's operator; if the origin was fine at that time, the CDN (see its status page).",
  checks: [
    {
      say: 'Does the origin respond when called directly, past the CDN?',
      run: 'curl -sv -m 10 -o /dev/null -H Host:{host} http://{upstream}{path}',
    },
    {
      say: '523: the DNS record of the origin names a wrong address, or there is no route to it.',
      when: ({ code }) => code === 523,
    },
    {
      say: '530: the response body names a 1xxx error. 1016 is the DNS record of the origin, 1033 a tunnel that is down.',
      when: ({ code }) => code === 530,
    },
    { say: "The CDN's status page, and its firewall events if it is a 403." },
  ],
  fixes: [
    "Let the CDN's address ranges through the origin's firewall.",
    'Smaller cookies and headers.',
    'Correct the origin record.',
  ],
  notToConfuse: ['Not a response from your application: the CDN generated it.'],
  references: ['Cloudflare 5xx, errors 521–530', 'CloudFront x-edge-detailed-result-type'],
};
