// The reader behind every declared format: literals with fields between them. A field ends where the next literal begins; when that
// reading does not fit (an unquoted text that contains the literal), the rest of the line is read once more from its end.
import { CLIENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Miss, Reader } from '../format.ts';
import { BAD_TIME, NO_STATUS, rejected } from '../misses.ts';
import { timeBefore } from '../bytes/leading-fields.ts';
import { closingQuote, isDigit, listEnd, startsWith, tokenEnd } from '../bytes/scanner.ts';
import { Moment } from '../bytes/strptime.ts';
import { TimeReader } from '../bytes/times.ts';
import type { Template } from './template.ts';
import { MISFIT, msOf, skipSpace, takeField } from './template-field.ts';
import {
  ANY_TIME,
  CLF,
  CLIENT_,
  DURATION,
  EVIDENCE,
  ISO,
  LIST,
  LOOSE,
  NOTHING,
  PADDED,
  SIZE,
  STRPTIME,
  TIME,
  TO_BYTE,
  TO_LITERAL,
  TO_QUOTE,
  stepOf,
  type Step,
} from './template-step.ts';
import { ASCII } from '../bytes/ascii.ts';

const { COMMA, DOT, SPACE } = ASCII;

/** Fields are short: looking this far byte by byte saves a call of the engine's search. */
const NEAR_BYTES = 24;

