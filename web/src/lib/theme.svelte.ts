// Dark, light, or what the system says. `version` grows with each change, so that charts read their colours again.
import { untrack } from 'svelte';
import { Persisted } from './persisted.svelte.ts';

export const THEMES = ['system', 'dark', 'light'] as const;

class Theme {
  #choice = new Persisted('theme', 'system');
  #system = matchMedia('(prefers-color-scheme: light)');
  #systemLight = $state(false);
  /** Paper is white, whatever the screen is; charts are drawn for it as well. */
  #printing = $state(false);
  version = $state(0);

  constructor() {
    this.#systemLight = this.#system.matches;
    this.#system.addEventListener('change', () => {
      this.#systemLight = this.#system.matches;
      this.#apply();
    });
    for (const [event, printing] of [
      ['beforeprint', true],
      ['afterprint', false],
    ] as const) {
      addEventListener(event, () => {
        this.#printing = printing;
        this.#apply();
      });
    }
    this.#apply();
  }

  get choice(): string {
    return this.#choice.current;
  }

  set choice(value: string) {
    this.#choice.current = value;
    this.#apply();
  }

  get resolved(): 'dark' | 'light' {
    if (this.#printing) return 'light';
    if (this.choice === 'dark' || this.choice === 'light') return this.choice;
    return this.#systemLight ? 'light' : 'dark';
  }

  next(): void {
    this.choice = this.resolved === 'dark' ? 'light' : 'dark';
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.resolved;
    this.version++;
  }
}

export const theme = new Theme();

const tokens = { of: -1, values: new Map<string, string>() };

/** A colour token's value now, e.g. `token('--c5')`; a drawing asks for dozens each second. */
export function token(name: string): string {
  const version = untrack(() => theme.version);
  if (tokens.of !== version) {
    tokens.of = version;
    tokens.values.clear();
  }
  let value = tokens.values.get(name);
  if (value === undefined)
    tokens.values.set(name, (value = getComputedStyle(document.documentElement).getPropertyValue(name).trim()));
  return value;
}
