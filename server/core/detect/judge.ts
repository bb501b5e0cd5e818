// Judges one source at one moment: which detectors find something, what of it has a place or is another failure, and what each
// incident is told.
import { detectors } from './detectors/index.ts';
import type { Detector, Verdict } from './detectors/detector.ts';
import type { EngineOptions } from './engine-options.ts';
import { IncidentTracker } from './incident-tracker.ts';
import type { Moved } from './placed-incidents.ts';
import { NORMAL_SLOTS, type SourceState } from './source-state.ts';
import type { Stepper } from './stepper.ts';
import { mark, type RuleTracker, type Watched } from './watched.ts';
import { SLOT } from './window-counter.ts';

/** What has failed since a source's first request is taken for its usual after this long, s. */
const USUAL_AFTER = 3600;
/** Findings that rest on failures, which may have a place. */
const BY_CAUSE: ReadonlySet<string> = new Set(['error-share', 'every-request']);
/** So many places can begin to fail at one moment. */
const PLACES_AT_ONCE = 6;
/** Failures of a whole source that have been followed by another and may come back. */
const ENDED_MAX = 8;

const byId: ReadonlyMap<string, Detector> = new Map(detectors.map((detector) => [detector.id, detector]));

export interface JudgeOptions extends Pick<EngineOptions, 'rulesOnly'> {
  stepper: Stepper;
  /** What throws is of this source alone, and its next slot is judged all the same. */
  failed(error: unknown, watched: Watched): void;
}

export class Judge {
  readonly #options: JudgeOptions;
  readonly #stepper: Stepper;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#stepper = options.stepper;
  }

  /** What has been counted until `now`. */
  judge(watched: Watched, now: number): void {
    const { state } = watched;
    state.dirty = false;
    if (!this.#options.rulesOnly) {
      this.#judgeGroup(watched, watched.server, 'server', now);
      this.#judgeGroup(watched, watched.client, 'client', now);
    }
    for (const rule of watched.rules) this.#judgeRule(watched, rule, now);
    watched.counted.clear();
  }

  #judgeRule(watched: Watched, { run, of }: RuleTracker, now: number): void {
    const { last } = watched.state;
    try {
      const verdict = run.judge(now, last);
      if (verdict || of.incident) this.#stepper.step(watched, of, now, verdict, run.holds(now, last), run.findsSilence);
    } catch (error) {
      this.#options.failed(error, watched);
    }
  }

  #judgeGroup(watched: Watched, of: IncidentTracker, group: 'server' | 'client', now: number): void {
    try {
      this.#judgeDetectors(watched, of, group, now);
    } catch (error) {
      this.#options.failed(error, watched);
    }
  }

  #detect({ state }: Watched, group: 'server' | 'client', now: number): Verdict | undefined {
    let verdict: Verdict | undefined;
    for (const detector of detectors) {
      if (detector.group !== group) continue;
      const found = detector.judge(state, now);
      if (found?.level === 'page' || !verdict) verdict = found ?? verdict;
      if (verdict?.level === 'page') break;
    }
    return verdict;
  }

  #judgeDetectors(watched: Watched, of: IncidentTracker, group: 'server' | 'client', now: number): void {
    let verdict = this.#detect(watched, group, now);
    if (group === 'server') {
      verdict = this.#placed(watched, now, verdict);
      of = watched.server;
    } else if (verdict && !of.open && watched.notices.explains(verdict)) verdict = undefined;
    const { state } = watched,
      { incident } = of;
    if (verdict?.rule === 'error-share' && verdict.level === 'page') verdict = excused(state, of, now, verdict);
    if (!verdict && !incident) return;
    const another = group === 'server' && watched.placed.isAnother(of, now);
    if (another && verdict?.level === 'warn') verdict = undefined;
    const opener = another ? undefined : incident && byId.get(incident.rule);
    const holds =
      opener?.holds(state, now, { peakShare: incident!.peakShare, gone: incident!.state === 'recovering' }) ?? false;
    const judged = of.open || !verdict ? opener : byId.get(verdict.rule);
    this.#stepper.step(watched, of, now, verdict, holds, judged?.findsSilence ?? false);
    this.#settle(watched, of, now);
  }

  /** What has failed like this since the first request of a source is its usual. */
  #settle(watched: Watched, of: IncidentTracker, now: number): void {
    const { incident } = of;
    if (!incident?.sinceFirst || !of.open || incident.state === 'blind' || now - incident.openedAt < USUAL_AFTER)
      return;
    watched.state.settle();
    this.#stepper.resolve(
      of,
      watched,
      now,
      'it has failed like this since its first request: taken for its usual from now on',
    );
  }

  /** What of a finding has a place is an incident of its own, and so is another failure after one that is over. */
  #placed(watched: Watched, now: number, verdict: Verdict | undefined): Verdict | undefined {
    const { state, places, placed } = watched;
    const moved: Moved = {
      step: (tracker, seen) => this.#stepper.observe(watched, tracker, now, seen),
      adopted: () => {
        const { server } = watched;
        watched.server = new IncidentTracker(state.name, 'server');
        return server;
      },
    };
    const ends = now % SLOT === 0 && Math.floor(now / SLOT) === places.slot + 1;
    if (ends) {
      const before = placed.taken;
      placed.find(now, watched.server, moved);
      placed.judge(now, moved.step);
      if (places.all.size > 0) watched.notices.judge(now, state.paged, moved.step);
      if (placed.taken > before) verdict = this.#detect(watched, 'server', now);
      for (const ended of watched.ended) this.#stepper.step(watched, ended, now, undefined, false, false);
      watched.ended = watched.ended.filter(({ incident }) => incident !== undefined);
    }
    for (let i = 0; i < PLACES_AT_ONCE && verdict?.level === 'page' && BY_CAUSE.has(verdict.rule); i++) {
      if (!placed.explain(verdict, now, watched.server, moved)) break;
      verdict = this.#detect(watched, 'server', now);
    }
    mark(watched);
    if (verdict?.level !== 'page' || verdict.cause === undefined || !this.#another(watched, now, verdict))
      return verdict;
    const { cause, since } = verdict,
      own = this.#detect(watched, 'server', now);
    return own && { ...own, cause, since };
  }

  /** Another failure of the whole source after one that is over, or one that has come back. */
  #another(watched: Watched, now: number, { cause, since }: Verdict): boolean {
    const { server, state } = watched,
      { incident } = server;
    if (!incident || incident.severity !== 'page' || incident.causes.length === 0 || incident.causes.includes(cause!))
      return false;
    if (incident.state === 'pending' || (since ?? now) - incident.endedAt < NORMAL_SLOTS * SLOT) return false;
    const back = watched.ended.find((ended) => ended.incident?.causes.includes(cause!));
    watched.ended = watched.ended.filter((ended) => ended !== back).slice(1 - ENDED_MAX);
    watched.ended.push(server);
    watched.server = back ?? new IncidentTracker(state.name, 'server');
    if (since !== undefined) state.forgetBefore(Math.floor(since / SLOT));
    return true;
  }
}

/** What comes at this minute of every hour or day is no more than a warning, unless someone has been woken already. */
function excused(state: SourceState, of: IncidentTracker, now: number, verdict: Verdict): Verdict {
  state.habits.seen(now, verdict.share);
  if ((of.open && of.incident!.severity === 'page') || !state.habits.excuse(now, verdict.share)) return verdict;
  return { ...verdict, level: 'warn', says: `${verdict.says}, as at this time of other hours or days` };
}
