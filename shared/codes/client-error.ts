// 4xx that an RFC defines.
import { HEURISTIC, NO_RETRY, NOT_CACHED, type CodeEntry } from './code.ts';

const entry = (
  code: number,
  name: string,
  meaning: string,
  madeBy: string,
  more: Partial<CodeEntry> & { source: string },
): CodeEntry => ({ code, name, official: true, meaning, madeBy, retry: NO_RETRY, caching: NOT_CACHED, ...more });

const APP = 'The application.';

export const clientErrors: readonly CodeEntry[] = [
  entry(
    400,
    'Bad Request',
    'The request is malformed: broken syntax, a wrong parameter. Many APIs use it for any invalid input.',
    'The application; or the proxy, for garbage, TLS on a plain port, oversized headers.',
    { source: 'RFC 9110, 15.5.1' },
  ),
  entry(
    401,
    'Unauthorized',
    'Who are you? Credentials are missing, wrong or expired. (The name is a mistake of history: it is about authentication.)',
    'The application, or an authentication filter in the proxy.',
    {
      retry: 'After logging in again; not with the same credentials.',
      headers: [{ name: 'WWW-Authenticate', why: 'required: says how to log in' }],
      source: 'RFC 9110, 15.5.2',
    },
  ),
  entry(402, 'Payment Required', 'Reserved; some APIs use it for a plan that has run out.', APP, {
    source: 'RFC 9110, 15.5.3',
  }),
  entry(
    403,
    'Forbidden',
    'I know who you are (or do not care), and the answer is no.',
    'The application, an access rule of the proxy, or a web application firewall.',
    { retry: 'No: logging in again does not help.', source: 'RFC 9110, 15.5.4' },
  ),
  entry(
    404,
    'Not Found',
    'Nothing is there, or nothing that you may know of: it is a legitimate way to hide what is forbidden, if done for all of it.',
    'The application; or the proxy, when no route matches.',
    { retry: 'No, unless it may appear later.', caching: HEURISTIC, source: 'RFC 9110, 15.5.5' },
  ),
  entry(
    405,
    'Method Not Allowed',
    'The URL exists, but not for that method. After a POST that a redirect turned into GET, this is where the loss shows.',
    'The application, or a static file server.',
    {
      headers: [{ name: 'Allow', why: 'required: the methods that work' }],
      caching: HEURISTIC,
      source: 'RFC 9110, 15.5.6',
    },
  ),
  entry(406, 'Not Acceptable', 'None of the forms the client accepts is available.', APP, {
    source: 'RFC 9110, 15.5.7',
  }),
  entry(407, 'Proxy Authentication Required', 'As 401, asked by a forward proxy.', 'Forward proxies (Squid).', {
    retry: 'After authenticating to the proxy.',
    headers: [{ name: 'Proxy-Authenticate', why: 'required: says how' }],
    source: 'RFC 9110, 15.5.8',
  }),
  entry(
    408,
    'Request Timeout',
    "The request did not arrive whole in time. Browsers' spare connections cause a few all day.",
    'The proxy or server in front.',
    {
      retry: 'Yes, on a new connection.',
      headers: [{ name: 'Connection', why: 'close: this one is over' }],
      source: 'RFC 9110, 15.5.9',
    },
  ),
  entry(
    409,
    'Conflict',
    'It collides with the present state: a duplicate, a lost race, an edit on an old version.',
    APP,
    { retry: 'After reading the current state and resolving the conflict.', source: 'RFC 9110, 15.5.10' },
  ),
  entry(410, 'Gone', 'It was here, was removed on purpose, and will not return.', APP, {
    caching: HEURISTIC,
    source: 'RFC 9110, 15.5.11',
  }),
  entry(411, 'Length Required', 'Say how long the body is.', 'Servers and proxies that do not take chunked bodies.', {
    retry: 'With Content-Length.',
    source: 'RFC 9110, 15.5.12',
  }),
  entry(
    412,
    'Precondition Failed',
    'The If-Match or If-Unmodified-Since of the request did not hold: someone else changed it first.',
    APP,
    { retry: 'After fetching the new version.', source: 'RFC 9110, 15.5.13' },
  ),
  entry(
    413,
    'Content Too Large',
    'The body is over the limit.',
    'The proxy mostly (client_max_body_size), or the application.',
    {
      retry: 'With a smaller body; if Retry-After is there, later.',
      headers: [{ name: 'Retry-After', why: 'when the limit is temporary' }],
      source: 'RFC 9110, 15.5.14',
    },
  ),
  entry(
    414,
    'URI Too Long',
    'The address is over the limit: a query that should be a body, or a redirect loop that keeps adding to it.',
    'The proxy or server in front.',
    { caching: HEURISTIC, source: 'RFC 9110, 15.5.15' },
  ),
  entry(415, 'Unsupported Media Type', "The body's type or encoding is not one it reads.", APP, {
    headers: [
      { name: 'Accept', why: 'the types it takes' },
      { name: 'Accept-Encoding', why: 'the encodings it takes' },
    ],
    source: 'RFC 9110, 15.5.16',
  }),
  entry(416, 'Range Not Satisfiable', 'The bytes asked for do not exist.', 'Servers of files and video.', {
    headers: [{ name: 'Content-Range', why: 'the real length, as bytes */12345' }],
    source: 'RFC 9110, 15.5.17',
  }),
  entry(417, 'Expectation Failed', 'The server cannot meet the Expect header.', 'Servers without 100-continue.', {
    retry: 'Without Expect.',
    source: 'RFC 9110, 15.5.18',
  }),
  entry(
    418,
    "I'm a Teapot",
    'A joke of 1998 that stays reserved; some firewalls use it to say no.',
    'Frameworks, bot filters.',
    { source: 'RFC 2324; RFC 9110, 15.5.19' },
  ),
  entry(
    421,
    'Misdirected Request',
    'This server does not answer for that host: a reused HTTP/2 connection went to the wrong place.',
    'Proxies with several TLS names.',
    { retry: 'Yes, on a new connection.', source: 'RFC 9110, 15.5.20' },
  ),
  entry(422, 'Unprocessable Content', 'Well-formed, but a value is invalid: validation failed.', APP, {
    retry: 'After correcting the values.',
    source: 'RFC 9110, 15.5.21',
  }),
  entry(423, 'Locked', 'Somebody holds a lock on it.', 'WebDAV servers.', {
    retry: 'When the lock is gone.',
    source: 'RFC 4918, 11.3',
  }),
  entry(
    424,
    'Failed Dependency',
    'Not done because another part of the same request failed.',
    'WebDAV servers; some bulk APIs.',
    { retry: 'After the other part works.', source: 'RFC 4918, 11.4' },
  ),
  entry(
    425,
    'Too Early',
    'Sent in TLS early data, which can be replayed: not before the handshake is complete.',
    'Servers and CDNs with 0-RTT.',
    { retry: 'Yes, after the handshake.', source: 'RFC 8470' },
  ),
  entry(
    426,
    'Upgrade Required',
    'Not with this protocol: switch to the one named.',
    'Servers that insist on TLS, HTTP/2 or WebSocket.',
    {
      retry: 'With the new protocol.',
      headers: [{ name: 'Upgrade', why: 'required: the protocol to use' }],
      source: 'RFC 9110, 15.5.22',
    },
  ),
  entry(
    428,
    'Precondition Required',
    'Writes must say which version they change (If-Match), so that none is lost.',
    APP,
    { retry: 'With If-Match.', caching: 'Never stored.', source: 'RFC 6585, 3' },
  ),
  entry(
    429,
    'Too Many Requests',
    'This client sent too many requests: a rate limit or quota.',
    "The application's quota or the proxy's limiter. (nginx's limiter says 503 unless told otherwise.)",
    {
      retry:
        'After Retry-After; without it, exponential backoff with jitter, so that all clients do not return together.',
      headers: [
        { name: 'Retry-After', why: 'when to come back' },
        { name: 'RateLimit', why: 'what is left, before it runs out' },
      ],
      caching: 'Never stored.',
      source: 'RFC 6585, 4',
    },
  ),
  entry(
    431,
    'Request Header Fields Too Large',
    'Headers over the limit: cookies, as a rule.',
    'The server or proxy in front.',
    { retry: 'With smaller cookies.', caching: 'Never stored.', source: 'RFC 6585, 5' },
  ),
  entry(451, 'Unavailable For Legal Reasons', 'Withheld because of a legal demand.', 'Applications, CDNs.', {
    headers: [{ name: 'Link', why: 'rel="blocked-by": who demanded it' }],
    caching: HEURISTIC,
    source: 'RFC 7725',
  }),
];
