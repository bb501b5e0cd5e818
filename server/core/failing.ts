// What a failing exchange is, written down once: the tables of failures, detection and the dashboard mean the same by it. The server
// broke it off, or its client did before the answer was there. What a client got wrong (401, 404, 429) is an answer, not a failure.
import type { Cause } from '#shared/causes/cause.ts';
import { causes } from '#shared/causes/index.ts';

/** By code: 500–599, and 009, which is nginx's record of an upstream that sent no status line. */
export const failsAtServer = (code: number): boolean => (code >= 500 && code < 600) || code === 9;

/** By code: the client left before the answer: nginx 499, ALB 460, squid and CloudFront 000. */
export const leftByClient = (code: number): boolean => code === 499 || code === 460 || code === 0;

/** By the number of a cause: the client broke it off, whatever the code (HAProxy's C*--, Envoy's DC). */
const CLIENT_LEFT = [
  false,
  ...(causes as readonly Cause[]).map(({ traits }) => traits?.includes('client-left') ?? false),
];

/** `cause` as core/cause.ts gives it: 0 for none, else 1 + index into `causes`. */
export const showsClientLeft = (cause: number): boolean => CLIENT_LEFT[cause];

export const isFailure = (code: number, cause: number): boolean =>
  failsAtServer(code) || leftByClient(code) || CLIENT_LEFT[cause];
