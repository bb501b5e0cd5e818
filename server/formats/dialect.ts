// How keyed lines (JSON, LTSV, logfmt, attribute maps) become hits. A dialect says under which names a program writes what; the
// reading is the same for all. Nothing is guessed: a number is a status code only beside enough that makes the line an access record.
import type { Proxy } from '#shared/exchange.ts';
import {
  CLIENT, FIELDS, HOST, METHOD, NO_CODE, PATH, RESPONSE_TIME, ROUTE, SOURCE, UPSTREAM, UPSTREAM_STATUS, USER_AGENT, type Field, type Hit,
} from '../core/hit.ts';
import type { Chunk, Miss } from './format.ts';
import { keys, setPath, setRequestLine, setText, textOf, timeOf, values } from './line-values.ts';
import { BAD_STATUS, NO_STATUS, rejected, skipped } from './misses.ts';
import { isMethod, isOtherProtocol, isPath, isRequest, isTransport } from './plausible.ts';
import { decimal } from './scanner.ts';
import { durationMs, statusIn, timeIn } from './scalars.ts';
import { CONTAINER, KEYS_MAX } from './values.ts';

const CODE = FIELDS.length, TIME = CODE + 1, DATE = CODE + 2, REQUEST = CODE + 3, DURATION = CODE + 4, SIZE = CODE + 5, PROTOCOL = CODE + 6, SESSION = CODE + 7, SLOTS = CODE + 8;
const SLOT_NAMES: readonly string[] = [...FIELDS, 'code', 'time', 'date', 'request', 'duration', 'size', 'protocol', 'session'];
type Slot = Field | 'code' | 'time' | 'date' | 'request' | 'duration' | 'size' | 'protocol' | 'session';

/** ms per unit, as written after a key's name. */
const UNITS: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

/** A code under a name that other things have too counts only with this much beside it (POINTS); under the faintest, only with a request. */
const STRONG = 3, WEAK = 4, FAINT = 5;

/** What makes a line an access record. A method, a path and a request line are worth the most; `status` beside a client alone is nothing. */
const POINTS = new Int8Array(SLOTS);
POINTS[METHOD] = POINTS[PATH] = 2;
POINTS[REQUEST] = 4;
POINTS[CLIENT] = POINTS[USER_AGENT] = POINTS[HOST] = POINTS[DURATION] = POINTS[SIZE] = POINTS[PROTOCOL] = POINTS[UPSTREAM] = POINTS[ROUTE] = 1;

export interface DialectSpec {
  /** As people know it: it is in the reason when the line is another format's. */
  title: string;
  proxy: Proxy;
  /**
   * Where each field is found: dotted names, best first. A unit after the name says what a number means: `Duration ns`.
   * A code's name may end in `?` (needs an access record around it) or `??` (needs method and path).
   */
  reads: Partial<Record<Slot, readonly string[]>>;
  /** Names that only this program writes. Without any, it takes what no other dialect claims. */
  marks?: readonly string[];
  /** Names worth a point each, being this program's own words for something. */
  words?: readonly string[];
  /** Further names that `refuse` and `finish` look up. */
  looks?: readonly string[];
  /** Unit of connect, header and response times; 1000 (seconds) unless said. */
  timeUnitMs?: number;
  /** Unit of durations whose name does not say; ms unless said. */
  durationUnitMs?: number;
  /** A format of its own scanner asks for it; JSON lines are never its. */
  isNamed?: boolean;
  /** Dialects are asked in this order; those with the plainest marks last. */
  order?: number;
  /** Why a line that has all it needs is no access record all the same. */
  refuse?(value: Lookup): Miss | undefined;
  /** What takes more than copying. */
  finish?(hit: Hit, value: Lookup): void;
}

/** The text under a name on the line being read. */
export type Lookup = (key: string) => string | undefined;

/** Which value goes where. */
interface Choice {
  /** The lines that it holds for; -1 when it hung on what the values were. */
  shape: number;
  /** For each slot an index into `values`, or -1. */
  readonly best: Int16Array;
  /** The slots that have a value and are set one by one. */
  filled: readonly number[];
  points: number;
}

