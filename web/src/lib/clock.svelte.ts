// The page's one clock: server time, ticking once a second, and the zone that times are written in.
import { Persisted } from './persisted.svelte.ts';

class Clock {
  /** Server time minus ours, ms; ages are wrong by the visitor's clock otherwise. */
  #offset = 0;
  #zone = new Persisted('zone', 'local');
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now() + this.#offset), 1000);
  }

  sync(serverNow: number): void {
    this.#offset = serverNow - Date.now();
    this.now = serverNow;
  }

  get utc(): boolean {
    return this.#zone.current === 'utc';
  }

  set utc(value: boolean) {
    this.#zone.current = value ? 'utc' : 'local';
  }
}

export const clock = new Clock();
