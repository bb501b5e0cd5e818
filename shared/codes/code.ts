// What the reference says about one status code, and a comparison of neighbours.

export interface CodeEntry {
  code: number;
  name: string;
  /** False: no RFC has it; a proxy, CDN or framework made it up. */
  official: boolean;
  meaning: string;
  /** Who sends or logs it. */
  madeBy: string;
  /** Whether sending the same request again makes sense, and when. */
  retry: string;
  /** Header fields that must or should come with it. */
  headers?: readonly { name: string; why: string }[];
  /** What caches may do with it. */
  caching: string;
  /** Redirects: what becomes of method and body. */
  method?: string;
  /** Where the facts stand. */
  source: string;
}

export interface Comparison {
  id: string;
  title: string;
  codes: readonly number[];
  columns: readonly string[];
  /** A row a code (or case), a cell a column. */
  rows: readonly (readonly string[])[];
  /** Which to pick, in a sentence or two. */
  choose: string;
}

/** What to do when this code rises. */
export interface CodeRunbook {
  code: number;
  whoFailed: string;
  whenSeen: readonly string[];
  check: readonly string[];
  /** Against its neighbours. */
  differs: readonly { code: number; how: string }[];
}

export const NO_RETRY = 'No: the same request gets the same answer.';
export const HEURISTIC = 'Cacheable by default, unless the response says otherwise.';
export const NOT_CACHED = 'Not cached, unless the response says so itself.';
