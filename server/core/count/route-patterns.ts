// Routes that people write down because no rule could guess them: "/shop/{product}/reviews". `{name}` stands for one segment,
// a final `*` for all the rest.

export const ROUTES_MAX = 200;
export const ROUTE_LENGTH_MAX = 160;
export const ROUTE_PATTERN = /^(\/([^/{}*?#\s]+|\{[\w-]{1,40}\}))*(\/\*?)?$/;

export class RoutePatterns {
  readonly #patterns: readonly { text: string; segments: readonly string[]; open: boolean }[];

  /** Throws a RangeError that names the pattern that cannot be used. */
  constructor(patterns: readonly string[]) {
    if (patterns.length > ROUTES_MAX) throw new RangeError(`more than ${ROUTES_MAX} routes`);
    this.#patterns = patterns.map((text) => {
      if (text === '' || text.length > ROUTE_LENGTH_MAX || !ROUTE_PATTERN.test(text))
        throw new RangeError(`"${text}" is no route: write it as /shop/{product}/reviews or /files/*`);
      const open = text.endsWith('/*');
      return { text, segments: (open ? text.slice(0, -2) : text).split('/'), open };
    });
  }

  get size(): number {
    return this.#patterns.length;
  }

  /** The first pattern that the path (without its query) is of. */
  match(path: string): string | undefined {
    const segments = path.split('/');
    return this.#patterns.find(
      ({ segments: pattern, open }) =>
        (open ? segments.length > pattern.length : segments.length === pattern.length) &&
        pattern.every((p, i) => (p.startsWith('{') ? segments[i] !== '' : p === segments[i])),
    )?.text;
  }
}