export class TemplateReader implements Reader {
  readonly #prefix: string;
  readonly #noPrefix: Miss;
  readonly #json: boolean;
  readonly #timeUnitMs: number;
  readonly #steps: readonly Step[];
  /** Steps up to the last that anybody needs. */
  readonly #needed: number;
  readonly #time = new TimeReader();
  readonly #moment = new Moment();
  #takesMisfits = false;
  #timeFrom = -1;
  #ms = NaN;
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(template: Template) {
    this.#prefix = template.prefix;
    this.#noPrefix = rejected('no-prefix', 'the line does not begin with {}', JSON.stringify(template.prefix));
    this.#json = template.json === true;
    this.#timeUnitMs = template.timeUnitMs ?? 1000;
    this.#steps = template.slots.map(stepOf);
    this.#needed = this.#steps.findLastIndex(({ use }) => use.as !== 'nothing') + 1;
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    if (chunk.bytes !== this.#bytes) {
      const { bytes } = chunk;
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    if (this.#prefix !== '' && !startsWith(chunk.bytes, start, end, this.#prefix)) return this.#noPrefix;
    if (this.#moment.any) this.#moment.clear();
    this.#timeFrom = -1;
    let at = start + this.#prefix.length;
    const steps = this.#steps,
      needed = this.#needed;
    for (let i = 0; i < needed; i++) {
      const step = steps[i];
      const plain = step.isPlain === 1 ? this.#plain(step, chunk.bytes, at, end, hit) : -1;
      if (plain !== -1) {
        at = plain + step.skip;
        continue;
      }
      const stop = at > end ? -1 : this.#end(step, chunk, at, end);
      const miss = stop === -1 ? step.missing : this.#take(step, chunk, at, stop, hit);
      if (miss !== undefined && !(miss === MISFIT && this.#takesMisfits))
        return miss === NO_STATUS ? miss : this.#otherwise(chunk, start, end, hit, i, miss);
      at = stop + step.skip;
    }
    return this.#done(hit);
  }

  /** From the line's end; where that does not fit either, a text in place of a number costs no more than the number. */
  #otherwise(chunk: Chunk, start: number, end: number, hit: Hit, broken: number, miss: Miss): Miss | undefined {
    const behind = this.#fromBehind(chunk, start, end, hit, broken, miss);
    if (behind === undefined || miss !== MISFIT) return behind;
    hit.reset(chunk.bytes);
    this.#takesMisfits = true;
    const read = this.read(chunk, start, end, hit);
    this.#takesMisfits = false;
    return read;
  }

  #done(hit: Hit): Miss | undefined {
    hit.timeUnitMs = this.#timeUnitMs;
    return this.#moment.any ? this.#setMoment(hit) : undefined;
  }

  #setMoment(hit: Hit): Miss | undefined {
    hit.ts = this.#moment.value;
    return hit.ts === hit.ts ? undefined : BAD_TIME;
  }

  /** Takes a field that looks as it nearly always does, in one pass, and says where it ends; -1 when it looks otherwise. */
  #plain(step: Step, b: Uint8Array, at: number, end: number, hit: Hit): number {
    let stop = at;
    switch (step.take) {
      case NOTHING:
      case EVIDENCE: {
        const { byte } = step;
        const near = at + NEAR_BYTES < end ? at + NEAR_BYTES : end;
        while (stop < near && b[stop] !== byte) stop++;
        break;
      }
      case CLIENT_:
        while (stop < end && b[stop] >= DOT && b[stop] <= 57) stop++; // 203.0.113.7
        if (stop === at) return -1;
        break;
      case CLF:
      case ISO: {
        const ms = this.#readTime(step.take, b, at, end);
        if (ms !== ms) return -1;
        stop = this.#time.end;
        break;
      }
      default:
        return this.#plainNumber(step, b, at, end, hit);
    }
    if (!step.bytes.isAt(this.#view, stop, end)) return -1;
    if (step.take === CLF || step.take === ISO) hit.ts = this.#ms;
    else if (step.take === CLIENT_) hit.set(CLIENT, at, stop);
    else if (stop > at && step.take === EVIDENCE) hit.set(step.field, at, stop);
    return stop;
  }

  #plainNumber(step: Step, b: Uint8Array, at: number, end: number, hit: Hit): number {
    let stop = at,
      n = 0,
      scale = 1;
    for (; stop < end && isDigit(b[stop]); stop++) n = n * 10 + b[stop] - 48;
    if (step.take === DURATION && stop < end && b[stop] === DOT && stop > at) {
      for (stop++; stop < end && isDigit(b[stop]); stop++, scale *= 10) n = n * 10 + b[stop] - 48;
    }
    if (stop === at || !step.bytes.isAt(this.#view, stop, end)) return -1;
    if (step.take === DURATION) hit.durationMs = msOf(n / scale, step);
    else if (step.take === SIZE) hit.size = n;
    else if (stop - at === 3) hit.code = n;
    else return -1;
    return stop;
  }

  /** Where the field that begins at `at` ends; -1 when the literal after it is not there. */
  #end(step: Step, chunk: Chunk, at: number, end: number): number {
    const b = chunk.bytes,
      view = this.#view;
    switch (step.how) {
      case TO_BYTE: {
        const { byte } = step;
        let stop = at;
        while (stop < end && (b[stop] !== byte || (byte === COMMA && step.take === EVIDENCE && b[stop + 1] === SPACE)))
          stop++;
        if (step.take === CLIENT_ && byte === SPACE && b[stop - 1] === COMMA) stop = listEnd(b, stop, end); // a list of forwarders
        if (step.bytes.isAt(view, stop, end)) return stop;
        return step.take === EVIDENCE ? step.needle.find(chunk, stop, end) : -1; // a list, in a format whose columns stand between commas
      }
      case PADDED: {
        let stop = at;
        while (stop < end && b[stop] === SPACE) stop++;
        while (stop < end && !step.bytes.isAt(view, stop, end)) stop++;
        return stop < end ? stop : -1;
      }
      case TO_QUOTE: {
        for (
          let stop = closingQuote(step.needle, chunk, at, end);
          stop !== -1;
          stop = step.needle.find(chunk, stop + 1, end)
        ) {
          if (step.bytes.isAt(view, stop, end)) return stop;
        }
        return -1;
      }
      case LIST: {
        const stop = listEnd(b, tokenEnd(b, at, end), end);
        return step.bytes.isAt(view, stop, end) ? stop : -1;
      }
      case TIME: {
        const ms = this.#readTime(step.take, b, at, end);
        if (ms === ms && step.bytes.isAt(view, this.#time.end, end)) return this.#time.end;
        return step.literal === '' ? end : step.needle.find(chunk, at, end);
      }
      case TO_LITERAL: {
        const { byte } = step;
        const near = at + NEAR_BYTES < end ? at + NEAR_BYTES : end;
        for (let stop = at; stop < near; stop++) if (b[stop] === byte && step.bytes.isAt(view, stop, end)) return stop;
        return step.needle.find(chunk, near, end);
      }
      default:
        return end;
    }
  }

  /** Remembers where it read, so that finding the end of a time and taking it is one reading. */
  #readTime(take: number, b: Uint8Array, from: number, to: number): number {
    this.#timeFrom = from;
    return (this.#ms =
      take === CLF
        ? this.#time.clf(b, from, to)
        : take === ISO
          ? this.#time.iso(b, from, to)
          : this.#time.epoch(b, from, to));
  }

  #take(step: Step, chunk: Chunk, from: number, to: number, hit: Hit): Miss | undefined {
    return step.isTime === 1
      ? this.#takeTime(step, chunk.bytes, from, to, hit)
      : takeField(step, chunk, from, to, hit, this.#json);
  }

  #takeTime(step: Step, b: Uint8Array, from: number, to: number, hit: Hit): Miss | undefined {
    if (step.how === PADDED) from = skipSpace(b, from, to);
    if (step.take === ANY_TIME) {
      hit.ts = timeBefore(this.#time, b, from, to);
      return undefined;
    }
    if (step.take === STRPTIME) return step.strptime!.read(b, from, to, this.#moment) ? undefined : BAD_TIME;
    if (from !== this.#timeFrom || to !== this.#time.end) this.#readTime(step.take, b, from, to);
    if (this.#ms !== this.#ms) return BAD_TIME;
    hit.ts = this.#ms;
    return undefined;
  }

  /**
   * The reading broke at step `broken`. If a text without quotes stands before it, that text may hold its own literal: read the steps
   * behind it from the line's end, and let it have what is left. One more pass, so linear.
   */
  #fromBehind(chunk: Chunk, start: number, end: number, hit: Hit, broken: number, miss: Miss): Miss | undefined {
    const pivot = this.#steps.findLastIndex((step, i) => i < broken && LOOSE.has(step.use.as) && step.literal !== '');
    if (pivot === -1) return miss;
    hit.reset(chunk.bytes);
    this.#moment.clear();
    let at = start + this.#prefix.length;
    for (let i = 0; i < pivot; i++) {
      const stop = this.#end(this.#steps[i], chunk, at, end);
      if (stop === -1 || this.#take(this.#steps[i], chunk, at, stop, hit) !== undefined) return miss;
      at = stop + this.#steps[i].skip;
    }
    const line = chunk.text.slice(start, end);
    let stop = line.length;
    for (let i = this.#steps.length - 1; i >= pivot; i--) {
      const step = this.#steps[i];
      if (i === this.#steps.length - 1 && step.literal !== '') {
        if (!line.endsWith(step.literal)) return miss;
        stop -= step.literal.length;
      }
      const previous = this.#steps[i - 1];
      const before = i === pivot ? '' : previous.literal;
      const found = i === pivot ? at - start : stop === 0 ? -1 : line.lastIndexOf(before, stop - before.length);
      if (found === -1 || found + start < at) return miss;
      const failed = this.#take(step, chunk, start + found + (i === pivot ? 0 : previous.skip), start + stop, hit);
      if (failed !== undefined) return failed === NO_STATUS ? failed : miss;
      stop = found;
    }
    return this.#done(hit);
  }
}
