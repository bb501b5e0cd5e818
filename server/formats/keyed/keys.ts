// The key names that anybody asks for, as a tree: `http.response.status_code`, `{"http":{"response":{"statusCode":502}}}` and
// `http_response.StatusCode` lead to the same leaf. Names are folded, because every log_format spells them its own way.
import { fold, upstreamVariable } from '../bytes/upstream-names.ts';

/** No leaf: nobody asks for this key. */
export const UNKNOWN = -1;

/** Where in the tree of names an object stands, or a leaf. */
export class Place {
  /** The id of the key, or UNKNOWN. */
  id = UNKNOWN;
  /** What to try for a name that is not here: wrappers such as `{"nginx":{"access":{…}}}` lead back to the top. */
  fallback: Place | undefined;
  /** Keys seen here, as written. */
  readonly seen = new Map<number, Key[]>();
  readonly #children = new Map<string, Place>();

  get isContainer(): boolean {
    return this.#children.size > 0 || this.fallback !== undefined;
  }

  child(folded: string): Place | undefined {
    return this.#children.get(folded) ?? this.fallback?.child(folded);
  }

  /** Is there a name that begins with this one, or is it one? */
  has(folded: string): boolean {
    return this.#children.has(folded);
  }

  /** Names here that stand in front of a fallback's: the id of each, and of the one behind it. */
  *shadows(behind?: Place): Generator<[number, number]> {
    for (const [folded, child] of this.#children) {
      const model = behind?.child(folded) ?? this.fallback?.child(folded);
      if (model !== undefined && model !== child && child.id !== UNKNOWN && model.id !== UNKNOWN)
        yield [child.id, model.id];
      yield* child.shadows(model === child ? undefined : model);
    }
  }

  own(folded: string): Place {
    let place = this.#children.get(folded);
    if (place === undefined) this.#children.set(folded, (place = new Place()));
    return place;
  }
}

/** A key as it was written at one place, and what it means. */
export interface Key {
  readonly raw: Buffer;
  readonly id: number;
  /** Where the names inside it are looked up when its value is an object. */
  readonly inside: Place | undefined;
}

/** Distinct spellings kept; a sender that makes up keys without end costs time, never memory. */
const SPELLINGS_MAX = 4096;
/** Whoever makes up keys can make them up with one hash; those past this many are looked up anew each time. */
const SAME_HASH_MAX = 4;

const PROGRAM_PREFIX = /^(?:nginx|ngx|apache|httpd|haproxy|access|weblog)(?=.{2})/;
const RECORD_NAME =
  /nginx|apache|httpd|haproxy|access|accesslog|(?:fields|attributes|attrs|properties|payload|context|record|data)$|^(?:http|req|request|resp|response|api|web)(?:info|details?|log|entry|event|meta|summary)$/;

/** The names of all formats. */
export class Keys {
  readonly root = new Place();
  /** Grows by one for each name; ids are dense. */
  size = 0;
  readonly #anyRecord = new Place();
  readonly #ids = new Map<string, number>();
  #spellings = 0;

  constructor() {
    this.#anyRecord.fallback = this.root;
  }

  /** The id of a dotted name, made if new. */
  id(path: string): number {
    const place = this.#own(path);
    if (place.id === UNKNOWN) place.id = this.size++;
    return place.id;
  }

  /** Objects under this name hold what could as well stand at the top. */
  wrapper(path: string): void {
    this.#own(path).fallback = this.root;
  }

  /** Objects under this name hold what those under the other do. */
  like(path: string, model: string): void {
    this.#own(path).fallback = this.#own(model);
  }

  #own(path: string): Place {
    let place = this.root;
    for (const part of path.split('.')) place = place.own(fold(part));
    return place;
  }

  /** The id of a name that was given one; asking for another is a mistake, because lines read before did not look for it. */
  known(path: string): number {
    let id = this.#ids.get(path);
    if (id === undefined) {
      id = this.resolve(this.root, path)?.id ?? UNKNOWN;
      if (id === UNKNOWN) throw new Error(`no keyed format reads ${path}`);
      this.#ids.set(path, id);
    }
    return id;
  }

  /** What the key at bytes[start, end) means at this place. Makes strings only for spellings never seen. */
  find(at: Place, bytes: Buffer, start: number, end: number): Key {
    let hash = 2166136261;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 16777619);
    const same = at.seen.get(hash);
    if (same !== undefined) for (const key of same) if (equals(key.raw, bytes, start, end)) return key;

    const place = this.resolve(at, bytes.toString('latin1', start, end));
    const key: Key = {
      raw: Buffer.from(bytes.subarray(start, end)),
      id: place?.id ?? UNKNOWN,
      inside: place?.isContainer ? place : undefined,
    };
    if (this.#spellings < SPELLINGS_MAX) {
      this.#spellings++;
      if (same === undefined) at.seen.set(hash, [key]);
      else if (same.length < SAME_HASH_MAX) same.push(key);
    }
    return key;
  }

  /** The place of a dotted name as written; the dots may stand for underscores (`upstream.connect.time`). */
  resolve(at: Place, name: string): Place | undefined {
    let place: Place | undefined = at;
    for (const part of name.split('.', 12)) {
      const folded = fold(part);
      place = place.child(folded) ?? (place === this.root ? this.#likely(folded) : undefined);
      if (place === undefined) return name.includes('.') ? this.resolve(at, name.replaceAll('.', '')) : undefined;
    }
    return place;
  }

  /** `nginx_status` is `status`, `ups_status` is `upstream_status`; an object called `@nginx_fields` holds a record. */
  #likely(folded: string): Place | undefined {
    const upstream = upstreamVariable(folded);
    if (upstream !== undefined) return this.root.child(upstream.variable);
    const prefix = PROGRAM_PREFIX.exec(folded);
    if (prefix !== null && this.root.has(folded.slice(prefix[0].length)))
      return this.root.child(folded.slice(prefix[0].length));
    return RECORD_NAME.test(folded) ? this.#anyRecord : undefined;
  }
}

/** The keys of the lines of a stream, which come in the same order again and again: a glance at the last one saves the search. */
export class KeyOrder {
  readonly #keys: Keys;
  readonly #last: Key[] = [];
  /** The line had more keys than are looked at; whoever begins a line says that it has not. */
  isCut = false;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** What the i-th key of a line, at bytes[start, end), means at the top. */
  find(i: number, bytes: Buffer, start: number, end: number): Key {
    const last = this.#last[i];
    if (last !== undefined && equals(last.raw, bytes, start, end)) return last;
    if (i < ORDER_MAX) return (this.#last[i] = this.#keys.find(this.#keys.root, bytes, start, end));
    this.isCut = true;
    return NOBODYS;
  }
}

/** No record has more keys than this; those that follow are not looked at. */
const ORDER_MAX = 256;
const NOBODYS: Key = { raw: Buffer.alloc(0), id: UNKNOWN, inside: undefined };

function equals(raw: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (raw.length !== end - start) return false;
  for (let i = 0; i < raw.length; i++) if (raw[i] !== bytes[start + i]) return false;
  return true;
}
