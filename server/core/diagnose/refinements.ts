// What the spread of the hits adds to their cause: one instance, a keep-alive race, a timeout pinned at one value, a deploy just
// before, a retry storm, a restart herd, an oscillation. Each says the numbers it rests on.
import type { Diagnosis } from '#shared/api.ts';
import { causeById, hasTrait } from '#shared/causes/index.ts';
import type { Trait } from '#shared/causes/cause.ts';
import { isGroupName } from '#shared/causes/exchange-facts.ts';
import { count, percent, plural } from '#shared/numbers.ts';
import type { Failures } from '#shared/causes/cause.ts';
import { endsAt } from './failures.ts';
import type { Located } from './localise.ts';
import type { Observed, ObservedStep } from './observed.ts';
import { failingPrefix } from './failing-prefix.ts';
import { passedOnFailingRoutes } from './settle.ts';
import { seconds } from '../words.ts';

export type Refinement = Diagnosis['refinements'][number];
type Rule = (o: Observed, cause: string, where: readonly Located[], f: Failures) => Refinement | undefined;

/** Fewer hits than this are an anecdote. */
const HITS_MIN = 5;

const oneOfMany =
  (dimension: 'upstream' | 'route' | 'host' | 'client', title: string, noun: string): Rule =>
  (o, cause, where) => {
    const at = where.find((w) => w.dimension === dimension);
    if (!at || at.share < 0.8 || o.hits < HITS_MIN) return undefined;
    const values = o.dimensions[dimension] ?? [];
    if (values.filter((v) => (v.traffic ?? v.hits) > 0).length < 2) return undefined;
    // nginx's group name and HAProxy's <NOSRV> stand for a whole group; another bare name of HAProxy's is a server.
    const group =
      dimension === 'upstream' &&
      (at.value.endsWith('<NOSRV>') ||
        (hasTrait(cause, 'names-group') && isGroupName(at.value)) ||
        (o.proxy !== 'haproxy' && !/[/:.]/.test(at.value)));
    const one = group ? 'backend' : noun;
    const others =
      at.ratio === Infinity
        ? `no other ${one} shows it`
        : `other ${one}s show it ${at.ratio >= 10 ? count(at.ratio) : at.ratio.toFixed(1)} times less often`;
    const against =
      at.trafficShare === null ? '' : `, which takes ${percent(at.trafficShare)} of the traffic; ${others}`;
    // What the proxy decides by itself is no matter of the group, unless the group has no room left.
    if (group && causeById(cause)?.culprit === 'proxy' && !hasTrait(cause, 'backend-capacity')) return undefined;
    return {
      id: group ? 'one-backend' : `one-${dimension === 'upstream' ? 'instance' : dimension}`,
      title: group ? 'one backend group' : title,
      evidence: `${count(at.hits)} of ${count(o.hits)} are at ${at.value}${against}.`,
    };
  };

/** Said where neither one instance nor one route is the place. */
const onePart: Rule = (o, _cause, where) => {
  if (o.hits < HITS_MIN || where.some((w) => (w.dimension === 'upstream' || w.dimension === 'route') && w.share >= 0.8))
    return undefined;
  const part = failingPrefix(o);
  return (
    part && {
      id: 'one-part',
      title: 'one part of the site',
      evidence: `${count(part.hits)} of ${count(o.hits)} are under ${part.prefix}, which takes ${percent(part.traffic / o.total)} of the traffic: one service or one location of the proxy.`,
    }
  );
};

/** The upstream closes an idle connection as the proxy reuses it, so the failure comes within a round trip and what the kernel needs. */
const RACE_MEDIAN_MS = 60,
  RACE_MOST_MS = 250;

