// The hit that a reader would have filled for an exchange: the reverse of server/core/exchange.ts.
import type { Evidence } from '#shared/exchange.ts';
import { FIELDS, Hit, type Field } from '../../server/core/hit.ts';

const dashed = (value: number | string | null | undefined): string | undefined =>
  value === undefined ? undefined : value === null ? '-' : String(value);

export function hitOf(x: Evidence): Hit {
  const hit = new Hit();
  hit.reset(Buffer.alloc(0));
  Object.assign(hit, { proxy: x.proxy, code: x.code, durationMs: x.durationMs ?? NaN, size: x.bytes ?? NaN });
  hit.timeUnitMs = 1;
  const texts: Partial<Record<Field, string | undefined>> = {
    method: x.method,
    upstream: x.upstreamAttempts?.join(', ') ?? dashed(x.upstream),
    upstreamStatus: x.upstreamStatus && (x.upstreamStatus.join(', ') || '-'),
    connectTime: dashed(x.connectMs),
    headerTime: dashed(x.headerMs),
    responseTime: dashed(x.responseMs),
    timers: x.queueMs === undefined ? undefined : `0/${x.queueMs ?? -1}/-1/-1/0`,
    upstreamBytes: dashed(x.upstreamBytes),
    upstreamLength: dashed(x.upstreamLength),
    termination: x.termination,
    flags: x.flags,
    details: x.details,
    result: x.result,
    retries: dashed(x.retries),
    limit: x.limit,
  };
  for (const [field, text] of Object.entries(texts))
    if (text !== undefined) hit.setText(FIELDS.indexOf(field as Field), text);
  return hit;
}
