// The dashboard's one clock: server time, ticking once a second, and the zone that times are written in.
import { Persisted } from './persisted.svelte.ts';

const TICK_MS = 1000;

class Clock {
  /** Server time minus the visitor's, ms: without it every age is wrong by the error of the visitor's clock. */
  #offset = 0;
  #zone = new Persisted('zone', 'local');
  now = $state(Date.now());

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#tickIn(TICK_MS);
  }

  /** The server's heartbeat is the tick while it comes: what is shown changes once a second, not twice. */
  sync(serverNow: number): void {
    this.#offset = serverNow - Date.now();
    this.now = serverNow;
    this.#tickIn(1.5 * TICK_MS);
  }

  #tickIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.now = Date.now() + this.#offset;
      this.#tickIn(TICK_MS);
    }, ms);
  }

  get utc(): boolean {
    return this.#zone.current === 'utc';
  }

  set utc(value: boolean) {
    this.#zone.current = value ? 'utc' : 'local';
  }
}

export const clock = new Clock();
