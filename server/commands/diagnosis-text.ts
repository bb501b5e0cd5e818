// A diagnosis as text for a terminal: who failed first, then the numbers, then what to do.
import type { Diagnosis } from '#shared/api.ts';
import { causeById } from '#shared/causes/index.ts';
import { runbookOf } from '#shared/codes/index.ts';
import { codeText } from '#shared/status.ts';
import { count, percent } from '#shared/numbers.ts';
import type { Observed } from '../core/diagnose/observed.ts';
import { utc } from '../core/words.ts';
import { onOneLine } from './terminal.ts';

const WIDTH = 100;
const CAUSES_SHOWN = 4;
const PLACES_SHOWN = 5;
const OTHERS_SHOWN = 5;

/** Another code of the same lines that shows a fault. */
interface OtherCode {
  code: number;
  faulty: number;
  cause: string | undefined;
}

export function diagnosisText(d: Diagnosis, o: Observed, others: readonly OtherCode[] = []): string {
  const when = o.from === null || o.to === null ? '' : `, failing from ${utc(o.from)} to ${utc(o.to)} UTC`;
  const out = [
    `${codeText(d.code)}: ${count(d.hits)} of ${count(d.total)} exchanges (${percent(d.hits / d.total)})${when}`,
    '',
    ...wrap(d.headline, '', ''),
    '',
  ];
  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) out.push(title, ...lines, '');
  };
  section(
    'Who failed',
    d.causes
      .slice(0, CAUSES_SHOWN)
      .flatMap((c, i) => [
        `  ${i + 1}. ${c.title} [${c.cause}]: ${c.culprit}, ${percent(c.share)}, ${c.confidence}`,
        ...c.evidence.flatMap((e) => wrap(e, '     ', '     ')),
      ]),
  );
  section(
    'Where',
    d.where
      .filter((w, i) => i === 0 || w.lift >= 1.2 || w.lift === 1)
      .slice(0, PLACES_SHOWN)
      .map(
        (w) =>
          `  ${w.dimension.padEnd(9)}${w.value}: ${percent(w.share)} of the ${codeText(d.code)}s${w.trafficShare === null ? '' : `, ${percent(w.trafficShare)} of the traffic (${w.lift}×)`}`,
      ),
  );
  section('When', timeline(o));
  section(
    'Also in these lines',
    others
      .slice(0, OTHERS_SHOWN)
      .map(
        ({ code, faulty, cause }) =>
          `  ${codeText(code)}: ${count(faulty)}, mostly ${(cause !== undefined && causeById(cause)?.title) || 'unknown'}  (--code ${code})`,
      ),
  );
  section(
    'What else the numbers say',
    d.refinements.flatMap((r) => wrap(`${r.title}: ${r.evidence}`, '  - ', '    ')),
  );
  const [top] = d.causes;
  if (top) {
    section('What it means', [...wrap(top.meaning, '  ', '  '), ...wrap(`Owner: ${top.owner}`, '  ', '  ')]);
    // Where the log cannot tell, what the code itself narrows it down to.
    const runbook = top.cause === 'unknown' ? runbookOf(d.code) : undefined;
    if (runbook)
      section(`What a ${codeText(d.code)} can be`, [
        ...wrap(runbook.whoFailed, '  ', '  '),
        ...runbook.whenSeen.flatMap((seen) => wrap(seen, '  - ', '    ')),
      ]);
    section(
      'Check next',
      d.next.flatMap((n, i) => {
        const [say, run] = n.split('  →  ');
        return [...wrap(say, `  ${i + 1}. `, '     '), ...(run === undefined ? [] : [`       ${run}`])];
      }),
    );
    section(
      'How to fix it',
      top.fixes.flatMap((f) => wrap(f, '  - ', '    ')),
    );
    section(
      'What it is not',
      top.notToConfuse.flatMap((n) => wrap(n, '  - ', '    ')),
    );
  }
  if (d.localCheck) section('"But the backend works when I test it locally."', wrap(d.localCheck, '  ', '  '));
  if (d.addToLog)
    section('To know next time', [
      ...wrap(d.addToLog.why, '  ', '  '),
      '',
      ...d.addToLog.paste.split('\n').map((l) => `    ${l}`),
    ]);
  return `${out.map(onOneLine).join('\n').trimEnd()}\n`;
}

const BARS = ' ▁▂▃▄▅▆▇█';

/** The share of the code over time, a character a step; nothing where there is too little time to show. */
function timeline({ series, to }: Observed): string[] {
  const failing = series.filter((s) => s.hits > 0);
  if (series.length < 5 || failing.length === 0) return [];
  const shares = series.map((s) => (s.total === 0 ? 0 : s.hits / s.total));
  const peak = Math.max(...shares);
  // A step with even one failure is not blank.
  const bars = shares
    .map((share) => BARS[share === 0 ? 0 : Math.max(1, Math.round((share / peak) * (BARS.length - 1)))])
    .join('');
  const end = series[series.indexOf(failing[failing.length - 1]) + 1]?.at ?? to ?? failing[failing.length - 1].at;
  return [
    `  |${bars}|`,
    `  from ${utc(failing[0].at)} to ${utc(end)} UTC; at most ${percent(peak)} of the exchanges of a step`,
  ];
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
