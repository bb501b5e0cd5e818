// A hit as `parse` prints it; also what the samples of the formats are compared with.
import { causes, culpritOf } from '#shared/causes/index.ts';
import { causeOf } from '../core/cause.ts';
import { exchangeOf } from '../core/exchange.ts';
import { UPSTREAM_STATUS, type Hit } from '../core/hit.ts';

/** Defined fields only, in print order. */
export function hitJson(hit: Hit): Record<string, unknown> {
  const x = exchangeOf(hit);
  const cause = causes[causeOf(hit) - 1];
  const out: Record<string, unknown> = {
    ts: x.ts,
    code: x.code,
    method: x.method,
    path: x.path,
    route: x.route,
    host: x.host,
    upstream: x.upstream ?? undefined,
    upstreamStatus: upstreamStatus(hit, x.upstreamStatus),
    durationMs: x.durationMs,
    bytes: x.bytes,
    client: x.client,
    count: hit.count === 1 ? undefined : hit.count,
    cause: cause?.id,
    culprit: cause && culpritOf(cause, x),
  };
  for (const key of Object.keys(out)) if (out[key] === undefined) delete out[key];
  return out;
}

/** As written: a 0 stays a 0, "-" is left out. */
function upstreamStatus(hit: Hit, read: number[] | undefined): number[] | undefined {
  if (read === undefined || read.length > 0) return read;
  return /^0+$/.test(hit.text(UPSTREAM_STATUS)!) ? [0] : undefined;
}
