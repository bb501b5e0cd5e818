// Which value of a keyed line goes where: of all names that a keyed format reads as a field, the best one that stands on the line with a value
// that can be meant. Lines of one shape have the same selection, so it is made once for each.
import {
  FIELDS,
  HOST,
  METHOD,
  NO_CODE,
  PATH,
  RESPONSE_TIME,
  ROUTE,
  SOURCE,
  UPSTREAM,
  UPSTREAM_STATUS,
} from '../../core/hit.ts';
import type { Chunk } from '../format.ts';
import { keys, values } from './line-values.ts';
import { EXCEPTION_SIDE, mayBeOutgoing } from './outgoing.ts';
import {
  CODE,
  REQUEST,
  DURATION,
  SESSION,
  SLOTS,
  SLOT_NAMES,
  UNITS,
  FAINT,
  POINTS,
  MEASURED,
  PROTOCOL,
  type Slot,
} from './slots.ts';
import { isHttpMethod, isMethod, isOtherProtocol, isPath, isRequest } from '../bytes/http-words.ts';
import {
  ENOUGH,
  EXCEPTION as EXCEPTION_SIGN,
  MEASURED as MEASURED_SIGN,
  REQUEST as REQUEST_SIGN,
  SESSION as SESSION_SIGN,
  unserved,
} from '../served.ts';
import { statusIn } from '../bytes/scalars.ts';
import { BARE, CONTAINER, KEYS_MAX } from './values.ts';

const LOWER_A = 0x61;
/** A name that is no access record's outweighs all the others. */
const STRANGE_POINTS = -100;

/** Shapes of lines remembered for each keyed format; a stream has a few. */
const SELECTIONS_MAX = 32;

export interface Selection {
  /** The lines that it holds for; -1 when it hung on what the values were. */
  readonly shape: number;
  /** For each slot an index into `values`, or -1. */
  readonly best: Int16Array;
  /** The slots whose text is taken over as it stands. */
  readonly copied: readonly number[];
  readonly points: number;
  /** How much must stand beside the code. */
  readonly need: number;
  /** Those of served.ts that hang on nothing but the names: REQUEST, ENOUGH, MEASURED, SESSION. */
  readonly signs: number;
  /** These signs make it a request served, whatever the values are. */
  readonly isServed: boolean;
  /** ASKED_SIDE, EXCEPTION_SIDE. */
  readonly asides: number;
  /** ms per unit; NaN when the names do not say. */
  readonly durationUnitMs: number;
  readonly timeUnitMs: number;
}

export class FieldSelector {
  /** The code on the line read last; NO_CODE or below when there is none. */
  code = NO_CODE;
  readonly #slots = new Int8Array(KEYS_MAX).fill(-1);
  readonly #ranks = new Int16Array(KEYS_MAX);
  readonly #units = new Float64Array(KEYS_MAX).fill(NaN);
  readonly #needs = new Int8Array(KEYS_MAX);
  readonly #words = new Int8Array(KEYS_MAX);
  readonly #asides = new Uint8Array(KEYS_MAX);
  readonly #selections = new Map<number, Selection>();
  #last: Selection | undefined;
  /** Nothing but the names tells that the line is an access record. */
  readonly #byNames: boolean;
  readonly #mustBeMeasured: boolean;
  /** Whoever had a request to tell of may have written it, the one who asked included. */
  readonly #isAnybodys: boolean;
  #isComplete = false;
  /** For selections that are not remembered. */
  readonly #best = new Int16Array(SLOTS);

  constructor(byNames: boolean, mustBeMeasured: boolean, isAnybodys: boolean) {
    this.#byNames = byNames;
    this.#mustBeMeasured = mustBeMeasured;
    this.#isAnybodys = isAnybodys;
  }

