// All that detection knows of one source: its last hour, what is usual for it, and when it speaks. Plain numbers; a count is a
// few additions whatever the traffic.
import { ANY_SERVER, FAMILY_COUNT, GAVE_UP, OK, REDIRECT, familyOf, isServer } from './families.ts';
import { Baseline } from './baseline.ts';
import { FailedMoments } from './failed-moments.ts';
import { NO_RUN, runAfter } from './failing-run.ts';
import { LastSeconds } from './last-seconds.ts';
import type { Learning, Snapshot } from './learning.ts';
import { RecentCodes } from './recent-codes.ts';
import { RecurringFailures } from './recurring-failures.ts';
import { TrafficPattern } from './traffic-pattern.ts';
import { RING, SLOT, WindowCounter, W1H, W20M, W2M, W5M, WINDOWS } from './window-counter.ts';

/** Data this much older than the newest is still judged with its time; older is late, and only counted. */
const LATENESS = 120;
/** Two blips in a week are a habit of its deploys. */
const BLIPS_MAX = 2,
  BLIPS_FOR = 7 * 86_400;
/** A silence this long that ended by itself is a habit though it paged, s; on the first day that of a night is. */
const WEEKEND = 40 * 3600,
  NIGHT = 2 * 3600,
  DAY = 86_400;
/** Past this many requests learnt, the last hour is no longer needed to know what is usual. */
const KNOWN = 20_000;

/** So many slots without it, one after another, and a failure was over. */
export const NORMAL_SLOTS = 3;
/** A slot is of a failure that has this part of its share. */
export const FAILS_AS_MUCH = 0.2;

/** A fall of traffic can be told where this many requests should come in two minutes. */
export const FALL_EXPECTED_MIN = 100;

export class SourceState {
  readonly name: string;
  /** Seconds that one count stands for: 1, or the width of a metric's bucket. */
  resolution = 1;
  readonly total = new WindowCounter();
  /** By family, and one for all of the server's failures together; made when first seen. */
  readonly tracks: (WindowCounter | undefined)[] = new Array(FAMILY_COUNT + 1).fill(undefined);
  readonly baselines: (Baseline | undefined)[] = new Array(FAMILY_COUNT + 1).fill(undefined);
  readonly rhythm = new TrafficPattern();
  readonly habits = new RecurringFailures();
  run = NO_RUN;
  /** When outages of a moment, which have woken someone, ended by themselves, s. */
  blips: number[] = [];
  /** Requests per code of the last minutes: names the codes of a family. */
  readonly codes = new RecentCodes();
  /** Codes of other families that were logged when clients broke off. */
  readonly abortsAs = new Set<number>();
  /** The current slot, and the slot at which the windows begin (first data, or the end of the last incident). */
  slot: number;
  since: number;
  readonly first: number;
  /** Second of the newest data, NaN before any. */
  last = NaN;
  /** Requests learnt, decayed: the past of families not seen before. */
  #learnt = new Baseline();
  /** Ever answered with something that is not an error. */
  answers = false;
  /** Something has been counted since the last evaluation. */
  dirty = false;
  /** How much later than its time this source's data arrives, s. */
  lag = 0;
  /** Learning stands still: for all families, or for those of clients. */
  frozen = false;
  /** What the last hour showed before the open incident: a young source's usual must not drift to what is failing. */
  #before: Snapshot | undefined;
  #kept: Snapshot | undefined;
  clientFrozen = false;
  /** A page is open: a silence now is no habit. */
  paged = false;
  /** When, within a slot, the server failed someone. */
  readonly #moments = new FailedMoments();
  /** The newest, one by one. */
  readonly seconds = new LastSeconds();

  constructor(name: string, second: number) {
    this.name = name;
    this.slot = this.since = Math.floor(second / SLOT);
    this.first = second;
  }

  get at(): number {
    return this.slot % RING;
  }

