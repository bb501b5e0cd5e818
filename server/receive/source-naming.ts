// Which records of a stream name their source themselves. Shippers send the logs of a whole cluster to one address: a key of the record,
// which the request or the configuration says, tells whose it is. Where nothing names a source, records that name a service are counted
// under it; but a source that was counted before this was so stays whole, or its parts would begin without a past.
import { errors } from '../errors.ts';
import type { Chunk } from '../formats/format.ts';
import { RecordKey } from '../formats/keyed/record-key.ts';
import type { Cursor } from '../store/store.ts';
import { cleanSource } from './source-name.ts';

/** Of the records that come without a name, these sources are parted. */
export const PARTED = 'parted:';
/** In place of a key: as if nobody had said one, and never. */
const AUTO = 'auto',
  NONE = 'none';
/** What names a service in records, the surest first. */
const SERVICE_KEYS = [
  'service.name',
  'service_name',
  'service',
  'kubernetes.container_name',
  'kubernetes.container.name',
  'container_name',
  'container.name',
  'app',
  'source',
];
/** Names of sources come from senders. */
const PARTED_MAX = 1000;
const KEY_LENGTH_MAX = 200;
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]/;
/** Different keys of requests that are kept ready. */
const KEYS_MAX = 50;
/** Sources whose records are known to name services, and the names remembered of each. */
const OFFERS_MAX = 500,
  NAMES_MAX = 5;

/** How the records of one batch are named. */
export interface Naming {
  readonly key: RecordKey;
  /** By a key that somebody chose, so that it stands above what a label or the request says. */
  readonly isChosen: boolean;
  /** To be committed with the batch, so that its source goes on being parted. */
  readonly cursor?: Cursor;
}

/** Records of a source name several services under one key. */
export interface Services {
  readonly key: string;
  readonly names: string[];
}

/**
 * What to look for in records, by a source key as it is given: a key of theirs, 'auto' for those that name services, 'none'. Throws
 * errors.badSourceKey.
 */
export function recordKey(sourceKey: string): RecordKey | undefined {
  if (sourceKey === NONE) return undefined;
  if (sourceKey === AUTO) return new RecordKey(SERVICE_KEYS, serviceName);
  if (sourceKey.length > KEY_LENGTH_MAX || UNPRINTABLE.test(sourceKey)) throw errors.badSourceKey();
  return new RecordKey([sourceKey], cleanSource);
}

interface NamingOptions {
  /** By source, and for all others; a key, or 'none'. */
  set: Readonly<Record<string, { readonly sourceKey?: string }>>;
  all: string;
  /** Cursors under PARTED. */
  parted: readonly Cursor[];
  hasPlace(source: string): boolean;
}

export class SourceNaming {
  readonly #options: NamingOptions;
  /** Those that are stored, and those that are going to be. */
  readonly #parted: Set<string>;
  readonly #begun = new Set<string>();
  readonly #keys = new Map<string, RecordKey>();
  readonly #services = recordKey(AUTO)!;
  readonly #offers = new Map<string, { key: string; names: Set<string> }>();

  constructor(options: NamingOptions) {
    this.#options = options;
    this.#parted = new Set(options.parted.map(({ key }) => key.slice(PARTED.length)));
  }

  /**
   * For a batch to `source`. `sourceKey` is what the request says; `isNamed`: the request, or whoever sent it, names the source. Undefined
   * when its records are not asked. Throws errors.badSourceKey.
   */
  of(source: string, sourceKey: string | undefined, isNamed: boolean): Naming | undefined {
    const { set, all } = this.#options;
    const chosen =
      [sourceKey, Object.hasOwn(set, source) ? set[source].sourceKey : undefined, all].find(Boolean) ?? AUTO;
    if (chosen === NONE) return undefined;
    if (chosen !== AUTO) return { key: this.#keyOf(chosen), isChosen: true };
    if ((isNamed && sourceKey !== AUTO) || !this.#isParted(source)) return undefined;
    const cursor = this.#parted.has(source) ? undefined : { key: PARTED + source, value: Buffer.alloc(0) };
    return { key: this.#services, isChosen: false, cursor };
  }

  /** The batch that had this cursor is committed. */
  stored({ key }: Cursor): void {
    const source = key.slice(PARTED.length);
    this.#begun.delete(source);
    this.#parted.add(source);
  }

  #isParted(source: string): boolean {
    if (this.#parted.has(source) || this.#begun.has(source)) return true;
    if (this.#options.hasPlace(source) || this.#parted.size >= PARTED_MAX) return false;
    if (this.#begun.size >= PARTED_MAX) this.#begun.delete(this.#begun.keys().next().value!);
    this.#begun.add(source);
    return true;
  }

  #keyOf(path: string): RecordKey {
    let key = this.#keys.get(path);
    if (key === undefined) {
      key = recordKey(path)!;
      if (this.#keys.size >= KEYS_MAX) this.#keys.delete(this.#keys.keys().next().value!);
      this.#keys.set(path, key);
    }
    return key;
  }

  /** A record of a source that is not parted: does it name a service? */
  look(source: string, chunk: Chunk, start: number, end: number): void {
    const name = this.#services.find(chunk, start, end);
    if (name === undefined) return;
    const key = this.#services.path;
    let offer = this.#offers.get(source);
    if (offer?.key !== key) {
      this.#offers.delete(source);
      if (this.#offers.size >= OFFERS_MAX) this.#offers.delete(this.#offers.keys().next().value!);
      this.#offers.set(source, (offer = { key, names: new Set() }));
    }
    if (offer.names.size < NAMES_MAX) offer.names.add(name);
  }

  /** What the records of a source name, if it is more than one service. */
  servicesOf(source: string): Services | null {
    const offer = this.#offers.get(source);
    return offer === undefined || offer.names.size < 2 ? null : { key: offer.key, names: [...offer.names] };
  }
}

const NO_SERVICE = new Set(
  'stdout stderr unknown none null true false undefined default localhost http https access error'.split(' '),
);

/** `source` is also a stream, an address, a path, a pod: what there is one of for each client, or each start, names no service. */
function serviceName(given: string): string | undefined {
  const value = given.startsWith('/') ? given.slice(1) : given; // of a container, as Docker says it
  if (!/^[a-z][\w.@:-]{0,62}$/i.test(value) || NO_SERVICE.has(value.toLowerCase())) return undefined;
  const isAddress = /:\d+$/.test(value) || (value.includes(':') && /^[\da-f:]+$/i.test(value));
  const isId = /[\da-f]{16}|[\da-f]{8}-[\da-f]{4}-/i.test(value);
  return isAddress || isId ? undefined : value;
}

/** The value under a dotted path in labels, attributes or fields: as it is written, with underscores, or in objects in objects. */
export function valueUnder(path: string, of: unknown): string | undefined {
  const direct = memberOf(of, path) ?? memberOf(of, path.replaceAll('.', '_'));
  if (direct !== undefined) return textOf(direct);
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const inside = memberOf(of, path.slice(0, dot));
    const found = inside === undefined ? undefined : valueUnder(path.slice(dot + 1), inside);
    if (found !== undefined) return found;
  }
  return undefined;
}

function memberOf(of: unknown, name: string): unknown {
  if (of instanceof Map) return of.get(name) as unknown;
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name)
    ? (of as Record<string, unknown>)[name]
    : undefined;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? cleanSource(value) : typeof value === 'number' ? cleanSource(String(value)) : undefined;
