// Labelled streams: services with day and week rhythm, drift and clumped errors, and events placed on them. Deterministic by seed.
import type { Effect, Event } from './event.ts';
import { families } from './events.ts';
import { Random } from './random.ts';
import { services, type Service } from './services.ts';

/** Seconds a bucket. */
export const STEP = 10;
const DAY = 86_400;
/** A Monday. */
const START = Date.UTC(2026, 8, 7) / 1000;

export type Visit = (ts: number, source: number, code: number, count: number) => void;

/** Events of all services: at most one at a time each, 25 min to 4 h apart, after a first clean day. */
export function placeEvents(seed: number, days: number): Event[] {
  const r = new Random(seed * 7919 + 1);
  const events: Event[] = [];
  for (const service of services) {
    // whoever has failed since the first request may be woken once: nobody knows yet that this is its usual
    if (service.brokenFromBirth)
      events.push({
        source: service.name,
        family: 'broken from birth',
        kind: 'any',
        start: START,
        end: START + 3600,
        effect: () => ({}),
      });
    if (service.calm) continue;
    if (service.rhythm === 'weekdays') {
      for (let t = START + 5 * DAY; t < START + days * DAY; t += 7 * DAY)
        events.push({
          source: service.name,
          family: 'weekend',
          kind: 'quiet',
          start: t,
          end: t + 2 * DAY,
          effect: () => ({}),
        });
    }
    const end = START + days * DAY;
    let t = START + ((service.fromDay ?? 0) + 1) * DAY + r.between(0, 6 * 3600);
    while (t < end - 5 * 3600) {
      const family = r.pick(families.filter((f) => f.sizes.includes(service.size)));
      const { lasts, ...event } = family.draw(r, service);
      const start = Math.round(t / STEP) * STEP;
      const placed = { ...event, source: service.name, family: family.name, start, end: start + lasts };
      if (fits(service, placed)) events.push(placed);
      t = placed.end + (service.rhythm === 'hourly' ? r.between(12 * 3600, 30 * 3600) : r.between(1500, 4 * 3600));
    }
  }
  return events;
}

/** No event where it could not be seen: a closed office, a redirector that redirects. */
function fits(service: Service, { start, end, family }: Event): boolean {
  if (service.rhythm === 'weekdays') return level(service, start) > 0 && level(service, end + DAY / 24) > 0;
  if (service.rhythm === 'office')
    return level(service, start) >= 0.5 && level(service, end) >= 0.5 && start - START > DAY * 1.3;
  if (family === 'all redirected' || family === 'moved pages' || family === 'all forbidden')
    return service.name !== 'redirector' && service.name !== 'login';
  return true;
}

/** Multiplier of a service's rate at a time, without noise. */
function level({ rhythm, fromDay }: Service, t: number): number {
  if (fromDay !== undefined && t < START + fromDay * DAY) return 0;
  const day = (t % DAY) / DAY;
  const dow = Math.floor(t / DAY + 4) % 7;
  const weekend = dow === 0 || dow === 6;
  if (rhythm === 'steady') return 1;
  if (rhythm === 'hourly') return t % 3600 === 420 ? 360 : 0;
  if (rhythm === 'weekdays') return weekend ? 0 : 1;
  if (rhythm === 'bursts') return t % 3600 < 240 ? 15 : 0;
  if (rhythm === 'office') {
    if (weekend) return 0;
    // the clocks change on the second Sunday
    const hour = day * 24 + (t - START > 13 * DAY ? 1 : 0);
    return hour < 7 || hour > 19 ? 0 : Math.min(1, (hour - 7) / 1.5, (19 - hour) / 1.5) * 1.6;
  }
  // a holiday: the second Thursday is as quiet as a Sunday night
  const holiday = Math.floor((t - START) / DAY) === 10 ? 0.35 : 1;
  return (1 + 0.7 * Math.sin(2 * Math.PI * (day - 0.35))) * (weekend ? 0.6 : 1) * holiday;
}

/** Plays the stream bucket by bucket. */
export function play(seed: number, days: number, events: readonly Event[], visit: Visit): void {
  const r = new Random(seed);
  const bySource = services.map(({ name }) =>
    events.filter((e) => e.source === name).sort((a, b) => a.start - b.start),
  );
  const drift = new Float64Array(services.length),
    swing = new Float64Array(services.length);
  const next = new Uint32Array(services.length);
  for (let t = START; t < START + days * DAY; t += STEP) {
    for (let i = 0; i < services.length; i++) {
      drift[i] = drift[i] * 0.999 + r.normal() * 0.006;
      // of variance 1, followed for half an hour
      swing[i] = swing[i] * 0.9945 + r.normal() * 0.105;
      while (bySource[i][next[i]]?.end <= t) next[i]++;
      const event = bySource[i][next[i]];
      bucket(r, services[i], t, drift[i], swing[i], event && t >= event.start ? event : undefined, (code, count) =>
        visit(t, i, code, count),
      );
    }
  }
}

function bucket(
  r: Random,
  service: Service,
  t: number,
  drift: number,
  swing: number,
  event: Event | undefined,
  emit: (code: number, count: number) => void,
): void {
  const effect = event ? event.effect(t - event.start) : (service.habit?.(t) ?? {});
  const mean = service.rate * level(service, t) * Math.exp(drift) * STEP * (r.gamma(60) / 60) * (effect.times ?? 1);
  const n = countOf(r, service, t, mean);
  const swings = service.swings ?? 0;
  const noise = (r.gamma(service.clump) / service.clump) * Math.exp(swings * swing - (swings * swings) / 2);
  const counts = new Map<number, number>();
  let left = n;
  for (const [code, p] of sharesOf(r, service, effect, noise)) {
    const k = Math.min(left, r.binomial(n, Math.min(1, p)));
    if (k > 0) counts.set(code, k);
    left -= k;
  }
  if (left > 0 && !service.errorsOnly) {
    const turned = effect.turned ? r.binomial(left, effect.turned.share) : 0;
    if (turned > 0) counts.set(effect.turned!.code, (counts.get(effect.turned!.code) ?? 0) + turned);
    if (left > turned) counts.set(200, left - turned);
  }
  if (effect.add) {
    const k = r.poisson(effect.add.rate * STEP);
    if (k > 0) counts.set(effect.add.code, (counts.get(effect.add.code) ?? 0) + k);
  }
  for (const [code, count] of counts) emit(code, count);
}

/** A probe comes every half minute, an hourly job once: nothing of that is left to chance. */
function countOf(r: Random, { name, rhythm }: Service, t: number, mean: number): number {
  if (name === 'probe') return mean > 0 && t % 30 === 0 ? 1 : 0;
  return rhythm === 'hourly' ? Number(mean > 0) : r.poisson(mean);
}

/** What an event fails, it fails of all requests; the usual mix answers the rest. Most likely first. */
function sharesOf(r: Random, service: Service, effect: Effect, noise: number): [code: number, share: number][] {
  const scale = effect.clump ? r.gamma(effect.clump) / effect.clump : 1;
  const failing = Math.min(
    1,
    Object.values(effect.share ?? {}).reduce((sum, p) => sum + p * scale, 0),
  );
  const share = new Map<number, number>();
  for (const code in service.usual)
    share.set(Number(code), service.usual[code] * (Number(code) >= 500 ? noise : 1) * (1 - failing));
  for (const [code, p] of Object.entries(effect.share ?? {}))
    share.set(Number(code), (share.get(Number(code)) ?? 0) + Math.min(1, p * scale));
  return [...share].sort((a, b) => b[1] - a[1]);
}