  /** Count at a second of the current slot or up to LATENESS before; false when it is too late for that. */
  count(second: number, code: number, count: number): boolean {
    const age = this.slot - Math.floor(second / SLOT);
    if (age < 0 || age * SLOT > LATENESS) return false;
    const family = familyOf(code);
    const at = this.at;
    this.total.add(at, age, count);
    this.track(family).add(at, age, count);
    // those who gave up are judged apart: impatience is no proof
    if (isServer[family] && family !== GAVE_UP) this.track(ANY_SERVER).add(at, age, count);
    else if (family === OK || family === REDIRECT) this.answers = true;
    this.codes.count(code, count);
    if (isServer[family]) this.#moments.failed(second);
    this.seconds.count(second, isServer[family] ? count : 0, count);
    if (!(second <= this.last)) {
      const gap = second - this.last;
      if (gap > SLOT && (!this.paged || gap > (this.last - this.first < DAY ? NIGHT : WEEKEND)))
        this.rhythm.gap(this.last, second);
      this.last = second;
    }
    this.dirty = true;
    return true;
  }

  /** Requests of a slot turned out to be another's: `into` is the family to judge them in instead, if they are to be judged at all. */
  withdraw(slot: number, second: number, family: number, count: number, into?: number): void {
    const age = this.slot - slot;
    if (age < 0 || age >= RING || slot < this.since) return;
    const { at } = this;
    this.track(family).add(at, age, -count);
    if (isServer[family] && family !== GAVE_UP) this.track(ANY_SERVER).add(at, age, -count);
    if (into === undefined) this.total.add(at, age, -count);
    else this.track(into).add(at, age, count);
    if (into === undefined && isServer[family]) this.seconds.withdraw(second, count);
  }

  /** What came before this slot is no evidence any more: it was another failure's. */
  forgetBefore(slot: number): void {
    const age = Math.max(0, this.slot - slot) + 1;
    for (const counter of [this.total, ...this.tracks]) counter?.forget(this.at, age);
    this.since = Math.max(this.since, slot);
  }

  /**
   * When the failures of these families began that fail this share of requests now, s: the first after three slots in which they did
   * not. Undefined when nothing of them is left to see.
   */
  onset(families: readonly number[], share: number, until = this.slot): number | undefined {
    let from: number | undefined,
      normal = 0;
    for (let slot = until; slot > Math.max(this.since - 1, this.slot - RING) && normal < NORMAL_SLOTS; slot--) {
      const i = (slot + RING * 2) % RING;
      const n = this.total.ring[i];
      if (n === 0) continue;
      const k = families.reduce((sum, f) => sum + (this.tracks[f]?.ring[i] ?? 0), 0);
      if (k < 1 || k < FAILS_AS_MUCH * share * n) normal++;
      else {
        normal = 0;
        from = this.#moments.first(slot);
      }
    }
    return from;
  }

  /** The last second at which these families failed so much; undefined if not in the last hour. */
  lastFailed(families: readonly number[], share: number): number | undefined {
    for (let slot = this.slot; slot > Math.max(this.since - 1, this.slot - RING); slot--) {
      const i = (slot + RING * 2) % RING;
      const k = families.reduce((sum, f) => sum + (this.tracks[f]?.ring[i] ?? 0), 0);
      if (k >= 1 && k >= FAILS_AS_MUCH * share * this.total.ring[i]) return this.#moments.last(slot);
    }
    return undefined;
  }

  /** A page has ended that was about a moment. */
  blipped(now: number): void {
    this.blips = [...this.blips.filter((at) => now - at < BLIPS_FOR), now].slice(-BLIPS_MAX);
  }

  /** How long ten bad seconds must have lasted to page: a slot more once two such have passed by themselves. */
  get spanNeeded(): number {
    return this.blips.length >= BLIPS_MAX ? 2 * SLOT : SLOT;
  }

  track(family: number): WindowCounter {
    return (this.tracks[family] ??= new WindowCounter());
  }

