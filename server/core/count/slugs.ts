// Learns which segments of a source's routes are names of things, not of routes: where a folder turns out to have very many
// children, they are one route, /blog/{slug}. Only paths that were served teach, so a scan of what is not there teaches nothing;
// and what lies at the root (/login, /checkout) keeps its name whatever is around it. Over bytes: an unknown route makes no string.
import { ASCII } from '../ascii.ts';
import { FolderChildren } from './folder-children.ts';

const { PERCENT, STAR, PLUS, DASH, SLASH, UNDERSCORE, BRACE } = ASCII;

/** Distinct children after which a folder holds slugs: sooner when they are spelt like slugs ("how-to-x", "item_7"). */
const CHILDREN_SPELT = 60,
  CHILDREN_ANY = 250;
const SPELT_SHARE = 0.6;
/** Of a source: patterns past this would say more of the server than of its routes. */
const FOLDERS_MAX = 100;
const SLUG = Uint8Array.from('{slug}', (c) => c.charCodeAt(0));

/** Folders of a source whose children are slugs, as text and by fingerprint. */
interface Learned {
  folders: string[];
  marks: Set<number>;
}

const decoder = new TextDecoder(),
  encoder = new TextEncoder();

export class Slugs {
  readonly #seed: number;
  readonly #learned = new Map<number, Learned>();
  readonly #children = new FolderChildren();
  /** Of the folder that `#enter` is in. */
  #h1 = 0;
  #h2 = 0;
  #from = new Uint8Array(0);

  constructor(learned: ReadonlyMap<number, readonly string[]> = new Map(), seed = 0) {
    this.#seed = seed;
    for (const [source, folders] of learned)
      for (const folder of folders.slice(0, FOLDERS_MAX)) this.#remember(source, encoder.encode(folder));
  }

  /** Folders of a source that were learned, to be kept over restarts. */
  of(source: number): string[] {
    return [...(this.#learned.get(source)?.folders ?? [])];
  }

  forget(source: number): void {
    this.#learned.delete(source);
    this.#children.clear();
  }

  /** Puts learned slugs in place of the names in route[0, length); returns its length. What finds no room in `route` is cut off. */
  apply(source: number, route: Uint8Array, length: number): number {
    const marks = this.#learned.get(source)?.marks;
    if (marks === undefined) return length;
    if (this.#from.length < length) this.#from = new Uint8Array(route.length);
    const from = this.#from;
    from.set(route.subarray(0, length));
    let out = 0;
    this.#begin(source);
    for (let start = 0; start < length;) {
      const end = endOf(from, start, length),
        into = out;
      const slug = start > 0 && isName(from, start + 1, end) && marks.has(this.#mark);
      const segment = slug ? SLUG : from,
        first = slug ? 0 : start + 1,
        last = slug ? SLUG.length : end;
      if (out < route.length) route[out++] = SLASH;
      for (let i = first; i < last && out < route.length; i++) route[out++] = segment[i];
      this.#enter(route, into, out);
      start = end;
    }
    return out;
  }

  /** Takes note of a route that was served. True when this one taught something: routes given before are out of date. */
  learn(source: number, route: Uint8Array, length: number): boolean {
    if ((this.#learned.get(source)?.folders.length ?? 0) >= FOLDERS_MAX) return false;
    this.#begin(source);
    for (let start = 0; start < length;) {
      const end = endOf(route, start, length);
      const f1 = this.#h1,
        f2 = this.#h2;
      this.#enter(route, start, end);
      if (
        start > 0 &&
        isName(route, start + 1, end) &&
        this.#children.add(f1, f2, this.#h1, this.#h2, isSpelt(route, start + 1, end)) &&
        this.#isRipe
      ) {
        this.#remember(source, route.slice(0, start));
        return true;
      }
      start = end;
    }
    return false;
  }

  get #isRipe(): boolean {
    const { count, spelt } = this.#children;
    return count >= CHILDREN_ANY || (count >= CHILDREN_SPELT && spelt >= count * SPELT_SHARE);
  }

  #remember(source: number, folder: Uint8Array): void {
    let learned = this.#learned.get(source);
    if (learned === undefined) this.#learned.set(source, (learned = { folders: [], marks: new Set() }));
    this.#begin(source);
    this.#enter(folder, 0, folder.length);
    if (learned.marks.has(this.#mark)) return;
    learned.marks.add(this.#mark);
    learned.folders.push(decoder.decode(folder));
  }

  #begin(source: number): void {
    this.#h1 = this.#seed ^ Math.imul(source, 0x27d4eb2f);
    this.#h2 = ~this.#h1;
  }

  /** Goes on with these bytes: in a folder, its child. */
  #enter(bytes: Uint8Array, start: number, end: number): void {
    let a = this.#h1,
      b = this.#h2;
    for (let i = start; i < end; i++) {
      a = Math.imul(a ^ bytes[i], 0x01000193);
      a ^= a >>> 15;
      b = Math.imul((b << 5) | (b >>> 27), 0xc2b2ae35) ^ bytes[i];
    }
    this.#h1 = a;
    this.#h2 = b;
  }

  /** Both words as one number. */
  get #mark(): number {
    return (this.#h1 >>> 0) * 2 ** 21 + (this.#h2 >>> 11);
  }
}

/** Where the segment ends whose slash is at `start`. */
function endOf(route: Uint8Array, start: number, length: number): number {
  let i = start + 1;
  while (i < length && route[i] !== SLASH) i++;
  return i;
}

/** Neither a placeholder nor an asset's "*.js". */
function isName(route: Uint8Array, start: number, end: number): boolean {
  if (start === end || route[start] === STAR) return false;
  for (let i = start; i < end; i++) if (route[i] === BRACE) return false;
  return true;
}

/** "how-to-x", "item_7" */
function isSpelt(route: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = route[i];
    if (c === DASH || c === UNDERSCORE || c === PERCENT || c === PLUS || (c >= 0x30 && c <= 0x39)) return true;
  }
  return false;
}
