// From counts to a diagnosis: ranked causes with their evidence, where the fault sits, what refines it, and what to do next, with the
// incident's own values filled in. Pure.
import type { Diagnosis, Dimension, RankedCause } from '#shared/api.ts';
import { addToLog, causeById, culpritOf, isUnknown } from '#shared/causes/index.ts';
import { checksOf } from '#shared/proxies/index.ts';
import type { Cause, Alternative, Failures, Sentence } from '#shared/causes/cause.ts';
import type { Culprit, Exchange } from '#shared/exchange.ts';
import { isGroupName } from '#shared/causes/exchange-facts.ts';
import { codeText } from '#shared/status.ts';
import { plural } from '#shared/numbers.ts';
import { fill, printable, type Values } from './fill.ts';
import { failuresOf } from './failures.ts';
import { localise, type Located } from './localise.ts';
import { localCheckOf } from './local-check.ts';
import type { Observed, ObservedCause } from './observed.ts';
import { failingPrefix } from './failing-prefix.ts';
import { refine, type Refinement } from './refinements.ts';
import { settle } from './settle.ts';
import { byHurt } from './worst-code.ts';
import { capital, seconds, utc } from '../words.ts';

const NEXT_MAX = 8;

export function diagnose(o: Observed): Diagnosis {
  // Of a success code only those that show a fault have a place.
  const faulty = o.code >= 100 && o.code < 400 ? { ...o, hits: o.causes.reduce((sum, c) => sum + c.hits, 0) } : o;
  const where = faulty.hits > 0 ? localise(faulty) : [];
  const ranked = settle(o)
    .filter((c) => c.hits > 0)
    .sort((a, b) => b.hits - a.hits || Number(isUnknown(a.cause)) - Number(isUnknown(b.cause)));
  const failures = ranked.map((c) => failuresOf(o, c));
  const top = ranked[0];
  const refinements = top ? refine(faulty, top.cause, failures[0], where) : [];
  const causes = ranked
    .map((c, i) => rankedCause(o, c, failures[i], faulty.hits, valuesOf(o, c, where)))
    .filter((c) => c !== undefined);
  return {
    code: o.code,
    total: o.total,
    hits: o.hits,
    headline: causes[0] ? headlineOf(faulty, causes[0], where, top?.sample?.upstream) : nothingWrong(o),
    causes,
    where: where.map(({ ratio: _, ...w }) => w),
    refinements,
    also: byHurt(o.others ?? [])
      .filter(({ code }) => code !== o.code)
      .map(({ code, faulty }) => ({ code, hits: faulty })),
    next: nextOf(causes[0], refinements),
    localCheck: top ? localCheckOf(o, top.cause, failures[0], where) : null,
    // Worth saying once a fifth of the hits cannot be told.
    addToLog: o.causes.some((c) => isUnknown(c.cause) && c.hits > 0 && c.hits >= o.hits / 5)
      ? addToLog(o.proxy, o.ingress)
      : null,
  };
}

function rankedCause(
  o: Observed,
  c: ObservedCause,
  f: Failures,
  faulty: number,
  values: Values,
): RankedCause | undefined {
  const cause = causeById(c.cause);
  if (!cause) return undefined;
  const also = c.sample && cause.alternative?.(c.sample, f);
  const evidence = [capital(sentence(cause.evidence(f)))];
  const earlier = earlierAttempts(c.sample);
  if (earlier !== undefined) evidence.push(sentence(earlier));
  if (also) evidence.push(`Another fault leaves the same traces: ${also.text}.`);
  const holds = (said: Sentence): string[] => (typeof said === 'string' ? [said] : said.when(f) ? [said.text] : []);
  return {
    cause: cause.id,
    culprit: culpritOf(cause, c.sample),
    title: cause.title,
    share: c.hits / o.hits,
    hits: c.hits,
    confidence: confidenceOf(cause, c.hits, faulty, also || undefined),
    evidence,
    meaning: cause.meaning,
    owner: cause.owner,
    checks: checksOf(cause, f, o.ingress).map(({ say, run }) => {
      const filled = run === undefined ? undefined : fill(run, values);
      return filled === undefined ? { say } : { say, run: filled };
    }),
    fixes: cause.fixes.flatMap(holds),
    notToConfuse: cause.notToConfuse.flatMap(holds),
    references: [...cause.references],
  };
}

/** How the attempts before the last one of an exchange ended: the client sees the last only, and the fault may lie in the first. */
function earlierAttempts(x: Exchange | undefined): string | undefined {
  const { upstreamAttempts: at = [], upstreamStatus: statuses = [], attemptsMs: took = [] } = x ?? {};
  if (at.length < 2 || x!.code < 400) return undefined;
  const attempt = (address: string, i: number): string =>
    address +
    (statuses[i] ? ` ended with ${statuses[i]}` : ' failed') +
    (typeof took[i] === 'number' ? ` after ${seconds(took[i])}` : '');
  return `In one of them, ${plural(at.length, 'attempt')}: ${at.slice(0, ATTEMPTS_SHOWN).map(attempt).join(', then ')}.`;
}
const ATTEMPTS_SHOWN = 4;

/** Quotes names from the log, so anyone may have written part of it. */
const SENTENCE_MAX = 600;
const sentence = (text: string): string => printable(text, SENTENCE_MAX);