  /** The key `id` is read as this slot; names of a lower rank are better. False when it is read as another already. */
  read(id: number, slot: Slot, rank: number, unit: string | undefined, need: number): boolean {
    const at = SLOT_NAMES.indexOf(slot);
    if (this.#slots[id] !== -1) return this.#slots[id] === at; // another spelling of a better name
    this.#slots[id] = at;
    this.#ranks[id] = rank;
    if (!isEvidence(at)) values.weighs[id] = 1;
    if (unit !== undefined) this.#units[id] = UNITS[unit];
    this.#needs[id] = need;
    return true;
  }

  /** The key is worth a point. */
  word(id: number): void {
    this.#words[id] = 1;
  }

  /** The key stands in no access record. */
  strange(id: number): void {
    this.#words[id] = STRANGE_POINTS;
  }

  /** The key says something that is no field: ASKED_SIDE, EXCEPTION_SIDE. */
  aside(id: number, what: number): void {
    this.#asides[id] = what;
  }

  slotOf(id: number): number {
    return this.#slots[id];
  }

  rankOf(id: number): number {
    return this.#ranks[id];
  }

  /** Pick the best of `values` for each slot. */
  select(chunk: Chunk): Selection {
    let selection = this.#last;
    if (selection === undefined || selection.shape !== values.shape) selection = this.#selections.get(values.shape);
    if (selection !== undefined) {
      const { best } = selection;
      this.code = statusIn(chunk.bytes, values.starts[best[CODE]], values.ends[best[CODE]]);
      if (
        this.code >= 0 &&
        this.#fits(chunk, METHOD, best[METHOD]) &&
        this.#fits(chunk, PATH, best[PATH]) &&
        this.#fits(chunk, REQUEST, best[REQUEST])
      )
        return (this.#last = selection);
    }
    return this.#selectAnew(chunk);
  }

  /** A program's own name for a field of an object (`httpRequest.remoteIp`) hides what that object shares with others (`request.remoteIp`): both are read. */
  #readShadows(): void {
    this.#isComplete = true;
    for (const [id, behind] of keys.root.shadows()) {
      if (this.#slots[id] !== -1 || this.#slots[behind] === -1) continue;
      this.#slots[id] = this.#slots[behind];
      this.#ranks[id] = this.#ranks[behind];
      this.#units[id] = this.#units[behind];
      this.#needs[id] = this.#needs[behind];
    }
  }

  #selectAnew(chunk: Chunk): Selection {
    if (!this.#isComplete && this.#byNames) this.#readShadows();
    const { ids, starts, ends, kinds, nothing, count } = values;
    const best = this.#best.fill(-1);
    this.code = NO_CODE;
    let points = 0,
      isSettled = true,
      isMeasured = false;
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
        if (held !== -1 && !(code >= 0 && (this.code < 0 || this.#ranks[id] < this.#ranks[ids[held]]))) continue;
        this.code = code;
        best[CODE] = i;
        continue;
      }
      if (!this.#fits(chunk, slot, i)) {
        isSettled = false;
        if (slot === PATH && isOtherProtocol(chunk.bytes, starts[i], ends[i])) {
          best[CODE] = -1;
          this.code = NO_CODE;
          return this.#selection(chunk, best, 0, false, false);
        }
        // some call the method the request, and the request line the URI
        if ((slot === REQUEST || slot === METHOD) && best[METHOD] === -1 && isMethod(chunk.bytes, starts[i], ends[i])) {
          best[METHOD] = i;
          // `card`, `clone`, `publickey`: what is no method of HTTP makes it another thing's record, unless it is in capitals as scanners send them
          if (slot === METHOD && chunk.bytes[starts[i]] >= LOWER_A) points += STRANGE_POINTS;
        } else if (
          slot === PATH &&
          best[REQUEST] === -1 &&
          isText(kinds[i]) &&
          isRequest(chunk.bytes, starts[i], ends[i])
        ) {
          best[REQUEST] = i;
          points += POINTS[REQUEST];
        }
        continue;
      }
      if (held !== -1) {
        if (this.#ranks[id] < this.#ranks[ids[held]]) best[slot] = i;
        continue;
      }
      best[slot] = i;
      points += POINTS[slot];
      if (MEASURED[slot] === 1) isMeasured = true;
    }
    return this.#selection(chunk, best, points, isMeasured || !this.#mustBeMeasured, isSettled && best[CODE] !== -1);
  }

  #selection(chunk: Chunk, best: Int16Array, points: number, isMeasured: boolean, isSettled: boolean): Selection {
    const copied: number[] = [];
    for (let slot = 0; slot < FIELDS.length; slot++)
      if (best[slot] !== -1 && slot !== METHOD && slot !== PATH && slot !== HOST) copied.push(slot);
    const unitOf = (slot: number): number => (best[slot] === -1 ? NaN : this.#units[values.ids[best[slot]]]);
    const need = best[CODE] === -1 ? 0 : this.#needs[values.ids[best[CODE]]];
    const hasRequest =
      best[REQUEST] !== -1 || (best[METHOD] !== -1 && this.#fits(chunk, METHOD, best[METHOD]) && best[PATH] !== -1);
    let asides = 0;
    for (let i = 0; i < values.count; i++) if (values.nothing[i] === 0) asides |= this.#asides[values.ids[i]];
    const signs =
      (hasRequest ? REQUEST_SIGN : 0) |
      (stands(need, points, hasRequest) ? ENOUGH : 0) |
      (isMeasured ? MEASURED_SIGN : 0) |
      (best[SESSION] === -1 ? 0 : SESSION_SIGN) |
      ((asides & EXCEPTION_SIDE) === 0 ? 0 : EXCEPTION_SIGN);
    const selection = {
      shape: isSettled ? values.shape : -1,
      best: isSettled ? best.slice() : best,
      copied,
      points,
      need,
      signs,
      isServed: isSettled && unserved(signs) === undefined && !this.#hangsOnValues({ best, asides }, hasRequest),
      asides,
      durationUnitMs: unitOf(DURATION),
      timeUnitMs: unitOf(RESPONSE_TIME),
    };
    if (isSettled) {
      if (this.#selections.size === SELECTIONS_MAX) this.#selections.clear();
      this.#selections.set(values.shape, selection);
    }
    return selection;
  }

  /** May the values add a sign that speaks against a request served? */
  #hangsOnValues(selected: Pick<Selection, 'best' | 'asides'>, hasRequest: boolean): boolean {
    if (!hasRequest && (this.#isAnybodys || selected.best[PROTOCOL] !== -1)) return true;
    return this.#isAnybodys && mayBeOutgoing(selected);
  }

  /** Is the value at `i` (-1: there is none) one that the slot can have? */
  #fits(chunk: Chunk, slot: number, i: number): boolean {
    if (i === -1) return true;
    if (slot === METHOD)
      return this.#byNames
        ? isHttpMethod(chunk.bytes, values.starts[i], values.ends[i])
        : isMethod(chunk.bytes, values.starts[i], values.ends[i]);
    if (slot === PATH) return isText(values.kinds[i]) && isPath(chunk.bytes, values.starts[i], values.ends[i]);
    return slot !== REQUEST || (isText(values.kinds[i]) && isRequest(chunk.bytes, values.starts[i], values.ends[i]));
  }
}

/** Does enough stand beside a code that needs this much? */
const stands = (need: number, points: number, hasRequest: boolean): boolean =>
  need === FAINT ? hasRequest && points > 0 : points >= need;

/** A number or an object is neither a path nor a request line. */
const isText = (kind: number): boolean => kind !== CONTAINER && kind !== BARE;

/** What proxies write "-" for when it never happened: that, too, is evidence. */
const isEvidence = (slot: number): boolean =>
  slot === UPSTREAM || slot === UPSTREAM_STATUS || (slot > SOURCE && slot < ROUTE);
