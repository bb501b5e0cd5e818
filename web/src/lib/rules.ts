// A rule as a sentence, the same in the list and while it is being written.
import type { RuleSpec } from '#shared/api.ts';
import { duration, share } from './format.ts';

const span = (s: number): string => duration(s * 1000);

export function ruleText(spec: RuleSpec): string {
  const of = spec.source ?? 'any source';
  switch (spec.kind) {
    case 'threshold': {
      const what =
        spec.measure === 'share'
          ? `are more than ${share(spec.above)} of requests`
          : `come at more than ${spec.above} a second`;
      const where = spec.where ? ` on ${spec.where.dimension} ${spec.where.value}` : '';
      const until =
        spec.clear === null ? '' : `, until below ${spec.measure === 'share' ? share(spec.clear) : spec.clear}`;
      return `${spec.codes}${where} of ${of} ${what} over ${span(spec.window)}${spec.for ? `, for ${span(spec.for)}` : ''}${spec.minTotal ? `, with at least ${spec.minTotal} requests` : ''}${until}${spec.keepFiring ? `, and ${span(spec.keepFiring)} longer` : ''}`;
    }
    case 'slo':
      return `5xx of ${of} burn the error budget of a ${share(spec.target)} objective too fast`;
    case 'absence':
      return `nothing arrives from ${of} for ${span(spec.for)}`;
  }
}