const newChoice = (): Choice => ({ shape: -1, best: new Int16Array(SLOTS).fill(-1), filled: [], points: 0 });
/** Shapes of lines remembered for each dialect; a stream has a few. */
const CHOICES_MAX = 32;

const dialects: Dialect[] = [];
/** Whose line the last one was; lines of the same shape are its too. */
let owner: Dialect | undefined;
let ownerShape = -1;
/** Which dialects a key is a mark of, a bit each. */
const markBits = new Int32Array(KEYS_MAX);

/** What an application or an agent logs; what an envelope round a line looks like from outside. */
export const NOT_ACCESS = rejected('no access record: nothing here is an HTTP status code');

const SESSION_LOG = skipped('a TCP or UDP session, whose status is no HTTP status');

export class Dialect {
  readonly spec: DialectSpec;
  readonly #slots = new Int8Array(KEYS_MAX).fill(-1);
  readonly #ranks = new Int16Array(KEYS_MAX);
  /** ms per unit; NaN when the name does not say. */
  readonly #units = new Float64Array(KEYS_MAX).fill(NaN);
  readonly #needs = new Int8Array(KEYS_MAX);
  readonly #words = new Int8Array(KEYS_MAX);
  readonly bit: number;
  readonly #other: Miss;
  /** What was chosen for this line. */
  #choice = newChoice();
  /** For lines whose choice hangs on what their values are. */
  readonly #scratch = this.#choice;
  readonly #choices = new Map<number, Choice>();
  #code = NO_CODE;

