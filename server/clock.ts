// The server's clock, held against its past: three answers to what time it is. Requests are counted by what the clock says. What goes
// on live (judging, the page, when something was heard) keeps to a steady time, which follows a jump once it has held for a minute.
// What takes away (retention, the ledger) goes by a settled time, which follows after a day: nothing is deleted for a moment's error.
import { JUMP_MS, SettledTime, type KeptTime } from './core/settled-time.ts';
import { long, utc } from './core/words.ts';

const LIVE_HOLD_MS = 60_000;
const SETTLED_HOLD_MS = 24 * 3_600_000;
/** Jumps shorter than this are not worth a word; nor is what may have been a stop, when the server starts. */
const SAID_MS = 10 * 60_000,
  STOPPED_MS = 30 * 86_400_000;
/** Under which the store keeps the settled time. */
export const CLOCK = 'clock';

export interface ClockOptions {
  /** ms since the epoch, as the system says. */
  now(): number;
  /** ms of a clock that cannot be set. Without one, what is live follows every jump at once. */
  elapsed?(): number;
  /** What an earlier process knew. */
  kept?: KeptTime;
  /** A sentence for the log and the page. */
  say?(text: string): void;
}

/** The steady time has moved otherwise than time passes. */
export interface Step {
  from: number;
  to: number;
}

export class Clock {
  readonly #options: ClockOptions;
  readonly #trusted: SettledTime;
  readonly #live = new SettledTime(LIVE_HOLD_MS);
  /** Of the last tick. */
  #steady = NaN;
  #elapsed = NaN;
  /** Jumps that nobody was told of yet. */
  #jumps: Step[] = [];

  constructor(options: ClockOptions) {
    this.#options = options;
    this.#trusted = new SettledTime(SETTLED_HOLD_MS, options.kept);
    this.#follow(this.#look(STOPPED_MS));
  }

  #follow(wall: number): void {
    const { elapsed } = this.#options;
    if (elapsed !== undefined) this.#live.look(wall, (this.#elapsed = elapsed()));
    this.#steady = elapsed === undefined ? wall : this.#live.now;
  }

  #look(ahead = SAID_MS): number {
    const wall = this.#options.now(),
      jump = this.#trusted.look(wall, this.#options.elapsed?.());
    if (jump >= ahead || jump <= -SAID_MS) this.#jumps.push({ from: wall - jump, to: wall });
    return wall;
  }

  /** What is live goes by. */
  readonly steady = (): number => {
    const { elapsed, now } = this.#options;
    return elapsed === undefined ? now() : Math.floor(this.#steady + elapsed() - this.#elapsed);
  };

  /** Never ahead of the true time, as far as a day of the clock can tell. */
  readonly settled = (): number => Math.min(this.#look(), Math.floor(this.#trusted.now));

  /** Once a second, before anything else is done by it. */
  tick(): Step | undefined {
    const wall = this.#look(),
      { elapsed, say } = this.#options;
    for (const jump of this.#jumps.splice(0)) say?.(sentenceOf(jump));
    const before = elapsed === undefined ? this.#steady : this.steady();
    this.#follow(wall);
    const moved = this.#steady - before;
    return moved < -JUMP_MS || (elapsed !== undefined && moved > JUMP_MS)
      ? { from: before, to: this.#steady }
      : undefined;
  }

  /** To be kept now and then. */
  get kept(): KeptTime {
    return this.#trusted.kept;
  }
}

function sentenceOf({ from, to }: Step): string {
  const what = `The clock of this server jumped ${to > from ? 'ahead' : 'back'} by ${long(Math.abs(to - from))}, from ${utc(from)} to ${utc(to)} UTC`;
  return to > from
    ? `${what}, or this machine was off or asleep. Nothing old is deleted by the new time until it has held for ${long(SETTLED_HOLD_MS)} of running. If it is wrong, correct the clock.`
    : `${what}. Requests that were counted while it was ahead keep those times.`;
}
