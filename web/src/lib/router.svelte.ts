// A small router over the History API. The URL is the state: it says what is shown, and can be sent to someone.
class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  param(name: string): string | null {
    return this.query.get(name);
  }

  go(href: string, { replace = false, state = null as unknown } = {}): void {
    const from = this.path;
    if (href === location.pathname + location.search) return;
    history[replace ? 'replaceState' : 'pushState'](state, '', href);
    this.#read();
    if (this.path !== from) scrollTo(0, 0);
  }

  /** Changes parameters and keeps the rest; null takes one away. */
  set(changes: Record<string, string | null>, options: { replace?: boolean; state?: unknown } = {}): void {
    this.go(this.with(changes), options);
  }

  with(changes: Record<string, string | null>, path = this.path): string {
    const next = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') next.delete(name);
      else next.set(name, value);
    }
    const text = next.toString();
    return text ? `${path}?${text}` : path;
  }

  /** A link to another page that keeps the time range. */
  link(path: string, extra: Record<string, string> = {}): string {
    const next = new URLSearchParams();
    for (const name of ['from', 'to']) {
      const value = this.query.get(name);
      if (value) next.set(name, value);
    }
    for (const [name, value] of Object.entries(extra)) next.set(name, value);
    const text = next.toString();
    return text ? `${path}?${text}` : path;
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  #follow(event: MouseEvent): void {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const anchor = (event.target as Element | null)?.closest?.('a');
    if (!anchor || anchor.target || anchor.hasAttribute('download') || anchor.origin !== location.origin) return;
    if (/^\/(api|metrics|healthz|readyz)\b/.test(anchor.pathname)) return;
    if (anchor.hash && anchor.pathname === location.pathname) return;
    event.preventDefault();
    this.go(anchor.pathname + anchor.search);
  }
}

export const router = new Router();
