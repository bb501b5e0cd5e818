// A diagnosis as text for a terminal: who failed first, then the numbers, then what to do.
import type { Diagnosis } from '#shared/api.ts';
import { codeText } from '#shared/status.ts';
import type { Observed } from '../core/diagnose/observed.ts';
import { percent, utc } from '../core/words.ts';

const WIDTH = 100;
const CAUSES_SHOWN = 4;

export function diagnosisText(d: Diagnosis, o: Observed): string {
  const when = o.from === null || o.to === null ? '' : `, ${utc(o.from)} to ${utc(o.to)} UTC`;
  const out = [`${codeText(d.code)}: ${d.hits} of ${d.total} exchanges (${percent(d.hits / d.total)})${when}`, '', ...wrap(d.headline, '', ''), ''];
  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) out.push(title, ...lines, '');
  };
  section('Who failed', d.causes.slice(0, CAUSES_SHOWN).flatMap((c, i) => [
    `  ${i + 1}. ${c.title} [${c.cause}]: ${c.culprit}, ${percent(c.share)}, ${c.confidence}`,
    ...c.evidence.flatMap((e) => wrap(e, '     ', '     ')),
  ]));
  section('Where', d.where.map((w) => `  ${w.dimension.padEnd(9)}${w.value}: ${percent(w.share)} of the ${codeText(d.code)}s, ${percent(w.trafficShare)} of the traffic (${w.lift}×)`));
  section('What else the numbers say', d.refinements.flatMap((r) => wrap(`${r.title}: ${r.evidence}`, '  - ', '    ')));
  const [top] = d.causes;
  if (top) {
    section('What it means', [...wrap(top.meaning, '  ', '  '), ...wrap(`Whose: ${top.owner}`, '  ', '  ')]);
    section('Check next', d.next.flatMap((n, i) => {
      const [say, run] = n.split('  →  ');
      return [...wrap(say, `  ${i + 1}. `, '     '), ...(run === undefined ? [] : [`       ${run}`])];
    }));
    section('Repair', top.fixes.flatMap((f) => wrap(f, '  - ', '    ')));
    section('What it is not', top.notThis.flatMap((n) => wrap(n, '  - ', '    ')));
  }
  if (d.neighbour) section('"The backend answers me, so why this?"', wrap(d.neighbour, '  ', '  '));
  if (d.addToLog) section('To know next time', [...wrap(d.addToLog.why, '  ', '  '), '', ...d.addToLog.paste.split('\n').map((l) => `    ${l}`)]);
  return `${out.join('\n').trimEnd()}\n`;
}

function wrap(text: string, first: string, rest: string): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== '') {
      lines.push(line);
      line = rest + word;
    } else line += line === first || line === rest ? word : ` ${word}`;
  }
  return [...lines, line];
}