const keepAliveRace: Rule = (o, cause, where, f) => {
  const { durationsMs } = f;
  if (!hasTrait(cause, 'keep-alive-race') || o.hits < HITS_MIN || durationsMs.length < HITS_MIN) return undefined;
  const short = durationsMs.filter((ms) => ms <= RACE_MOST_MS).length / durationsMs.length;
  const routes = (o.dimensions.route ?? []).filter((v) => v.hits > 0).length;
  // A crash takes a route or most of the traffic with it; the race takes a few requests of every kind.
  if (
    short < 0.9 ||
    durationsMs[durationsMs.length >> 1] > RACE_MEDIAN_MS ||
    f.limitMs !== undefined ||
    routes < 3 ||
    o.hits / o.total > 0.2 ||
    where.some((w) => w.dimension === 'route' && w.share > 0.5)
  )
    return undefined;
  const quiet = failsMoreWhenQuiet(o.series);
  return {
    id: 'keep-alive-race',
    title: 'keep-alive race',
    evidence:
      `${percent(short)} of the failures end within ${RACE_MOST_MS} ms, they are spread over ${count(routes)} routes, and ${percent(1 - o.hits / o.total)} of the requests in between succeed${quiet ? '; the share is higher when traffic is low' : ''}. ` +
      'This is the pattern of an application that closes an idle connection just as the proxy reuses it.',
  };
};

function failsMoreWhenQuiet(series: readonly ObservedStep[]): boolean {
  const steps = series.filter((s) => s.total > 0).sort((a, b) => a.total - b.total);
  if (steps.length < 8) return false;
  const half = steps.length >> 1;
  return shareOf(steps.slice(0, half)) > 1.5 * shareOf(steps.slice(half));
}

function shareOf(steps: readonly ObservedStep[]): number {
  const total = steps.reduce((sum, s) => sum + s.total, 0);
  return total === 0 ? 0 : steps.reduce((sum, s) => sum + s.hits, 0) / total;
}

/** Whose time limit it is when the failures of a cause end at one duration. */
const LIMIT_OF: readonly (readonly [Trait, string])[] = [
  [
    'client-left',
    'This is a time limit of whoever sent the requests: the client, or a load balancer or CDN in front of this proxy.',
  ],
  [
    'upstream-limit',
    'This is a time limit on the upstream side: a request or worker timeout of the application server, or an idle timeout of the server or of a firewall in between.',
  ],
  ['connect-limit', 'This is when connecting is given up, not how long a request takes.'],
  ['time-limit', 'This is a time limit, not a range of slow responses.'],
];

const pinnedTimeout: Rule = (_o, cause, _where, { limitMs, durationsMs, sample }) => {
  if (limitMs === undefined) return undefined;
  const whose = LIMIT_OF.find(([trait]) => hasTrait(cause, trait))?.[1];
  if (whose === undefined) return undefined;
  const near = durationsMs.filter((ms) => endsAt(ms, limitMs)).length;
  const each = (sample?.upstreamAttempts?.length ?? 1) > 1 ? 'of the last attempts' : 'of the failures';
  return {
    id: 'timeout-pinned',
    title: `ends at ${seconds(limitMs)}`,
    evidence: `${percent(near / durationsMs.length)} ${each} end after ${seconds(limitMs)}, give or take 3%. ${whose}`,
  };
};

/** A deploy is suspected when failures began within this after it. */
const DEPLOY_MS = 15 * 60_000;

const deployBefore: Rule = (o) => {
  const began = o.series.find((s) => s.hits > 0)?.at ?? o.from;
  if (began === null || began === undefined) return undefined;
  const last = o.deploys
    .filter((d) => d.at <= began + 60_000 && began - d.at <= DEPLOY_MS)
    .sort((a, b) => b.at - a.at)[0];
  if (!last) return undefined;
  const after = Math.max(0, began - last.at);
  return {
    id: 'deploy-before',
    title: 'deploy just before',
    evidence: `"${last.text}" came ${after < 1000 ? 'at the same moment' : `${seconds(after)} before the first failure`}. Roll it back first, look after.`,
  };
};

const retryStorm: Rule = (o) => {
  const { returns } = o;
  // A single address behind everything is a load balancer, not a client.
  if ((o.dimensions.client ?? []).length < 2) return undefined;
  if (!returns || returns.limited < 10 || returns.soon / returns.limited < 0.5) return undefined;
  return {
    id: 'retry-storm',
    title: 'retry storm',
    evidence: `After ${count(returns.soon)} of ${count(returns.limited)} refusals (${percent(returns.soon / returns.limited)}) the same client was back within a second: the retries are themselves the load. Send Retry-After; clients need backoff with jitter.`,
  };
};

