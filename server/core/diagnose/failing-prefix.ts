// Finds the path prefix under which nearly all failures are: one of several services behind the proxy fails, and the log names no
// upstream.
import type { Observed } from './observed.ts';

export interface FailingPrefix {
  /** For example "/api/v2/". */
  prefix: string;
  hits: number;
  traffic: number;
}

/** At least this share of the failures is under it. */
const SHARE_MIN = 0.95;
/** The rest of the site has at least REST_MIN requests and fails less often by RATIO_MIN. */
const RATIO_MIN = 1.5,
  REST_MIN = 10;
const ROUTES_MIN = 3;
const DEPTH_MAX = 4;

/** The longest prefix of several failing routes, if it stands out. */
export function failingPrefix(o: Observed): FailingPrefix | undefined {
  const routes = (o.dimensions.route ?? []).filter((v) => v.traffic !== null);
  let found: FailingPrefix | undefined;
  for (let depth = 1; depth <= DEPTH_MAX; depth++) {
    const parts = new Map<string, FailingPrefix & { failing: number }>();
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

/** The first `depth` segments of a longer route. A prefix with an id in it is not a part of a site. */
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
