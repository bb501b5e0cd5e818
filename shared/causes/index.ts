// All causes. The first one that matches an exchange is its cause, so the order matters: first the client that left or sent too much,
// then how far the request got (connect, header, body), then what the proxy did by itself, then what the upstream returned, then what
// is only odd about a success. `unknown` is last: it takes every failure that nothing else can prove.
import type { Cause, Trait } from './cause.ts';
import type { Culprit, Evidence } from '../exchange.ts';
import { appClientError } from './app-client-error.ts';
import { appException } from './app-exception.ts';
import { badRequest } from './bad-request.ts';
import { clientGaveUp } from './client-gave-up.ts';
import { clientTooSlow } from './client-too-slow.ts';
import { edgeError } from './edge-error.ts';
import { maskedRetry } from './masked-retry.ts';
import { noLiveUpstreams } from './no-live-upstreams.ts';
import { noRoute } from './no-route.ts';
import { proxyDenied } from './proxy-denied.ts';
import { proxyInternalError } from './proxy-internal-error.ts';
import { proxyRateLimited } from './proxy-rate-limited.ts';
import { queueTimeout } from './queue-timeout.ts';
import { redirectDropsMethod } from './redirect-drops-method.ts';
import { requestTooLarge } from './request-too-large.ts';
import { unknown } from './unknown.ts';
import { upstreamClosedBeforeResponse } from './upstream-closed-before-response.ts';
import { upstreamConnectTimeout } from './upstream-connect-timeout.ts';
import { upstreamConnectionRefused } from './upstream-connection-refused.ts';
import { upstreamGatewayError } from './upstream-gateway-error.ts';
import { upstreamGatewayTimeout } from './upstream-gateway-timeout.ts';
import { upstreamHeaderTooBig } from './upstream-header-too-big.ts';
import { upstreamInvalidResponse } from './upstream-invalid-response.ts';
import { upstreamNameUnresolved } from './upstream-name-unresolved.ts';
import { upstreamOverloaded } from './upstream-overloaded.ts';
import { upstreamRateLimited } from './upstream-rate-limited.ts';
import { upstreamResponseTimeout } from './upstream-response-timeout.ts';
import { upstreamResponseTruncated } from './upstream-response-truncated.ts';
import { upstreamTlsFailure } from './upstream-tls-failure.ts';

export const causes = [
  clientGaveUp,
  clientTooSlow,
  requestTooLarge,
  noLiveUpstreams,
  upstreamNameUnresolved,
  upstreamTlsFailure,
  upstreamConnectTimeout,
  upstreamConnectionRefused,
  upstreamHeaderTooBig,
  upstreamInvalidResponse,
  upstreamResponseTruncated,
  upstreamClosedBeforeResponse,
  upstreamResponseTimeout,
  queueTimeout,
  proxyRateLimited,
  proxyDenied,
  noRoute,
  edgeError,
  proxyInternalError,
  upstreamGatewayError,
  upstreamGatewayTimeout,
  upstreamOverloaded,
  upstreamRateLimited,
  appException,
  badRequest,
  appClientError,
  maskedRetry,
  redirectDropsMethod,
  unknown,
] as const satisfies readonly Cause[];

const byId: ReadonlyMap<string, Cause> = new Map(causes.map((c) => [c.id, c]));

/** Undefined for an id that a former version stored and this one does not have. */
export const causeById = (id: string): Cause | undefined => byId.get(id);

export const hasTrait = (id: string, trait: Trait): boolean => byId.get(id)?.traits?.includes(trait) ?? false;

/** The link that failed in this exchange. */
export const culpritOf = (cause: Cause, x: Evidence | undefined): Culprit =>
  (x && cause.culpritOf?.(x)) ?? cause.culprit;

/** The log does not show who failed. */
export const isUnknown = (id: string): boolean => byId.get(id)?.culprit === 'unknown';

export { addToLog, type AddToLog } from './unknown.ts';
