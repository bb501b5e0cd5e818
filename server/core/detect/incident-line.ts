// An incident as one line: what `replay` prints, as JSON and as a row for people.
import { codeText } from '#shared/status.ts';
import type { Incident, Where } from './incident.ts';

export interface IncidentLine {
  source: string;
  codes: number[];
  cause?: string;
  /** Where it fails, worst first; empty when it is the source as a whole. */
  where: Where[];
  severity: 'page' | 'warn';
  /** s. When the failures began and when the last of them came, by the counts. */
  startedAt: number;
  endedAt: number | null;
  /** s. When someone would have been paged; for a warning, when it showed. */
  openedAt: number;
  resolvedAt: number | null;
  peakShare: number;
  baselineShare: number;
  rule: string;
  says: string;
}

const rounded = (share: number): number => Number(share.toPrecision(4));

export function incidentLine(incident: Incident, says: string, cause: string | undefined): IncidentLine {
  const { source, codes, severity, resolvedAt, peakShare, baselineShare, rule } = incident;
  return {
    source,
    codes,
    ...(cause ? { cause } : {}),
    where: incident.where,
    severity,
    startedAt: Math.round(incident.startedAt),
    endedAt: incident.state === 'firing' || incident.state === 'blind' ? null : Math.round(incident.endedAt),
    openedAt: Math.round(severity === 'page' ? incident.pagedAt : incident.openedAt),
    resolvedAt: Number.isNaN(resolvedAt) ? null : Math.round(resolvedAt),
    peakShare: rounded(peakShare),
    baselineShare: rounded(baselineShare),
    rule,
    says,
  };
}

const clock = (s: number): string => `${new Date(s * 1000).toISOString().slice(0, 19).replace('T', ' ')}Z`;

function lasted(s: number): string {
  if (s < 120) return `${s} s`;
  return s < 7200 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
}

/** Rows for people, with a heading. */
export function incidentTable(lines: readonly IncidentLine[]): string {
  const rows = lines.map((l) => [
    clock(l.openedAt),
    l.resolvedAt === null ? 'still open' : lasted(l.resolvedAt - l.openedAt),
    l.severity.toUpperCase(),
    l.source,
    l.codes.map(codeText).join(' ') || '—',
    l.says + (l.cause ? `; ${l.cause}` : ''),
  ]);
  const all = [['WHEN', 'LASTED', '', 'SOURCE', 'CODES', 'WHY'], ...rows];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