  /** What is usual for a family; of one not seen before, that none of all requests showed it. */
  baseline(family: number): Baseline {
    let baseline = this.baselines[family];
    if (!baseline) {
      baseline = this.baselines[family] = new Baseline();
      baseline.total = this.#learnt.total;
    }
    return baseline;
  }

  /** Requests learnt from so far. */
  get learnt(): number {
    return this.#learnt.total;
  }

  /** The weight that the last hour (but its last five minutes) has in what is usual: all of it for a new source, fading out. */
  get youth(): number {
    return Math.max(0, 1 - this.#learnt.total / KNOWN);
  }

  /** Usual share of a family, with the last hour for a source whose past is short. */
  usualShare(family: number): number {
    const { youth } = this;
    const track = this.tracks[family];
    if (youth === 0 || !track) return this.baseline(family).share();
    const recent = this.#before ? this.#before.bad[family] : Math.max(0, track.sums[W1H] - track.sums[W5M]);
    return this.baseline(family).share(youth * recent, this.recentTotal());
  }

  /** What is remembered of the time before the last `window`, what was long ago counted less: all requests, and failures of a family. */
  past(family: number, window: number): { total: number; bad: number } {
    // and a slot more: what is found in a window may have begun in the one before it
    const hour = this.#before ?? this.#hourBut(WINDOWS[window] + 1);
    return {
      total: this.learnt + this.youth * hour.total,
      bad: this.baseline(family).bad + this.youth * hour.bad[family],
    };
  }

  /** Requests of the last hour that count towards what is usual. */
  recentTotal(): number {
    return this.youth * (this.#before ? this.#before.total : Math.max(0, this.total.sums[W1H] - this.total.sums[W5M]));
  }

  /** An incident has opened on what came from `second` on: what was usual is what came before, by whole slots. */
  freeze(second: number): void {
    this.frozen = true;
    this.#before = this.#hourBut(Math.max(0, this.slot - Math.floor(second / SLOT)) + 1);
  }

  /** The same, of an incident that goes on after a restart: of its hour before, little may be left to read. */
  freezeAgain(second: number): void {
    this.freeze(second);
    this.#before = this.#kept ?? this.#before;
  }

  /** Requests a slot in the hour before the open incident. */
  levelBefore(): number {
    return this.#before ? this.#before.total / this.#before.slots : 0;
  }

  /** Has nothing else been seen since the first request than what failed by this much lately? */
  alwaysFailed({ share, total }: { share: number; total: number }): boolean {
    const before = this.#before;
    return (
      this.#learnt.total === 0 &&
      before !== undefined &&
      (before.total <= total || before.bad[ANY_SERVER] + before.bad[GAVE_UP] >= 0.4 * share * before.total)
    );
  }

  /** What has always failed is what is usual here; to be learnt as the incident ends. */
  settle(): void {
    this.#before = this.#hourBut(0);
  }

  #hourBut(slots: number): Snapshot {
    return {
      slots: Math.max(1, Math.min(RING, this.slot - this.since) - slots),
      total: this.total.between(this.at, slots, RING),
      bad: Array.from(this.tracks, (track) => track?.between(this.at, slots, RING) ?? 0),
    };
  }

  /** Requests per second on average, at least as far as is known. */
  usualRate(): number {
    const known = this.rhythm.usual();
    return (known > 0 ? known : this.total.sums[W1H] / Math.max(1, Math.min(RING, this.slot - this.since + 1))) / SLOT;
  }

  /**
   * Requests of the last two minutes, as part of what the eighteen before lead to expect; NaN when that is too few to tell. The
   * end of a crawler's visit is no fall: those who were answered must be gone too.
   */
  fall(): number {
    if (this.slot - this.since < WINDOWS[W20M]) return NaN;
    let now = 0,
      before = 0;
    for (const f of [OK, REDIRECT]) {
      const sums = this.tracks[f]?.sums;
      if (!sums) continue;
      now += sums[W2M];
      before += sums[W20M] - sums[W2M];
    }
    const expected = (before * WINDOWS[W2M]) / (WINDOWS[W20M] - WINDOWS[W2M]);
    if (expected < FALL_EXPECTED_MIN) return NaN;
    const { sums } = this.total;
    return (
      Math.max(now / before, sums[W2M] / (sums[W20M] - sums[W2M])) * ((WINDOWS[W20M] - WINDOWS[W2M]) / WINDOWS[W2M])
    );
  }

  /** End the current slot and begin the next. */
  turn(): void {
    this.run = runAfter(this.run, this);
    if (this.paged) this.rhythm.forgetFall();
    else this.rhythm.fallen(this.fall());
    this.rhythm.slot(this.total.ring[this.at], !this.frozen, this.slot * SLOT);
    this.slot++;
    if ((this.slot * SLOT) % 3600 === 0) this.rhythm.hour(this.slot * SLOT);
    const at = this.at;
    const all = this.total.turn(at);
    // a run of failures that outlasts the hour is being judged: it is not usual yet
    const outlasts = this.run.failures > 1 && this.slot * SLOT - this.run.since >= RING * SLOT;
    const learns = !this.frozen && !outlasts && this.slot - this.since >= RING;
    for (let f = 0; f < this.tracks.length; f++) {
      const track = this.tracks[f];
      if (!track) continue;
      const k = track.turn(at);
      if (learns && !(this.clientFrozen && f < FAMILY_COUNT && !isServer[f])) this.baseline(f).learn(k, all);
    }
    // Last: the baseline of a family first seen in this slot begins with what was learnt before it.
    if (learns) this.#learnt.learn(0, all);
    this.codes.fade();
  }

  /** The codes of a family seen lately, most first. */
  codesOf(family: number): number[] {
    return this.codes.of((code) => familyOf(code) === family || (family === GAVE_UP && this.abortsAs.has(code)));
  }

  /** What is kept across restarts: everything but the last hour, which is read from the counts. */
  get learning(): Learning {
    return {
      first: this.first,
      last: this.last,
      answers: this.answers,
      all: this.#learnt.toArray(),
      rhythm: this.rhythm.toArray(),
      habits: this.habits.toArray(),
      seconds: this.seconds.toArray(this.last),
      blips: this.blips,
      since: this.since * SLOT,
      before: this.#before,
      families: this.baselines.flatMap((baseline, f) =>
        baseline ? [[f, baseline.toArray()] as [number, number[]]] : [],
      ),
    };
  }

  /** The last hour begins anew at `second`, to be refilled from stored counts. */
  restart(second: number): void {
    this.slot = this.since = Math.floor(second / SLOT);
  }

  /** A stored count, after `restart`, oldest first. Nothing is judged or learnt from it again. */
  refill(second: number, code: number, count: number): void {
    while (this.slot < Math.floor(second / SLOT)) this.turn();
    if (count > 0) this.count(second, code, count);
    this.dirty = false;
  }

  restore({ last, answers, all, rhythm, families, habits, seconds, blips, before }: Learning): void {
    this.last = last ?? NaN;
    this.#kept = before;
    if (seconds) this.seconds.restore(seconds, this.last);
    this.answers = answers;
    this.blips = blips ?? [];
    this.#learnt.restore(all);
    this.rhythm.restore(rhythm);
    this.habits.restore(habits ?? []);
    for (const [f, kept] of families) this.baseline(f).restore(kept);
  }

  /**
   * Forget the last hour: an incident has ended, and its failures are no evidence of the next. What a new source had shown before it
   * is kept.
   */
  cut(): void {
    const before = this.#before;
    if (before && this.#learnt.total === 0) {
      for (let f = 0; f < this.tracks.length; f++)
        if (this.tracks[f]) this.baseline(f).adopt(before.bad[f], before.total);
      this.#learnt.adopt(0, before.total);
    }
    this.#before = undefined;
    this.total.clear();
    for (const track of this.tracks) track?.clear();
    this.since = this.slot;
  }
}
