// Learns which segments of a source's routes are names of things, not of routes: where a folder turns out to have very many
// children, they are one route, /blog/{slug}. Only paths that were served teach, so a scan of what is not there teaches nothing;
// and what lies at the root (/login, /checkout) keeps its name whatever is around it.

/** Distinct children after which a folder holds slugs: sooner when they are spelt like slugs ("how-to-x", "item_7"). */
const CHILDREN_SPELT = 60,
  CHILDREN_ANY = 250;
const SPELT_SHARE = 0.6;
/** Bounds of what is remembered, all sources together. */
const CHILDREN_MAX = 50_000;
/** Of a source: patterns past this would say more of the server than of its routes. */
const FOLDERS_MAX = 100;
const SLUG = '{slug}';

export class Slugs {
  /** Per source: folders whose children are slugs. */
  readonly #learned = new Map<number, Set<string>>();
  /** Per source and folder: the children seen. */
  readonly #children = new Map<string, Set<string>>();
  #remembered = 0;

  constructor(learned: ReadonlyMap<number, readonly string[]> = new Map()) {
    for (const [source, folders] of learned) this.#learned.set(source, new Set(folders.slice(0, FOLDERS_MAX)));
  }

  /** Folders of a source that were learned, to be kept over restarts. */
  of(source: number): string[] {
    return [...(this.#learned.get(source) ?? [])];
  }

  forget(source: number): void {
    this.#learned.delete(source);
    for (const key of this.#children.keys()) {
      if (!key.startsWith(`${source} `)) continue;
      this.#remembered -= this.#children.get(key)!.size;
      this.#children.delete(key);
    }
  }

  /** The route with learned slugs in place of its names. */
  apply(source: number, route: string): string {
    const folders = this.#learned.get(source);
    if (folders === undefined) return route;
    let result = '';
    for (const segment of route.split('/').slice(1))
      result += `/${folders.has(result) && isName(segment) ? SLUG : segment}`;
    return result;
  }

  /** Takes note of a route that was served. True when this one taught something: routes given before are out of date. */
  learn(source: number, route: string): boolean {
    let folder = '';
    for (const segment of route.split('/').slice(1)) {
      if (folder !== '' && isName(segment) && this.#add(source, folder, segment)) return true;
      folder += `/${segment}`;
    }
    return false;
  }

  #add(source: number, folder: string, name: string): boolean {
    const key = `${source} ${folder}`;
    let names = this.#children.get(key);
    if (names === undefined) {
      if (this.#remembered >= CHILDREN_MAX) this.#forget();
      this.#children.set(key, (names = new Set()));
    }
    if (names.has(name)) return false;
    names.add(name);
    this.#remembered++;
    if (names.size < CHILDREN_SPELT) return false;
    const spelt = [...names].filter((n) => /[-_\d%+]/.test(n)).length >= names.size * SPELT_SHARE;
    if (!spelt && names.size < CHILDREN_ANY) return false;
    this.#children.delete(key);
    this.#remembered -= names.size;
    let folders = this.#learned.get(source);
    if (folders === undefined) this.#learned.set(source, (folders = new Set()));
    if (folders.size >= FOLDERS_MAX) return false;
    folders.add(folder);
    return true;
  }

  /** Learning begins anew; what was learned stays. */
  #forget(): void {
    this.#children.clear();
    this.#remembered = 0;
  }
}

/** Neither a placeholder nor an asset's "*.js". */
const isName = (segment: string): boolean => segment !== '' && !segment.includes('{') && !segment.startsWith('*');
