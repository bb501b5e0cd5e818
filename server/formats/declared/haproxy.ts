// A HAProxy log-format, as it stands in the configuration or bare, as a template.
import { evidence, isSaid, NOTHING, templateOf, type Slot, type Template, type Use } from '../layout/template.ts';

/** Variables that are read together: their parts make one field. */
const TOGETHER: readonly (readonly [RegExp, string])[] = [
  [/%T[Rqi]\/%Tw\/%Tc\/%Tr\/%T[at]/g, '%{}TIMERS'],
  [/%(?:\{\+Q\})?b\/%(?:\{\+Q\})?s\b/g, '%{}SERVER'],
  [/%ac\/%fc\/%bc\/%sc\/%rc/g, '%{}CONNECTIONS'],
];
const VARIABLES = new Map<string, Use>(
  Object.entries({
    TIMERS: evidence('timers'),
    SERVER: evidence('upstream'),
    ST: { as: 'status' },
    ci: { as: 'client' },
    r: { as: 'request' },
    HM: { as: 'method' },
    HU: { as: 'url' },
    HP: { as: 'url' },
    HPO: { as: 'url' },
    tr: { as: 'clf' },
    t: { as: 'clf' },
    T: { as: 'clf' },
    Tl: { as: 'clf' },
    trg: { as: 'clf' },
    trl: { as: 'clf' },
    Ts: { as: 'epoch' },
    Ta: { as: 'duration', unitMs: 1 },
    Tt: { as: 'duration', unitMs: 1 },
    B: { as: 'size' },
    tsc: evidence('termination'),
    ts: evidence('termination'),
    b: evidence('upstream'),
    s: evidence('upstream'),
    rc: evidence('retries'),
  } satisfies Record<string, Use>),
);

/** Sample fetches that stand for a variable, without what converts them. */
const FETCHES: Readonly<Record<string, string>> = {
  src: 'ci',
  method: 'HM',
  'capture.req.method': 'HM',
  path: 'HP',
  pathq: 'HU',
  url: 'HU',
  'capture.req.uri': 'HU',
  status: 'ST',
};
const fetched = (whole: string): string => FETCHES[/\[([\w.]+)[,\]]/.exec(whole)?.[1] ?? ''] ?? '';

const CAPTURES = /^h[rs]$/;
/** Never between quotes, not even after `%{+Q}o`: numbers and times. */
const UNQUOTED = /^(?:ST|B|U|cp|fp|bp|sp|ms|pid|rt|lc|T\w*|[aftbsr]c|[sb]q|t|tr\w*|CONNECTIONS|TIMERS)$/;
const STATE = /^tsc?$/;

const isAllQuoted = (source: string): boolean =>
  [...source.matchAll(/%\{([^{}]*)\}o/g)].some(([, flags]) => flags.includes('+Q'));

export const looksLikeHaproxy = (source: string): boolean =>
  /%(?:\{[+\-QXE, ]*\})?(?:ST|ci|cp|tsc|ft|HM|HU|TR|Tq)\b/.test(source) || /^\s*log-format\s.*%ST/.test(source);

/** How a session ended stands between quotes in some versions of HAProxy, bare in others. */
export function compileHaproxy(source: string): Template | string {
  const template = compiled(source, (name) => UNQUOTED.test(name));
  if (typeof template === 'string' || !isAllQuoted(source)) return template;
  const otherwise = compiled(source, (name) => UNQUOTED.test(name) || STATE.test(name));
  return typeof otherwise === 'string' ? template : { ...template, otherwise };
}

function compiled(source: string, isUnquoted: (name: string) => boolean): Template | string {
  let format = (/(?:^|\n)[ \t]*log-format\s+(.+)/.exec(source)?.[1] ?? source).trim();
  const quoted = /^(["'])([^]*)\1$/.exec(format);
  if (quoted !== null) format = quoted[2];
  format = format.replace(/\\(["' \\])/g, '$1').replace(/ {2,}/g, ' '); // HAProxy prints one blank for several
  // %{+Q}o: from there on every text stands between quotes
  const all = isAllQuoted(format);
  for (const [parts, whole] of TOGETHER) if (!all || whole !== '%{}SERVER') format = format.replace(parts, whole);
  const slots: Slot[] = [];
  let prefix = '',
    last = 0,
    status = false;
  const literal = (end: number): void => {
    if (slots.length === 0) prefix += format.slice(last, end);
    else slots[slots.length - 1].literal += format.slice(last, end);
  };
  // %[sample], %{+Q}[sample], %{flags}name, %name; a quoted value stands between quotes
  for (const match of format.matchAll(/%(?:\{([^{}]*)\})?(?:\[(?:[^\][%]|\[[^\][%]*\])*\]|([a-zA-Z]+))/g)) {
    const [whole, flags = '', name = ''] = match;
    literal(match.index);
    last = match.index + whole.length;
    if (name === 'o') {
      if (format[last] === ' ') last++; // the blank after it is not printed
      continue;
    }
    // Where nothing is captured, nothing stands here, not even the blank: what comes next ends what came before.
    const before = slots.at(-1);
    if (CAPTURES.test(name) && before?.use.as === 'nothing' && before.literal === ' ') {
      before.literal = '';
      continue;
    }
    const quote = flags.includes('+Q') || (all && !flags.includes('-Q') && !isUnquoted(name)) ? '"' : '';
    if (slots.length === 0) prefix += quote;
    else slots[slots.length - 1].literal += quote;
    const use = VARIABLES.get(name || fetched(whole)) ?? NOTHING;
    status ||= use.as === 'status';
    slots.push({ name: whole, use: isSaid(slots, use) ? NOTHING : use, literal: quote });
  }
  literal(format.length);
  if (!status) return 'this HAProxy log-format has no %ST: add it';
  return templateOf(prefix, slots);
}
