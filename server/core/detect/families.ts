// Which codes are judged together: a family is a kind of failure that has its own usual share and its own meaning.
// Every code 0–999 belongs to exactly one.

export interface Family {
  readonly id: string;
  /** How a sentence names it: "502s". */
  readonly label: string;
  /** `server`: the site failed its user. `client`: the request was refused. `ok`: the user got an answer. */
  readonly group: 'ok' | 'client' | 'server';
  readonly has: (code: number) => boolean;
}

const only =
  (...codes: number[]) =>
  (code: number): boolean =>
    codes.includes(code);

/** First match wins; the last takes the rest. */
export const families = [
  { id: 'ok', label: 'successes', group: 'ok', has: (c) => c === 304 || (c >= 100 && c < 300) },
  { id: 'redirect', label: 'redirects', group: 'ok', has: (c) => c >= 300 && c < 400 },
  { id: '500', label: '500s', group: 'server', has: only(500) },
  { id: '502', label: '502s', group: 'server', has: only(502) },
  { id: '503', label: '503s', group: 'server', has: only(503) },
  { id: '504', label: '504s', group: 'server', has: only(504) },
  { id: 'edge', label: 'edge errors', group: 'server', has: (c) => c >= 520 && c <= 530 },
  // 009 is nginx's record of an upstream that sent no status line
  { id: '5xx', label: 'other 5xx', group: 'server', has: (c) => (c >= 500 && c < 600) || c === 9 },
  // the client left before the answer: nginx 499, ALB 460, squid and CloudFront 000
  { id: '499', label: 'clients that gave up', group: 'server', has: only(499, 460, 0) },
  { id: '429', label: '429s', group: 'client', has: only(429) },
  { id: '401', label: '401s', group: 'client', has: only(401) },
  { id: '403', label: '403s', group: 'client', has: only(403) },
  { id: '404', label: '404s', group: 'client', has: only(404) },
  { id: '4xx', label: 'other 4xx', group: 'client', has: (c) => c >= 400 && c < 500 },
  { id: 'other', label: 'codes outside 100–599', group: 'ok', has: () => true },
] as const satisfies readonly Family[];

export const FAMILY_COUNT = families.length;
/** Index of the track that holds all of the server's failures together. */
export const ANY_SERVER = families.length;
export const OK = 0,
  REDIRECT = 1,
  CODE_500 = 2,
  CODE_504 = 5,
  GAVE_UP = 8;

const table = Uint8Array.from({ length: 1000 }, (_, code) => families.findIndex((f) => f.has(code)));

/** Index into `families` of a code 0–999. */
export const familyOf = (code: number): number => table[code];

export const isServer = Uint8Array.from(families, (f) => (f.group === 'server' ? 1 : 0));
