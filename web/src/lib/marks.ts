// What goes on the lane above a timeline: incidents as time ranges, deploys and restarts as points in time.
import type { Annotation, Incident } from '#shared/api.ts';
import { codeText } from '#shared/status.ts';
import { texts } from '../texts/index.ts';
import type { Mark } from './timeline-chart.ts';

const t = texts.timeline;

export function marksOf(
  incidents: readonly Incident[],
  annotations: readonly Annotation[],
  source: string | null,
  now: number,
): Mark[] {
  const marks: Mark[] = [];
  for (const i of incidents) {
    if (source !== null && i.source !== source && !i.sources.includes(source)) continue;
    const what = i.codes.length ? i.codes.map(codeText).join(', ') : i.rule;
    marks.push({
      from: i.openedAt,
      to: i.resolvedAt ?? now,
      text: t.incident(i.source, what, texts.states[i.state]),
      kind: i.severity === 'page' ? 'incident' : 'warn',
    });
  }
  for (const a of annotations) {
    if (source !== null && a.source !== null && a.source !== source) continue;
    // Of the kind incident is only a page that late data would have caused: a remark, not a time range.
    marks.push({
      from: a.at,
      to: null,
      text:
        a.kind === 'incident'
          ? t.lateData(a.source)
          : a.kind === 'deploy' && !/^deploy/i.test(a.text)
            ? t.deploy(a.text)
            : a.text,
      kind: a.kind === 'incident' ? 'note' : a.kind,
    });
  }
  return marks;
}
