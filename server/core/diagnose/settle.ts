// Decides between two causes whose lines are the same by what else happened: one line of nginx's limiter looks like one of a `return 503`
// or of a Service without endpoints, but a limit lets some requests through.
import { causeById } from '#shared/causes/index.ts';
import { failuresOf } from './failures.ts';
import type { Observed, ObservedCause } from './observed.ts';

/** Of fewer failures nothing follows from what else got through. */
const HITS_MIN = 20;

/** The causes as all their failures together show them. */
export function settle(o: Observed): ObservedCause[] {
  return o.causes.map((c) => {
    const cause = causeById(c.cause);
    if (cause?.ifNothingPasses === undefined || c.hits < HITS_MIN || c.sample === undefined) return c;
    const isAmbiguous = cause.alternative?.(c.sample, failuresOf(o, c)) !== undefined;
    return isAmbiguous && passedOnFailingRoutes(o) === 0
      ? { ...c, cause: cause.ifNothingPasses(o.ingress ?? false) }
      : c;
  });
}

/**
 * Whether routes that fail give other responses too: failures with one within seconds, or, where that is not known, such responses in the
 * time range. Undefined when routes are not known.
 */
export function passedOnFailingRoutes(o: Observed): number | undefined {
  const routes = (o.dimensions.route ?? []).filter((v) => v.hits > 0 && v.traffic !== null);
  if (routes.length === 0) return undefined;
  return routes.reduce((sum, v) => sum + (v.amidSuccess ?? v.traffic! - v.hits), 0);
}
