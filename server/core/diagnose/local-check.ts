// Answers "but the backend works when I test it locally": first what the log says about that backend, then what the cause says.
import { causeById } from '#shared/causes/index.ts';
import { codeText } from '#shared/status.ts';
import { percent, plural } from '#shared/numbers.ts';
import type { Failures } from '#shared/causes/cause.ts';
import type { Located } from './localise.ts';
import type { Observed } from './observed.ts';

/** Null where the question does not arise: another code, or a cause without an answer. */
export function localCheckOf(o: Observed, cause: string, f: Failures, where: readonly Located[]): string | null {
  if (o.code !== 9 && (o.code < 502 || o.code > 504) && (o.code < 520 || o.code > 530)) return null;
  const answer = causeById(cause)?.localCheck;
  if (answer === undefined) return null;
  const text = typeof answer === 'string' ? answer : answer.when(f) ? answer.text : '';
  return `${alive(o, f, where)}${text}`.trim() || null;
}

/** What the log itself says about that backend answering others. */
function alive(o: Observed, { answering }: Failures, where: readonly Located[]): string {
  const name = where.find((w) => w.dimension === 'upstream')?.value;
  const failing = (o.dimensions.upstream ?? []).filter((u) => u.hits > 0);
  const v =
    name === undefined ? (failing.length === 1 ? failing[0] : undefined) : failing.find((u) => u.value === name);
  if (!v || v.traffic === null) return '';
  const outside = shareOutside(o);
  if (outside === 1) return '';
  const others = Math.round(v.traffic - v.hits - v.traffic * outside);
  if (others <= v.hits / 10)
    return answering === true
      ? ''
      : `While it failed, ${v.value} returned ${others <= 0 ? 'nothing else' : 'hardly anything else'} through the proxy. `;
  return `In the same time range ${v.value} answered about ${plural(others, 'other request')} (${percent(others / (others + v.hits))}), so the ${codeText(o.code)} affects some requests only; the backend is up. `;
}

/**
 * How much of the observed traffic says nothing about the time of the failure: what came before the code reached half of its peak share and
 * after it last had, and what went well in the steps in which it began and ended. All of it when there is no other step.
 */
function shareOutside({ series }: Observed): number {
  const share = (step: Observed['series'][number]): number => (step.total === 0 ? 0 : step.hits / step.total);
  const peak = Math.max(0, ...series.map(share));
  const fails = series.map((step) => step.hits > 0 && share(step) >= peak / 2);
  const first = fails.indexOf(true),
    last = fails.lastIndexOf(true);
  const total = series.reduce((sum, step) => sum + step.total, 0);
  if (first === -1) return 0;
  if (first === last) return 1;
  const outside = series.map((step, i) =>
    i < first || i > last ? step.total : i === first || i === last ? step.total - step.hits : 0,
  );
  return outside.reduce((sum, n) => sum + n, 0) / total;
}
