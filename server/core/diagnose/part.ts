// The part of a site that fails: many routes under one prefix, as when one of several services behind the proxy does, and the log
// names no upstream.
import type { Observed } from './observed.ts';

export interface Part {
  /** "/api/v2/" */
  prefix: string;
  hits: number;
  traffic: number;
}

/** Nearly all failures are under it. */
const SHARE_MIN = 0.95;
/** And the rest of the site, which there must be, fails clearly less often. */
const RATIO_MIN = 1.5,
  REST_MIN = 10;
const ROUTES_MIN = 3;
const DEPTH_MAX = 4;

/** The longest prefix of several failing routes, if it stands out. */
export function failingPart(o: Observed): Part | undefined {
  const routes = (o.dimensions.route ?? []).filter((v) => v.traffic !== null);
  let found: Part | undefined;
  for (let depth = 1; depth <= DEPTH_MAX; depth++) {
    const parts = new Map<string, Part & { failing: number }>();
    for (const { value, hits, traffic } of routes) {
      const prefix = prefixOf(value, depth);
      if (prefix === undefined || (found !== undefined && !prefix.startsWith(found.prefix))) continue;
      const part = parts.get(prefix) ?? { prefix, hits: 0, traffic: 0, failing: 0 };
      parts.set(prefix, {
        prefix,
        hits: part.hits + hits,
        traffic: part.traffic + traffic!,
        failing: part.failing + (hits > 0 ? 1 : 0),
      });
    }
    const [most] = [...parts.values()].sort((a, b) => b.hits - a.hits);
    if (most === undefined || most.hits < SHARE_MIN * o.hits || most.failing < ROUTES_MIN) break;
    found = { prefix: most.prefix, hits: most.hits, traffic: most.traffic };
  }
  if (found === undefined) return undefined;
  const rest = o.total - found.traffic;
  return rest >= REST_MIN && found.hits / found.traffic >= RATIO_MIN * ((o.hits - found.hits) / rest)
    ? found
    : undefined;
}

/** The first segments of a route, which goes on after them; ids make no part of a site. */
function prefixOf(route: string, depth: number): string | undefined {
  const segments = route.split('/', depth + 2);
  if (
    segments[0] !== '' ||
    segments.length < depth + 2 ||
    segments.slice(1, depth + 1).some((s) => s === '' || s.startsWith('{'))
  )
    return undefined;
  return `${segments.slice(0, depth + 1).join('/')}/`;
}
