// How keyed lines (JSON, LTSV, logfmt, attribute maps) become hits. A keyed format says under which names a program writes what; the
// reading is the same for all. Nothing is guessed: a number is a status code only beside enough that makes the line an access record.
import type { Proxy } from '#shared/exchange.ts';
import { HOST, METHOD, NO_CODE, PATH, type Hit } from '../../core/hit.ts';
import { FieldSelector, type Selection } from './field-selection.ts';
import { ASKED_SIDE, EXCEPTION_SIDE, outgoingSigns } from './outgoing.ts';
import {
  CODE,
  DATE,
  DURATION,
  FAINT,
  PROTOCOL,
  REQUEST,
  SIZE,
  STRONG,
  TIME,
  WEAK,
  WRITER,
  type Slot,
} from './slots.ts';
import type { Chunk, Miss, Surroundings } from '../format.ts';
import { keys, setPath, setRequestLine, setText, textOf, timeOf, values } from './line-values.ts';
import { BAD_STATUS, NO_STATUS, rejected } from '../misses.ts';
import {
  BARE,
  ENOUGH,
  NOT_ACCESS,
  ODD_STATUS,
  REQUEST as REQUEST_SIGN,
  SERVER_SIDE,
  SESSION as SESSION_SIGN,
  TIMED,
  unserved,
} from '../served.ts';
import { isTransport } from '../bytes/http-words.ts';
import { decimal } from '../bytes/scanner.ts';
import { durationMs, timeIn } from '../bytes/scalars.ts';
import { KEYS_MAX } from './values.ts';

export interface KeyedFormatSpec {
  /** As people know it: it is in the reason when the line is another format's. */
  title: string;
  proxy: Proxy;
  /**
   * Where each field is found: dotted names, best first. A unit after the name says what a number means: `Duration ns`.
   * A code's name may end in `?` (needs an access record around it) or `??` (needs method and path).
   */
  reads: Partial<Record<Slot, readonly string[]>>;
  /** Names that only this program writes. Without any, it takes what no other claims. */
  marks?: readonly string[];
  /** Names worth a point each, being this program's own words for something. */
  words?: readonly string[];
  /** Names that stand in no access record: of tests, of monitors, of alerts. */
  strange?: readonly string[];
  /** Names that must stand next to a mark for the line to be this program's. */
  besides?: readonly string[];
  /** Why none of its lines counts. */
  refused?: Miss;
  /** Names of the server that was asked, and those under which an exception is told of. */
  asked?: readonly string[];
  exceptions?: readonly string[];
  /** Further names that `refuse` and `finish` look up. */
  looks?: readonly string[];
  /** Unit of connect, header and response times; 1000 (seconds) unless said. */
  timeUnitMs?: number;
  /** Unit of durations whose name does not say; ms unless said. */
  durationUnitMs?: number;
  /** A format of its own scanner asks for it; JSON lines are never its. */
  isNamed?: boolean;
  /** They are asked in this order; those with the plainest marks last. */
  order?: number;
  /** Why a line that has all it needs is no access record all the same. */
  refuse?(value: Lookup): Miss | undefined;
  /** What takes more than copying. */
  finish?(hit: Hit, value: Lookup): void;
}

/** The text under a name on the line being read. */
type Lookup = (key: string) => string | undefined;

/** A date and a time of day that stand under a name each, put together. */
const BOTH_BYTES_MAX = 64,
  T = 0x54;
const both = Buffer.alloc(BOTH_BYTES_MAX);

/** Nothing is known from around the line. */
const NOTHING_AROUND: Readonly<Surroundings> = { isTimed: false };

export class KeyedFormat {
  readonly spec: KeyedFormatSpec;
  /** Among which formats the marks on a line say whose it is. */
  rivals: Rivals | undefined;
  readonly #other: Miss;
  readonly #selector: FieldSelector;
  /** Written by whoever had a request to tell of, the one who asked included. */
  readonly #byNames: boolean;
  readonly #timeUnitMs: number;
  readonly #durationUnitMs: number;