const STEPS_MIN = 4;

const restartHerd: Rule = (o, cause) => {
  if (o.code !== 503 || hasTrait(cause, 'proxy-limit')) return undefined;
  const shares = o.series.filter((s) => s.total > 0).map((s) => s.hits / s.total);
  const peak = Math.max(...shares, 0);
  const from = shares.indexOf(peak);
  const tail = shares.slice(from);
  if (peak < 0.3 || tail.length < STEPS_MIN || from > shares.length / 2) return undefined;
  // Falls and never rises again by more than noise, over at least three levels.
  const falls = tail.every((share, i) => i === 0 || share <= tail[i - 1] + 0.05);
  const levels = new Set(tail.map((share) => Math.round(share * 10))).size;
  if (!falls || levels < 3 || tail[tail.length - 1] > peak * 0.3) return undefined;
  return {
    id: 'restart-herd',
    title: 'restart herd',
    evidence: `The share fell in steps, from ${percent(peak)} to ${percent(tail[tail.length - 1])}: instances come back one after another, and each is met by all the clients that were waiting.`,
  };
};

const oscillation: Rule = (o) => {
  const steps = o.series.filter((s) => s.total > 0);
  const peak = Math.max(...steps.map((s) => s.hits / s.total), 0);
  if (steps.length < 8 || peak < 0.1 || o.hits < 30) return undefined;
  // Runs of high and of low steps: two levels with a gap between them.
  const runs: { high: boolean; steps: number; hits: number; total: number }[] = [];
  for (const { hits, total } of steps) {
    const last = runs.at(-1),
      share = hits / total;
    const high = (last?.high ?? true) ? share > peak * 0.25 : share > peak * 0.6;
    if (last?.high === high)
      Object.assign(last, { steps: last.steps + 1, hits: last.hits + hits, total: last.total + total });
    else runs.push({ high, steps: 1, hits, total });
  }
  // A turn counts when chance does not explain it: few requests a step go up and down by themselves.
  const turns = runs.slice(1).filter((run, i) => apart(run, runs[i])).length;
  if (turns < 4 || turns > steps.length / 2) return undefined;
  return {
    id: 'oscillation',
    title: 'oscillating',
    evidence: `The share went up and down ${turns} times (peak ${percent(peak)}): a good and a bad version alternating, health checks flapping, or one bad instance that returns. It is one fault, not several.`,
  };
};

/** The two shares differ by more than four standard errors of their difference. */
function apart(a: { hits: number; total: number }, b: { hits: number; total: number }): boolean {
  const both = (a.hits + b.hits) / (a.total + b.total);
  return Math.abs(a.hits / a.total - b.hits / b.total) > 4 * Math.sqrt(both * (1 - both) * (1 / a.total + 1 / b.total));
}

/** nginx's limiter and a `return 503` leave the same line; what else these routes answered distinguishes them. */
const somePass: Rule = (o, cause) => {
  const routes = (o.dimensions.route ?? []).filter((v) => v.hits > 0 && v.traffic !== null);
  const passed = routes.reduce((sum, v) => sum + v.traffic! - v.hits, 0);
  if (!hasTrait(cause, 'proxy-limit') || o.hits < 20 || passed === 0 || !passedOnFailingRoutes(o)) return undefined;
  return {
    id: 'some-pass',
    title: 'others get through',
    evidence: `On the same routes ${plural(passed, 'other request', 'other requests')} got a response in the same time range, as with a limit.`,
  };
};

const rules: readonly Rule[] = [
  oneOfMany('upstream', 'one instance', 'instance'),
  oneOfMany('route', 'one route', 'route'),
  oneOfMany('host', 'one host', 'host'),
  oneOfMany('client', 'one client', 'client'),
  onePart,
  deployBefore,
  keepAliveRace,
  pinnedTimeout,
  retryStorm,
  somePass,
  restartHerd,
  oscillation,
];

export const refine: (o: Observed, cause: string, f: Failures, where: readonly Located[]) => Refinement[] = (
  o,
  cause,
  f,
  where,
) => (o.hits === 0 ? [] : rules.map((rule) => rule(o, cause, where, f)).filter((r) => r !== undefined));
