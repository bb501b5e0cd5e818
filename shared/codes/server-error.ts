// 5xx that an RFC defines.
import { HEURISTIC, NO_RETRY, NOT_CACHED, type CodeEntry } from './code.ts';

const entry = (
  code: number,
  name: string,
  meaning: string,
  madeBy: string,
  retry: string,
  more: Partial<CodeEntry> & { source: string },
): CodeEntry => ({ code, name, official: true, meaning, madeBy, retry, caching: NOT_CACHED, ...more });

const RETRY_AFTER = { name: 'Retry-After', why: 'when to come back: seconds or a date' };

export const serverErrors: readonly CodeEntry[] = [
  entry(
    500,
    'Internal Server Error',
    'The code that handled the request failed, usually with an unhandled exception.',
    'The application; now and then the proxy, for a rewrite loop or a bad configuration.',
    'Safe methods once or twice; a POST may have half happened.',
    { source: 'RFC 9110, 15.6.1' },
  ),
  entry(
    501,
    'Not Implemented',
    'The server does not support this method at all. (405: not at this URL.)',
    'Servers and proxies.',
    NO_RETRY,
    { caching: HEURISTIC, source: 'RFC 9110, 15.6.2' },
  ),
  entry(
    502,
    'Bad Gateway',
    'A proxy asked the server behind it and got nothing it could use: refused, hung up, or not HTTP. The server behind may be well by itself.',
    'The proxy, load balancer or CDN; or an application that is itself a gateway.',
    'Yes, safe methods, with backoff.',
    { source: 'RFC 9110, 15.6.3' },
  ),
  entry(
    503,
    'Service Unavailable',
    'Temporarily unavailable: overloaded, deploying, in maintenance, or no backend left.',
    "The application on purpose; HAProxy, Envoy and load balancers when no server can be reached; nginx's rate limiter by default.",
    'Yes, after Retry-After, with backoff and jitter.',
    { headers: [RETRY_AFTER], source: 'RFC 9110, 15.6.4' },
  ),
  entry(
    504,
    'Gateway Timeout',
    'A proxy asked the server behind it and got no answer in time. The work may have been done all the same.',
    'The proxy, load balancer or CDN; or an application that is itself a gateway.',
    'Safe methods, sparingly: more requests make a slow server slower. A POST may have succeeded.',
    { source: 'RFC 9110, 15.6.5' },
  ),
  entry(
    505,
    'HTTP Version Not Supported',
    'Not in this version of HTTP.',
    'Servers and proxies; often a broken client.',
    NO_RETRY,
    { source: 'RFC 9110, 15.6.6' },
  ),
  entry(
    506,
    'Variant Also Negotiates',
    'Content negotiation is configured in a circle.',
    'Servers, hardly ever.',
    NO_RETRY,
    { source: 'RFC 2295' },
  ),
  entry(
    507,
    'Insufficient Storage',
    'No room to store it: disk or quota.',
    'WebDAV servers, storage APIs.',
    'When room has been made.',
    { source: 'RFC 4918, 11.5' },
  ),
  entry(
    508,
    'Loop Detected',
    'A WebDAV request or a proxy route loops back to itself.',
    'WebDAV servers; some proxies and hosters (resource limit reached).',
    NO_RETRY,
    { source: 'RFC 5842, 7.2' },
  ),
  entry(510, 'Not Extended', 'The request lacks an extension the server wants. Out of use.', 'Nobody.', NO_RETRY, {
    source: 'RFC 2774 (historic)',
  }),
  entry(
    511,
    'Network Authentication Required',
    'Log in to the network first: a captive portal answered, not the site.',
    'Wi-Fi portals.',
    'After logging in to the network.',
    { caching: 'Never stored.', source: 'RFC 6585, 6' },
  ),
];
