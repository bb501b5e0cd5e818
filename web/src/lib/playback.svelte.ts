// Live or held. A pointer over the chart holds the drawing only; space holds until it is let go. Counting never stops.
import { live } from './live.svelte.ts';

class Playback {
  hovering = $state(false);
  paused = $state(false);
  #heldAt = $state(0);
  held = $derived(this.hovering || this.paused);
  /** Hits that came in since the drawing was held. */
  newCount = $derived(this.held ? live.arrived - this.#heldAt : 0);

  hover(on: boolean): void {
    if (on && !this.held) this.#heldAt = live.arrived;
    this.hovering = on;
  }

  toggle(): void {
    if (!this.held) this.#heldAt = live.arrived;
    this.paused = !this.paused;
  }

  /** Lets go of both, even while the pointer rests on the chart. */
  catchUp(): void {
    this.paused = this.hovering = false;
  }
}

export const playback = new Playback();