/** What the share among the hits is at least, 19 times in 20 (Wilson's lower bound): three of three is not certainty. */
function atLeast(hits: number, total: number): number {
  const z = 1.645,
    p = hits / total,
    zz = (z * z) / total;
  return (p + zz / 2 - z * Math.sqrt((p * (1 - p)) / total + zz / (4 * total))) / (1 + zz);
}

function confidenceOf(cause: Cause, hits: number, total: number, doubt: Alternative | undefined): string {
  if (cause.culprit === 'unknown') return 'unknown';
  const least = atLeast(hits, total);
  if (least >= 0.95 && doubt === undefined) return 'certain';
  if (least >= 0.75 && (doubt?.rare ?? true)) return 'very likely';
  return least >= 0.4 ? 'likely' : 'possible';
}

/** What commands may ask for. */
function valuesOf(o: Observed, c: ObservedCause, where: readonly Located[]): Values {
  const values = new Map<string, string>([['code', codeText(o.code)]]);
  const put = (name: string, value: string | null | undefined): void => {
    if (value) values.set(name, value);
  };
  const { sample } = c;
  const placed = (dimension: string): string | undefined => where.find((w) => w.dimension === dimension)?.value;
  const upstream = placed('upstream') ?? sample?.upstream ?? undefined;
  // A HAProxy server name, a group's name or a socket cannot be asked with curl.
  if (upstream && /:\d+$/.test(upstream) && !isGroupName(upstream)) {
    put('upstream', upstream);
    put('backend', upstream.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
  }
  put('host', placed('host') ?? sample?.host);
  put('route', placed('route') ?? sample?.route);
  put('path', sample?.path?.split('?', 1)[0]);
  put('client', placed('client'));
  put('source', o.source);
  if (o.from !== null) put('from', utc(o.from));
  if (o.to !== null) put('to', utc(o.to + 1000));
  return values;
}

function nextOf(top: RankedCause | undefined, refinements: readonly Refinement[]): string[] {
  if (!top) return [];
  const first = refinements.flatMap((r) => {
    const step = FIRST.get(r.id);
    return step === undefined || (step.culprits && !step.culprits.includes(top.culprit)) ? [] : [step.say];
  });
  return [...first, ...top.checks.map(({ say, run }) => (run === undefined ? say : `${say}  →  ${run}`))].slice(
    0,
    NEXT_MAX,
  );
}

/** What a refinement puts before the cause's own checks; only where one of these failed, if it names any. */
const FIRST: ReadonlyMap<string, { say: string; culprits?: readonly Culprit[] }> = new Map([
  [
    'one-instance',
    {
      say: 'Compare that one instance with the others: version, configuration, disk, host. If others serve the same routes, remove it from rotation meanwhile.',
      culprits: ['app', 'upstream-protocol', 'upstream-connect'],
    },
  ],
  ['one-route', { say: "Look at that one route's code, its data, and what only it depends on.", culprits: ['app'] }],
  ['one-client', { say: 'Look at that one client: is it yours, and what changed in it?' }],
  ['deploy-before', { say: 'Roll that deploy back, or switch its feature off, before anything else.' }],
  [
    'keep-alive-race',
    { say: "Compare the idle timeouts of proxy and application: the application's must be the longer one." },
  ],
  ['retry-storm', { say: 'Slow the clients down first: Retry-After, or block the worst of them at the proxy.' }],
  [
    'oscillation',
    { say: 'Find the two states that alternate: list versions and health of all instances over the last minutes.' },
  ],
]);

const nothingWrong = (o: Observed): string =>
  o.hits === 0
    ? `No ${codeText(o.code)} among ${plural(o.total, 'request')}`
    : `${plural(o.hits, 'response')} ${codeText(o.code)} of ${plural(o.total, 'request')}, none of which shows a fault`;

/** What fails when it is not an upstream, as the end of a sentence. */
const PLACE: Partial<Record<Dimension, (value: string) => string>> = {
  route: (value) => ` on ${value}`,
  host: (value) => ` for ${value}`,
  client: (value) => ` from ${value}`,
  method: (value) => ` on ${value}`,
};

/** Who failed and where, in a few words; numbers are evidence. */
function headlineOf(
  o: Observed,
  top: RankedCause,
  where: readonly Located[],
  sample: string | null | undefined,
): string {
  // Where only failures are counted by client, a sole client may be all there is.
  const strong = where.filter((w) => w.share >= 0.8 && (w.dimension !== 'client' || w.lift >= 2));
  const sole = sample && (o.dimensions.upstream ?? []).filter((v) => v.hits > 0).length === 1 ? sample : undefined;
  const upstream = (strong.find((w) => w.dimension === 'upstream')?.value ?? sole)?.replace(/\/<NOSRV>$/, '');
  const { headline } = causeById(top.cause)!;
  const names = headline.includes('{');
  const said = upstream
    ? headline.replace('{upstream}', printable(upstream)).replace('{app}', `The application at ${printable(upstream)}`)
    : capital(headline.replace('{upstream}', 'the upstream').replace('{app}', 'the application'));
  const part = strong.length === 0 && upstream === undefined ? failingPrefix(o) : undefined;
  const place = strong[0]
    ? PLACE[strong[0].dimension]?.(printable(strong[0].value))
    : part && ` under ${printable(part.prefix)}`;
  return (
    said +
    (place ?? (upstream && !names ? ` (${printable(upstream)})` : '')) +
    (top.hits < o.hits / 2 ? ', among other causes' : '')
  );
}
