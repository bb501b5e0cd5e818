// Which format a stream is in, decided line by line: the format that read the last line goes first, the others follow in the
// order of index.ts, so that interleaved virtual hosts, error-log lines and directives each find their reader.
import type { Proxy } from '#shared/exchange.ts';
import type { Hit } from '../core/hit.ts';
import type { Chunk, Format, Miss, Reader, Surroundings } from './format.ts';
import { TOO_MANY_KEYS } from './misses.ts';
import { unreadReason } from './unread-reason.ts';
import { ASCII } from './bytes/ascii.ts';

const { BRACE, QUOTE } = ASCII;

export class Detector {
  readonly #formats: readonly Format[];
  readonly #readers: (Reader | undefined)[];
  /** Each format is a shape of its own: what is asked of them with every line is kept here. */
  readonly #proxies: readonly Proxy[];
  /** For each byte that a line may begin with, the formats that it may be of. */
  readonly #candidates: (readonly number[] | undefined)[] = [];
  readonly #readsJson: readonly boolean[];
  readonly #isDeclared: boolean;
  readonly #mayGoFirst: readonly boolean[];
  /** For each format, those that know more of its lines. */
  readonly #narrower: readonly (readonly number[] | undefined)[];
  readonly #around: Readonly<Surroundings>;
  #current = -1;

  /** `declared`: people said what the lines look like. */
  constructor(formats: readonly Format[], around: Readonly<Surroundings>, declared = false) {
    this.#around = around;
    this.#formats = formats;
    this.#isDeclared = declared || formats.length === 1;
    this.#readers = formats.map(() => undefined);
    this.#readsJson = formats.map((format) => this.#isDeclared || mayBegin(format, JSON_OBJECT));
    this.#mayGoFirst = formats.map(({ isLoose }) => isLoose !== true || formats.length === 1);
    this.#proxies = formats.map(({ proxy }) => proxy);
    this.#narrower = formats.map(({ name }) => {
      const narrower = [...formats.keys()].filter((i) => formats[i].narrows?.includes(name));
      return narrower.length === 0 ? undefined : narrower;
    });
  }

  /** Name of the format that read the last record. */
  get format(): string | null {
    return this.#current === -1 ? null : this.#formats[this.#current].name;
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const current = this.#current;
    let near: Miss | undefined, cut: Miss | undefined;
    if (current !== -1 && this.#mayGoFirst[current] && (this.#readsJson[current] || chunk.bytes[start] !== BRACE)) {
      // Not by #try, which meets every format there is: what reads line after line is called from a place of its own, and may be inlined.
      hit.reset(chunk.bytes);
      hit.proxy = this.#proxies[current];
      near = this.#readers[current]!.read(chunk, start, end, hit);
      if (near === undefined && this.#narrower[current] !== undefined)
        return this.#narrowest(current, chunk, start, end, hit);
      if (near === undefined || near.kind === 'skipped') return near;
    }
    const candidates = this.#candidatesOf(chunk.bytes[start], chunk.bytes[start + 1]);
    for (let k = 0; k < candidates.length; k++) {
      const i = candidates[k];
      if (i === current && near !== undefined) continue;
      const miss = this.#try(i, chunk, start, end, hit);
      if (miss === undefined) this.#current = i;
      if (miss === undefined || miss.kind === 'skipped') return miss;
      if (this.#formats.length === 1) near = miss; // declared: its word goes
      if (miss === TOO_MANY_KEYS) cut = miss;
    }
    hit.reset(chunk.bytes);
    if (cut !== undefined) return cut;
    const looks = unreadReason(chunk, start, end);
    return looks.kind === 'skipped' || near === undefined ? looks : near;
  }

  /** A line that `current` has read, by a format that knows more of it, if there is one. */
  #narrowest(current: number, chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    if (this.#readers[current]!.hasRest === false) return undefined;
    for (const i of this.#narrower[current]!) {
      if (this.#try(i, chunk, start, end, hit) !== undefined) continue;
      this.#current = i;
      return undefined;
    }
    return this.#try(current, chunk, start, end, hit);
  }

  #candidatesOf(first: number, second: number): readonly number[] {
    if (first === BRACE && second === QUOTE && !this.#isDeclared) first = JSON_OBJECT;
    return (this.#candidates[first] ??= [...this.#formats.keys()].filter(
      (i) => mayBegin(this.#formats[i], first) || this.#formats.length === 1,
    ));
  }

  #try(index: number, chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const reader = (this.#readers[index] ??= this.#formats[index].open(this.#around));
    hit.reset(chunk.bytes);
    hit.proxy = this.#proxies[index];
    return reader.read(chunk, start, end, hit);
  }
}

/** In place of a first byte: `{"`. What is text in it is read when it has been taken out, unescaped and with its record's time. */
const JSON_OBJECT = 256;

/** Beyond ASCII there may be a byte-order mark, whatever follows it. */
const mayBegin = ({ begins }: Format, first: number): boolean =>
  first === JSON_OBJECT
    ? begins?.includes('{') === true
    : begins === undefined || first > 0x7f || begins.includes(String.fromCharCode(first));
