// npm run bench:detect [-- SEED… --days 14 --verbose]: Fivealarm's detector and what people set up today, over the same labelled streams.
import { parseArgs } from 'node:util';
import { Engine } from '../../server/core/detect/engine.ts';
import { placeEvents, play, STEP } from './detect/stream.ts';
import { RuleRun, rules } from './detect/rules.ts';
import { addScore, emptyScore, quantile, type Page, type Score } from './detect/score.ts';
import { services } from './detect/services.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { days: { type: 'string', default: '14' }, verbose: { type: 'boolean', default: false } },
});
const seeds = (positionals.length > 0 ? positionals : ['101', '102']).map(Number);
const days = Number(values.days);
const names = services.map(({ name }) => name);

const own = emptyScore();
const others = rules.map(() => emptyScore());
let judged = 0,
  judgedMs = 0;
for (const seed of seeds) {
  const events = placeEvents(seed, days);
  const pages: Page[] = [];
  const engine = new Engine({
    resolution: STEP,
    onTransition: (incident, { verdict, at }) => {
      if (verdict?.level === 'page' && incident.pagedAt === at) {
        pages.push({ source: incident.source, codes: incident.codes, openedAt: at });
        if (values.verbose) console.log(`  ${new Date(at * 1000).toISOString()} ${incident.source}: ${verdict.says}`);
      }
    },
  });
  const runs = rules.map((rule) => new RuleRun(rule, names));
  let now = NaN;
  play(seed, days, events, (ts, source, code, count) => {
    const from = performance.now();
    if (ts !== now) {
      for (; now < ts; now += STEP) {
        engine.tick(now + STEP);
        for (const run of runs) run.tick(now + STEP);
      }
      now = ts;
    }
    engine.count(engine.source(names[source], ts), ts + STEP - 1, code, count);
    judgedMs += performance.now() - from;
    judged++;
    for (const run of runs) run.count(source, code, count);
  });
  engine.tick(now + STEP);
  const serviceMonths = (services.length * days) / 30;
  addScore(own, events, pages, serviceMonths, values.verbose ? (line) => console.log(`${seed}: ${line}`) : undefined);
  runs.forEach((run, i) => addScore(others[i], events, run.pages, serviceMonths));
}

const share = (part: number, of: number): string => (of === 0 ? '–' : (part / of).toFixed(3));
const row = (name: string, s: Score): string =>
  `| ${[
    name.padEnd(42),
    share(s.found, s.wanted),
    share(s.right, s.found),
    String(quantile(s.delays, 0.5)).padStart(4),
    String(quantile(s.delays, 0.9)).padStart(4),
    String(onTheSame(s)).padStart(4),
    (s.falsePages / s.serviceMonths).toFixed(2).padStart(8),
    `${s.quietPaged}/${s.quiet}`.padStart(8),
    share(s.extra, s.found),
  ].join(' | ')} |`;
console.log(
  `${days} days of ${services.length} services, seeds ${seeds.join(', ')}: ${own.wanted} labels to page for, ${own.quiet} not to; ${judged} counts in ${(judgedMs / 1000).toFixed(1)} s with the rules beside it\n`,
);
// a rule that finds only what is plain is quick: the fair comparison is on the labels that it finds
const onTheSame = (s: Score): number =>
  quantile(
    own.delayOf.filter((d, i) => !Number.isNaN(d) && !Number.isNaN(s.delayOf[i])),
    0.5,
  );
console.log(
  "| detector | recall | right code | median s | p90 s | Fivealarm's median on what this one finds | false pages / service-month | quiet paged | extra pages |\n|---|---|---|---|---|---|---|---|---|",
);
console.log(row('Fivealarm', own));
rules.forEach(({ name }, i) => console.log(row(name, others[i])));
console.log('');
for (const [name, f] of [...own.families].sort((a, b) => a[1].kind.localeCompare(b[1].kind))) {
  console.log(
    `${f.kind.padEnd(6)}${name.padEnd(20)}${f.paged}/${f.labels} paged${f.delays.length > 0 ? `, median ${quantile(f.delays, 0.5)} s, p90 ${quantile(f.delays, 0.9)} s` : ''}`,
  );
}
