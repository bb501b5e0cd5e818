// A GET whose address follows state: fetched when it changes and again at an interval, the last response kept while the next is on its way.
// The address is computed for each fetch: what it reads untracked, above all the time, is current then.
import { untrack } from 'svelte';
import { ApiFailure, get } from './api.ts';

export class Query<T> {
  data: T | null = $state.raw(null);
  error: ApiFailure | null = $state.raw(null);
  loading = $state(false);
  #address: () => string | null;
  #stop: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #everyMs: () => number | null;

  /** Call while a component is being set up: it lives as long as the component. */
  constructor(path: () => string | null, everyMs: () => number | null = () => null) {
    // Derived first: the state may change each second without changing the address.
    const followed = $derived(path());
    this.#address = path;
    this.#everyMs = everyMs;
    $effect(() => {
      void followed;
      this.refresh();
      return () => this.#halt();
    });
  }

  refresh(): void {
    void this.#load(untrack(this.#address));
  }

  #halt(): void {
    clearTimeout(this.#timer);
    this.#stop?.abort();
  }

  async #load(address: string | null): Promise<void> {
    this.#halt();
    if (address === null) return;
    const stop = (this.#stop = new AbortController());
    this.loading = true;
    try {
      this.data = await get<T>(address, stop.signal);
      this.error = null;
    } catch (error) {
      if (stop.signal.aborted) return;
      this.error = error instanceof ApiFailure ? error : new ApiFailure(0, String(error));
    }
    this.loading = false;
    const wait = untrack(this.#everyMs) ?? (this.error ? 5000 : null);
    if (wait !== null && !stop.signal.aborted)
      this.#timer = setTimeout(() => this.refresh(), document.hidden ? wait * 4 : wait);
  }
}
