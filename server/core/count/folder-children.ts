// How many different children each folder has, for slugs.ts: by fingerprint, in memory of a fixed size that is taken when first
// needed, so that a flood of paths leaves neither objects nor strings behind.

/** Of children, and of their folders, which are never more. At most half of them are taken. */
const SLOTS = 1 << 17;
/** Then all of it is forgotten, and counting begins anew. */
const CHILDREN_MAX = 50_000;
const H1 = 0,
  H2 = 1,
  COUNT = 2,
  SPELT = 3,
  FOLDER_WORDS = 4,
  CHILD_WORDS = 2;

export class FolderChildren {
  /** Children of the folder that `add` was last asked about, and those of them that are spelt like slugs. */
  count = 0;
  spelt = 0;
  #children: Int32Array | undefined;
  #folders: Int32Array | undefined;
  #size = 0;

  /** Two words each say which folder, and which child of which folder. True when it is new. */
  add(f1: number, f2: number, c1: number, c2: number, spelt: boolean): boolean {
    if (this.#size >= CHILDREN_MAX) this.clear();
    const children = (this.#children ??= new Int32Array(SLOTS * CHILD_WORDS)),
      folders = (this.#folders ??= new Int32Array(SLOTS * FOLDER_WORDS));
    const c = find(children, CHILD_WORDS, (c1 ||= 1), c2);
    if (children[c + H1] !== 0) return false;
    children[c + H1] = c1;
    children[c + H2] = c2;
    this.#size++;
    const f = find(folders, FOLDER_WORDS, (f1 ||= 1), f2);
    folders[f + H1] = f1;
    folders[f + H2] = f2;
    this.count = ++folders[f + COUNT];
    this.spelt = folders[f + SPELT] += spelt ? 1 : 0;
    return true;
  }

  clear(): void {
    this.#children?.fill(0);
    this.#folders?.fill(0);
    this.#size = 0;
  }
}

/** Where this fingerprint is, or the free place for it. Its first word is never 0. */
function find(table: Int32Array, words: number, h1: number, h2: number): number {
  let slot = (h1 ^ Math.imul(h2, 0x9e3779b1)) & (SLOTS - 1);
  for (;;) {
    const at = slot * words;
    if (table[at + H1] === 0 || (table[at + H1] === h1 && table[at + H2] === h2)) return at;
    slot = (slot + 1) & (SLOTS - 1);
  }
}