  constructor(spec: KeyedFormatSpec) {
    this.spec = spec;
    this.#byNames = spec.marks === undefined || spec.proxy === 'otel';
    this.#selector = new FieldSelector(
      spec.marks === undefined,
      spec.marks === undefined && spec.isNamed !== true,
      this.#byNames,
    );
    this.#other = rejected('other-format', 'a line of another format: {}', spec.title);
    this.#timeUnitMs = spec.timeUnitMs ?? 1000;
    this.#durationUnitMs = spec.durationUnitMs ?? 1;
    for (const [slot, names] of Object.entries(spec.reads))
      names.forEach((name, rank) => this.#read(slot as Slot, name, rank));
    for (const name of [...(spec.marks ?? []), ...(spec.besides ?? [])]) idOf(name);
    for (const name of spec.looks ?? []) idOf(name);
    for (const name of spec.words ?? []) this.#selector.word(idOf(name));
    for (const name of spec.strange ?? []) this.#selector.strange(idOf(name));
    for (const name of spec.asked ?? []) this.#selector.aside(idOf(name), ASKED_SIDE);
    for (const name of spec.exceptions ?? []) this.#selector.aside(idOf(name), EXCEPTION_SIDE);
  }

  #read(slot: Slot, text: string, rank: number): void {
    const [name, unit] = text.split(' ');
    const need =
      this.spec.marks !== undefined && !name.endsWith('?')
        ? 0
        : name.endsWith('??')
          ? FAINT
          : name.endsWith('?')
            ? WEAK
            : STRONG;
    if (!this.#selector.read(idOf(name.replace(/\?{1,2}$/, '')), slot, rank, unit, need))
      throw new Error(`${this.spec.title}: ${name} is read as ${slot} and as something else`);
  }

  /** Fill the hit from `values`, whose ranges lie in the chunk; or say why not. */
  fill(chunk: Chunk, hit: Hit, around = NOTHING_AROUND): Miss | undefined {
    const owner = this.rivals?.owner();
    if (owner === this || owner === undefined) return this.fillAnyway(chunk, hit, around);
    if (this.spec.marks !== undefined) return owner.#other;
    // One mark does not make a line that format's; what it cannot read may still go by its names.
    const miss = owner.fillAnyway(chunk, hit, around);
    if (miss === undefined || (miss.kind === 'skipped' && miss !== NO_STATUS)) return miss ?? owner.#other;
    hit.reset(chunk.bytes);
    const own = this.fillAnyway(chunk, hit, around);
    return own === undefined || miss !== NO_STATUS ? own : miss;
  }

  /**
   * The same without asking whose line it is. `known` from elsewhere: ENOUGH, that a proper name of a status needs nothing beside it;
   * SERVER_SIDE, whose it is.
   */
  fillAnyway(chunk: Chunk, hit: Hit, around = NOTHING_AROUND, known = 0): Miss | undefined {
    if (this.spec.refused !== undefined) return this.spec.refused;
    const selection = this.#selector.select(chunk);
    const { code } = this.#selector;
    if (code < 0) return this.#noCode(selection);
    if (!selection.isServed) {
      const doubt = unserved(selection.signs | this.#signsOf(chunk, selection, around, known));
      if (doubt !== undefined) return doubt;
    }
    const { refuse, finish } = this.spec;
    const lookup: Lookup | undefined =
      refuse === undefined && finish === undefined
        ? undefined
        : (key) => textOf(chunk, values.indexOf(keys.known(key)));
    const refused = refuse?.(lookup!);
    if (refused !== undefined) return refused;
    hit.proxy = this.spec.proxy;
    hit.code = code;
    this.#take(chunk, selection, hit);
    finish?.(hit, lookup!);
    return undefined;
  }

  /** What hangs on the values, and on what is known of the line. */
  #signsOf(chunk: Chunk, selection: Selection, { isTimed }: Readonly<Surroundings>, known: number): number {
    const { best, need, signs, asides } = selection;
    let more = isTimed ? TIMED : 0;
    const protocol = best[PROTOCOL];
    if (
      protocol !== -1 &&
      (signs & REQUEST_SIGN) === 0 &&
      isTransport(chunk.bytes, values.starts[protocol], values.ends[protocol])
    )
      more |= SESSION_SIGN;
    if (values.unread === 0 && asides === 0 && best[WRITER] === -1) more |= BARE;
    if (need === STRONG) more |= known & ENOUGH;
    if ((known & SERVER_SIDE) !== 0) return more | SERVER_SIDE;
    if (!this.#byNames) return more;
    const { code } = this.#selector;
    if (code < 100 || code > 599) more |= ODD_STATUS;
    return more | outgoingSigns(chunk, selection);
  }

  #noCode({ best, points }: Selection): Miss {
    const isDash = this.#selector.code === NO_CODE;
    if (best[CODE] === -1) return points >= FAINT && isDash && this.#namesCode() ? NO_STATUS : NOT_ACCESS;
    return points < STRONG ? NOT_ACCESS : isDash ? NO_STATUS : BAD_STATUS;
  }

