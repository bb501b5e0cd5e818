// A choice that outlives the tab. Storage may be refused (private windows): the choice then lasts until the tab is closed.
export class Persisted {
  #key: string;
  #value = $state('');

  constructor(key: string, fallback: string) {
    this.#key = `fivealarm.${key}`;
    try {
      this.#value = localStorage.getItem(this.#key) ?? fallback;
    } catch {
      this.#value = fallback;
    }
  }

  get current(): string {
    return this.#value;
  }

  set current(value: string) {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, value);
    } catch {
      // Nothing to do: the value above still holds for this page.
    }
  }
}