  constructor(spec: DialectSpec) {
    this.spec = spec;
    this.#other = rejected(`a line of another format: ${spec.title}`);
    for (const [slot, names] of Object.entries(spec.reads)) names.forEach((name, rank) => this.#read(SLOT_NAMES.indexOf(slot), name, rank));
    this.bit = spec.marks === undefined ? 0 : 1 << dialects.length;
    if (dialects.length > 30) throw new Error('there are more dialects than bits');
    for (const name of spec.marks ?? []) markBits[idOf(name)] |= this.bit;
    for (const name of spec.looks ?? []) idOf(name);
    for (const name of spec.words ?? []) this.#words[idOf(name)] = 1;
    if (spec.isNamed === true) return;
    dialects.push(this);
    dialects.sort((a, b) => order(a) - order(b));
  }

  #read(slot: number, text: string, rank: number): void {
    const [name, unit] = text.split(' ');
    const id = idOf(name.replace(/\?+$/, ''));
    if (this.#slots[id] === slot) return; // another spelling of a name above
    if (this.#slots[id] !== -1) throw new Error(`${this.spec.title}: ${name} is read as ${SLOT_NAMES[this.#slots[id]]} and as ${SLOT_NAMES[slot]}`);
    this.#slots[id] = slot;
    this.#ranks[id] = rank;
    if (!isEvidence(slot)) values.weighs[id] = 1;
    if (unit !== undefined) this.#units[id] = UNITS[unit];
    this.#needs[id] = this.spec.marks !== undefined && !name.endsWith('?') ? 0 : name.endsWith('??') ? FAINT : name.endsWith('?') ? WEAK : STRONG;
  }

  /** Fill the hit from `values`, whose ranges lie in the chunk; or say why not. */
  fill(chunk: Chunk, hit: Hit): Miss | undefined {
    if (ownerShape !== values.shape) {
      owner = dialectOf();
      ownerShape = values.shape;
    }
    const mine = owner;
    if (mine === this || mine === undefined) return this.fillAnyway(chunk, hit);
    if (this.spec.marks !== undefined) return mine.#other;
    // One mark does not make a line that dialect's; what it cannot read may still go by its names.
    const miss = mine.fillAnyway(chunk, hit);
    if (miss === undefined || miss.kind === 'skipped') return miss ?? mine.#other;
    hit.reset(chunk.bytes);
    return this.fillAnyway(chunk, hit);
  }

  /** The same without asking whose line it is. `sure`: it is known to be an HTTP exchange, whatever stands beside the code. */
  fillAnyway(chunk: Chunk, hit: Hit, sure = false): Miss | undefined {
    const points = this.#choose(chunk);
    const { best, filled } = this.#choice;
    if (best[CODE] === -1) return points >= FAINT && this.#code === NO_CODE ? NO_STATUS : NOT_ACCESS;
    if (this.#code < 0) return points >= STRONG ? (this.#code === NO_CODE ? NO_STATUS : BAD_STATUS) : NOT_ACCESS;
    const hasRequest = best[REQUEST] !== -1 || (best[METHOD] !== -1 && best[PATH] !== -1);
    if (best[SESSION] !== -1 || (best[PROTOCOL] !== -1 && !hasRequest && isTransport(chunk.bytes, values.starts[best[PROTOCOL]], values.ends[best[PROTOCOL]]))) return SESSION_LOG;
    const need = this.#needs[values.ids[best[CODE]]];
    const isEnough = need === FAINT ? hasRequest : points >= need || (sure && need === STRONG);
    if (!isEnough) return NOT_ACCESS;
    const { refuse, finish } = this.spec;
    const lookup: Lookup | undefined = refuse === undefined && finish === undefined ? undefined : (key) => textOf(chunk, values.indexOf(keys.known(key)));
    const refused = refuse?.(lookup!);
    if (refused !== undefined) return refused;

    hit.proxy = this.spec.proxy;
    hit.code = this.#code;
    hit.timeUnitMs = this.spec.timeUnitMs ?? 1000;
    for (let i = 0; i < filled.length; i++) this.#set(chunk, filled[i], best[filled[i]], hit);
    if (best[REQUEST] !== -1 || best[PATH] !== -1) this.#setRequest(chunk, hit);
    if (best[METHOD] !== -1) setText(chunk, METHOD, best[METHOD], hit);
    if (best[HOST] !== -1) setText(chunk, HOST, best[HOST], hit);
    const unit = best[RESPONSE_TIME] === -1 ? NaN : this.#units[values.ids[best[RESPONSE_TIME]]];
    if (unit === unit) hit.timeUnitMs = unit;
    finish?.(hit, lookup!);
    return undefined;
  }

  #set(chunk: Chunk, slot: number, i: number, hit: Hit): void {
    switch (slot) {
      case TIME: return this.#setTime(chunk, hit);
      case DATE: if (this.#choice.best[TIME] === -1) hit.ts = timeOf(chunk, i); return;
      case SIZE: hit.size = decimal(chunk.bytes, values.starts[i], values.ends[i]); return;
      case DURATION: {
        const unit = this.#units[values.ids[i]];
        hit.durationMs = durationMs(chunk.bytes, values.starts[i], values.ends[i], unit === unit ? unit : (this.spec.durationUnitMs ?? 1));
        return;
      }
      default: setText(chunk, slot, i, hit);
    }
  }

  /** Pick the best value for each slot; returns the points of the line. Lines of one shape have the same choice. */
  #choose(chunk: Chunk): number {
    if (this.#choice.shape !== values.shape) this.#choice = this.#choices.get(values.shape) ?? this.#scratch;
    const { shape, best, points } = this.#choice;
    if (shape === values.shape) {
      this.#code = statusIn(chunk.bytes, values.starts[best[CODE]], values.ends[best[CODE]]);
      if (this.#code >= 0 && this.#fits(chunk, METHOD, best[METHOD]) && this.#fits(chunk, PATH, best[PATH]) && this.#fits(chunk, REQUEST, best[REQUEST])) return points;
    }
    this.#choice = this.#scratch;
    return this.#chooseAnew(chunk, this.#scratch);
  }

  #chooseAnew(chunk: Chunk, choice: Choice): number {
    const { ids, starts, ends, kinds, nothing, count } = values;
    const { best } = choice;
    best.fill(-1);
    choice.filled = [];
    this.#code = NO_CODE;
    let points = 0, isSettled = true;
    for (let i = 0; i < count; i++) {
      const id = ids[i];
      const slot = this.#slots[id];
      points += this.#words[id];
      if (slot === -1 || (nothing[i] === 1 && !isEvidence(slot))) continue;
      const held = best[slot];
      if (slot === CODE) {
        if (kinds[i] === CONTAINER) {
          isSettled = false;
          continue;
        }
        const code = statusIn(chunk.bytes, starts[i], ends[i]);
        if (code < 0) isSettled = false;
        if (held !== -1 && !(code >= 0 && (this.#code < 0 || this.#ranks[id] < this.#ranks[ids[held]]))) continue;
        this.#code = code;
        best[CODE] = i;
        continue;
      }
      if (!this.#fits(chunk, slot, i)) {
        isSettled = false;
        if (slot === PATH && isOtherProtocol(chunk.bytes, starts[i], ends[i])) {
          best[CODE] = -1;
          this.#code = NO_CODE;
          return 0;
        }
        // some call the method the request
        if (slot === REQUEST && best[METHOD] === -1 && isMethod(chunk.bytes, starts[i], ends[i])) best[METHOD] = i;
        continue;
      }
      if (held !== -1) {
        if (this.#ranks[id] < this.#ranks[ids[held]]) best[slot] = i;
        continue;
      }
      best[slot] = i;
      points += POINTS[slot];
    }
    const filled: number[] = [];
    for (let slot = 0; slot < SLOTS; slot++) if (best[slot] !== -1 && !isSetApart(slot)) filled.push(slot);
    choice.filled = filled;
    if (isSettled && best[CODE] !== -1) {
      if (this.#choices.size === CHOICES_MAX) this.#choices.clear();
      this.#choices.set(values.shape, { shape: values.shape, best: best.slice(), filled, points });
    }
    return points;
  }

  /** Is the value at `i` (-1: there is none) one that the slot can have? */
  #fits(chunk: Chunk, slot: number, i: number): boolean {
    if (i === -1) return true;
    if (slot === METHOD) return isMethod(chunk.bytes, values.starts[i], values.ends[i]);
    if (slot === PATH) return isPath(chunk.bytes, values.starts[i], values.ends[i], values.kinds[i]);
    return slot !== REQUEST || isRequest(chunk.bytes, values.starts[i], values.ends[i], values.kinds[i]);
  }

  #setTime(chunk: Chunk, hit: Hit): void {
    const { best } = this.#choice;
    const time = best[TIME], date = best[DATE];
    hit.ts = timeOf(chunk, time);
    if (hit.ts === hit.ts) return;
    for (let i = 0; i < values.count; i++) {
      if (this.#slots[values.ids[i]] === TIME && i !== time && (hit.ts = timeOf(chunk, i)) === hit.ts) return;
    }
    if (date === -1) return;
    hit.ts = timeOf(chunk, date);
    if (hit.ts === hit.ts) return;
    // "date":"2026-11-22","time":"22:18:03"
    const both = Buffer.from(`${textOf(chunk, date)}T${textOf(chunk, time)}`, 'latin1');
    hit.ts = timeIn(both, 0, both.length);
  }

  #setRequest(chunk: Chunk, hit: Hit): void {
    const { best } = this.#choice;
    const request = best[REQUEST], path = best[PATH];
    if (request !== -1) setRequestLine(chunk, request, hit);
    if (path !== -1 && (!hit.has(PATH) || this.#ranks[values.ids[path]] === 0)) setPath(chunk, path, hit);
  }
}

const isSetApart = (slot: number): boolean => slot === CODE || slot === REQUEST || slot === PATH || slot === PROTOCOL || slot === SESSION || slot === METHOD || slot === HOST;

/** What proxies write "-" for when it never happened: that, too, is evidence. */
const isEvidence = (slot: number): boolean => slot === UPSTREAM || slot === UPSTREAM_STATUS || (slot > SOURCE && slot < ROUTE);

const order = (d: Dialect): number => d.spec.order ?? (d.spec.marks === undefined ? 9 : 0);

function idOf(name: string): number {
  const id = keys.id(name);
  if (id >= KEYS_MAX) throw new Error('KEYS_MAX is too small');
  return id;
}

/** The dialect that the marks on this line belong to, else the one without marks. */
export function dialectOf(): Dialect | undefined {
  let bits = 0;
  for (let i = 0; i < values.count; i++) bits |= markBits[values.ids[i]];
  for (const dialect of dialects) if ((bits & dialect.bit) !== 0 || dialect.spec.marks === undefined) return dialect;
  return undefined;
}