  /** Is there a place for a code on the line, be it empty? */
  #namesCode(): boolean {
    for (let i = 0; i < values.count; i++) if (this.#selector.slotOf(values.ids[i]) === CODE) return true;
    return false;
  }

  #take(chunk: Chunk, { best, copied, durationUnitMs, timeUnitMs }: Selection, hit: Hit): void {
    const { bytes } = chunk;
    const { starts, ends } = values;
    if (best[TIME] !== -1) this.#setTime(chunk, best[TIME], best[DATE], hit);
    else if (best[DATE] !== -1) hit.ts = timeOf(chunk, best[DATE]);
    for (let i = 0; i < copied.length; i++) setText(chunk, copied[i], best[copied[i]], hit);
    const size = best[SIZE],
      duration = best[DURATION],
      request = best[REQUEST],
      path = best[PATH];
    if (size !== -1) hit.size = decimal(bytes, starts[size], ends[size]);
    if (duration !== -1)
      hit.durationMs = durationMs(
        bytes,
        starts[duration],
        ends[duration],
        durationUnitMs === durationUnitMs ? durationUnitMs : this.#durationUnitMs,
      );
    if (request !== -1) setRequestLine(chunk, request, hit);
    if (path !== -1 && (request === -1 || !hit.has(PATH) || this.#selector.rankOf(values.ids[path]) === 0))
      setPath(chunk, path, hit);
    if (best[METHOD] !== -1) setText(chunk, METHOD, best[METHOD], hit);
    if (best[HOST] !== -1) setText(chunk, HOST, best[HOST], hit);
    hit.timeUnitMs = timeUnitMs === timeUnitMs ? timeUnitMs : this.#timeUnitMs;
  }

  #setTime(chunk: Chunk, time: number, date: number, hit: Hit): void {
    hit.ts = timeOf(chunk, time);
    if (hit.ts === hit.ts) return;
    for (let i = 0; i < values.count; i++) {
      if (this.#selector.slotOf(values.ids[i]) === TIME && i !== time && (hit.ts = timeOf(chunk, i)) === hit.ts) return;
    }
    if (date === -1) return;
    hit.ts = timeOf(chunk, date);
    if (hit.ts === hit.ts) return;
    // "date":"2026-11-22","time":"22:18:03"
    const { starts, ends } = values;
    if (ends[date] - starts[date] + ends[time] - starts[time] >= BOTH_BYTES_MAX) return;
    const gap = chunk.bytes.copy(both, 0, starts[date], ends[date]);
    both[gap] = T;
    hit.ts = timeIn(both, 0, gap + 1 + chunk.bytes.copy(both, gap + 1, starts[time], ends[time]));
  }
}

function idOf(name: string): number {
  const id = keys.id(name);
  if (id >= KEYS_MAX) throw new Error('KEYS_MAX is too small');
  return id;
}

/** Keyed formats that may meet on a line: the marks on it say whose it is. */
export class Rivals {
  readonly #formats: readonly KeyedFormat[];
  /** Which of them a key is a mark of, a bit each. */
  readonly #marks = new Int32Array(KEYS_MAX);
  /** Whose line the last one was; lines of the same shape are its too. */
  #owner: KeyedFormat | undefined;
  #shape = -1;

  /** Those that come first are asked first, but for the `order` that they give; those without marks come last. */
  constructor(formats: readonly KeyedFormat[]) {
    if (formats.length > BITS) throw new Error('there are more keyed formats than bits');
    this.#formats = formats.toSorted((a, b) => order(a) - order(b));
    for (const [i, format] of this.#formats.entries()) {
      format.rivals = this;
      for (const name of format.spec.marks ?? []) this.#marks[idOf(name)] |= 1 << i;
    }
  }

  /** The format that the marks in `values` belong to, else the one without marks. */
  owner(): KeyedFormat | undefined {
    if (this.#shape !== values.shape) {
      this.#owner = this.#find();
      this.#shape = values.shape;
    }
    return this.#owner;
  }

  #find(): KeyedFormat | undefined {
    let bits = 0;
    for (let i = 0; i < values.count; i++) bits |= this.#marks[values.ids[i]];
    return this.#formats.find(
      ({ spec }, i) => spec.marks === undefined || ((bits & (1 << i)) !== 0 && (spec.besides ?? []).every(stands)),
    );
  }
}

const stands = (name: string): boolean => values.indexOf(keys.known(name)) !== -1;

const BITS = 31;
const order = ({ spec }: KeyedFormat): number => spec.order ?? (spec.marks === undefined ? 9 : 0);
