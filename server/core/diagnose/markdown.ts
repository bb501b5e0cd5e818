// An incident as Markdown, to paste into a ticket. Text from logs and from people is escaped: it can neither format nor link.
import type { IncidentDetail } from '#shared/api.ts';
import { codeText } from '#shared/status.ts';
import { count, percent } from '#shared/numbers.ts';
import { seconds, utc } from '../words.ts';

const SPECIAL = /[\\`*_{}[\]<>()#+\-.!|~@:]/g;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** As plain text; punctuation that Markdown or a tracker (mentions, links) could read is escaped where it could be read so. */
export const plain = (text: string): string =>
  text
    .replace(CONTROL, ' ')
    .replace(SPECIAL, (c, at: number, whole: string) => (needsEscape(c, at, whole) ? `\\${c}` : c))
    .trim();

function needsEscape(c: string, at: number, whole: string): boolean {
  if (c === '.' || c === '-' || c === '+' || c === '#' || c === '!' || c === '(' || c === ')')
    return at === 0 || /^\d+$/.test(whole.slice(0, at)) || (c === '(' && whole[at - 1] === ']');
  if (c === ':') return /https?$/i.test(whole.slice(0, at));
  return true;
}

/** A code span that no backtick inside can end. */
function code(text: string): string {
  const line = text.replace(CONTROL, ' ');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((m) => m[0].length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `\`${line}\``;
}

function block(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((l) => [...l.matchAll(/`+/g)].map((m) => m[0].length)));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...lines.map((l) => l.replace(CONTROL, ' ')), fence];
}

export function incidentMarkdown({
  incident: i,
  diagnosis: d,
  notes,
  samples,
  similar,
  transitions,
}: Omit<IncidentDetail, 'markdown' | 'evaluations' | 'sampled'>): string {
  const lasted =
    i.resolvedAt === null
      ? `${i.state} since ${utc(i.openedAt)} UTC`
      : `${utc(i.openedAt)} to ${utc(i.resolvedAt)} UTC (${seconds(i.resolvedAt - i.openedAt)})`;
  const out = [
    `## ${plain(i.source)}: ${i.codes.map(codeText).join(', ') || 'traffic'} — ${plain(d?.headline ?? i.headline)}`,
    '',
    `${plain(i.summary)}. ${lasted}. ${i.severity}, peak ${percent(i.peakShare)}${i.baselineShare > 0 ? `, normally ${percent(i.baselineShare)}` : ''}.`,
    '',
  ];
  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) out.push(`### ${title}`, '', ...lines, '');
  };
  section(
    'Who failed',
    (d?.causes ?? [])
      .slice(0, 3)
      .flatMap((c) => [
        `- **${plain(c.title)}** (${c.culprit}, ${percent(c.share)}, ${c.confidence})`,
        ...c.evidence.map((e) => `  - ${plain(e)}`),
      ]),
  );
  section(
    'Where',
    (d?.where ?? []).map(
      (w) =>
        `- ${w.dimension} ${code(w.value)}: ${percent(w.share)} of the failures${w.trafficShare === null ? '' : `, ${percent(w.trafficShare)} of the traffic`}`,
    ),
  );
  section(
    'Also in that time',
    (d?.also ?? []).map((other) => `- ${codeText(other.code)}: ${count(other.hits)}`),
  );
  section(
    'What else the numbers say',
    (d?.refinements ?? []).map((r) => `- **${plain(r.title)}**: ${plain(r.evidence)}`),
  );
  section(
    'Check next',
    (d?.causes[0]?.checks ?? []).flatMap((c) => [
      `1. ${plain(c.say)}`,
      ...(c.run === undefined ? [] : ['', ...block([c.run]).map((l) => `   ${l}`), '']),
    ]),
  );
  section(
    'Notes',
    notes.map((n) => `- ${utc(n.at)} ${plain(n.by)}: ${plain(n.text)}`),
  );
  section(
    'What happened when',
    transitions.map((t) => `- ${utc(t.at)} ${t.from} → ${t.to}: ${plain(t.why)}`),
  );
  section('Lines', samples.length === 0 ? [] : block(samples.slice(0, 10).map((s) => s.line)));
  section(
    'Earlier, like this',
    similar.map((s) => `- ${utc(s.openedAt)}: ${plain(s.headline)}${s.note === null ? '' : ` (${plain(s.note)})`}`),
  );
  return `${out.join('\n').trimEnd()}\n`;
}
