// Finds the known keys of a JSON line as byte ranges, in one pass and without making strings. Lines of one stream have the
// same keys in the same order, so the scanner predicts: after the value of this key, in this object, comes `,"status":`.
// A right guess costs a comparison of words; a wrong one a look at the key. It takes what proxies really write: `009`, a bare
// `-`, nothing at all, bare lists, quotes inside strings, trailing commas, lines cut short.
import type { Chunk } from '../format.ts';
import { bareEnd, openOf, skipBlank, skipContainer } from './json-bytes.ts';
import { ENDED, endNode, Node, topNode, UNREAD, type Frame } from './json-nodes.ts';
import type { Keys } from './keys.ts';
import { NOWHERE } from '../bytes/scanner.ts';
import { BARE, CONTAINER, ESCAPED, PLAIN, type Values } from './values.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BACKSLASH, BRACE, BRACE_END, BRACKET, COLON, COMMA, QUOTE, SPACE } = ASCII;

/** Most values are short, times among them: looking this far word by word saves a call of the engine's search. */
const NEAR_BYTES = 28;
/** Past this many distinct (object, key) pairs the memory of shapes starts again from nothing. */
const NODES_MAX = 4096;
/** Keys of one line that are not those predicted. A record has fewer; behind so many it is not looked at. */
const SEARCHES_MAX = 512;

export class JsonScanner {
  readonly values: Values;
  /** Where the object ended. */
  rest = 0;
  #isWhole = false;
  readonly #keys: Keys;
  #top: Node;
  readonly #end: Node;
  readonly #broken: Node;
  #nodes = 0;
  /** Keys that had to be searched for on this line. */
  #searches = 0;

  /** Of the line scanned last, not all keys were looked at. */
  get isCut(): boolean {
    return this.#searches > SEARCHES_MAX;
  }

  #chunk: Chunk | undefined;
  #start = -1;
  #stop = -1;
  #line = -1;
  #isObject = false;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** The next backslash at or after #backslashFrom. */
  #backslash = -1;
  #backslashFrom = 0;

  #at = 0;
  /** The last value was a string: its index in values, or UNREAD when nobody asked for it, or -1. */
  #string = -1;

  constructor(keys: Keys, values: Values) {
    this.#keys = keys;
    this.values = values;
    this.#top = topNode(keys.root);
    this.#end = endNode(keys.root);
    this.#broken = endNode(keys.root);
  }

  /**
   * Read the object at [start, end) into `values`; false when there is none. What can be read of a broken or cut object is
   * there. The last line read is remembered, so that several formats may look at it for the price of one.
   */
  scan(chunk: Chunk, start: number, end: number): boolean {
    if (this.isAt(chunk, start, end)) return this.#isObject;
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#view = new DataView(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.length);
      this.#backslash = -1;
      this.#backslashFrom = 0;
    }
    this.#start = start;
    this.#stop = end;
    this.values.begin();
    this.#line = this.values.line;
    const at = openOf(chunk.bytes, start, end);
    this.#isObject = at !== -1;
    this.#searches = 0;
    if (at !== -1) this.#read(chunk, at, end);
    this.values.done();
    return this.#isObject;
  }

  /** Where the object at `start` ends; -1 when it does not, or is none. Scans nothing that was scanned last. */
  endOf(chunk: Chunk, start: number, end: number): number {
    return this.scan(chunk, start, end) && this.#isWhole ? this.rest : -1;
  }

  /** Does the object scanned last go on to the end of its line? Then no other follows it. */
  get isAll(): boolean {
    return this.rest >= this.#stop;
  }

  /** Was the line scanned last this one? */
  isAt(chunk: Chunk, start: number, end: number): boolean {
    return chunk === this.#chunk && start === this.#start && end === this.#stop && this.#line === this.values.line;
  }

  #read(chunk: Chunk, at: number, end: number): void {
    const { bytes, text } = chunk;
    const { values } = this;
    const view = this.#view;
    let node = this.#top;
    let p = at;
    let string = -1,
      unread = 0;
    let backslash = at < this.#backslashFrom ? -1 : this.#backslash;
    for (;;) {
      const edge = node.edge;
      let isString = 0;
      if (edge !== undefined && edge.text.isAt(view, p, end)) {
        node = edge.to;
        p += edge.length;
        isString = edge.isString;
      } else {
        this.#string = string;
        node = this.#step(chunk, node, p, end);
        p = this.#at;
        backslash = this.#backslash;
      }
      const { id } = node;
      if (id === ENDED) break;

      if (isString === 0) {
        if (p < end && bytes[p] <= SPACE) p = skipBlank(bytes, p, end);
        if (p < end && bytes[p] === QUOTE) {
          isString = 1;
          p++;
        }
      }
      if (isString === 1) {
        let close = -1;
        const near = p + NEAR_BYTES <= end ? p + NEAR_BYTES : p;
        for (let q = p; q < near; q += 4) {
          const word = view.getInt32(q, true) ^ 0x22222222;
          const zeros = (word - 0x01010101) & ~word & 0x80808080;
          if (zeros !== 0) {
            close = q + ((31 - Math.clz32(zeros & -zeros)) >> 3);
            break;
          }
        }
        if (close === -1) close = text.indexOf('"', near);
        let kind = PLAIN;
        if (close > backslash) {
          close = this.#closing(chunk, p, end);
          backslash = this.#backslash;
          if (backslash < close) kind = ESCAPED;
        }
        if (close === -1 || close >= end) break;
        if (id >= 0) {
          string = values.count;
          values.add(bytes, id, p, close, kind);
        } else {
          string = UNREAD;
          unread++;
        }
        p = close + 1;
        continue;
      }
      string = -1;
      const c = p < end ? bytes[p] : 0;
      if (c === BRACE && node.inside !== undefined) continue;
      if (c === BRACE || c === BRACKET) {
        const close = skipContainer(bytes, p, end);
        if (close === -1) break;
        if (id >= 0) values.add(bytes, id, p, close, CONTAINER);
        else unread++;
        p = close;
      } else {
        const close = this.#bare(bytes, id, p, end);
        if (close === -1) break;
        if (id < 0) unread++;
        p = close;
      }
    }
    values.unread = unread;
    this.rest = p;
    this.#isWhole = node === this.#end;
  }

  /** Takes the number, true, false or null at `p`, and says where it ends; -1 when the line does: `50` may have been `502`. */
  #bare(bytes: Buffer, id: number, p: number, end: number): number {
    const close = bareEnd(bytes, p, end);
    if (close === end) return -1;
    if (id < 0) return close;
    let last = close;
    while (last > p && bytes[last - 1] <= SPACE) last--;
    this.values.add(bytes, id, p, last, BARE);
    return close;
  }

  /** The quote that ends the string whose text begins at `from`, or -1. Afterwards #backslash is the first one at or after `from`. */
  #closing(chunk: Chunk, from: number, end: number): number {
    const { bytes, text } = chunk;
    if (this.#backslash < from || this.#backslashFrom > from) {
      const next = text.indexOf('\\', from);
      this.#backslash = next === -1 ? NOWHERE : next;
      this.#backslashFrom = from;
    }
    let close = text.indexOf('"', from);
    while (close !== -1 && close < end) {
      let slashes = close - 1;
      while (slashes >= from && bytes[slashes] === BACKSLASH) slashes--;
      if (((close - slashes) & 1) === 1) return close;
      close = text.indexOf('"', close + 1);
    }
    return -1;
  }

  /** From the value just read to the next key, the long way; remembers it. */
  #step(chunk: Chunk, from: Node, at: number, end: number): Node {
    const { bytes } = chunk;
    const guess = from.guess(this.#view, at, end);
    if (guess !== undefined) {
      this.#at = at + guess.length - guess.isString;
      return guess.to;
    }
    let p = at;
    let frame = from.frame;
    if (p < end && bytes[p] === BRACE && from.inside !== undefined) {
      frame = from.enter();
      p++;
    }
    for (;;) {
      p = skipBlank(bytes, p, end);
      const c = p < end ? bytes[p] : 0;
      if (c === COMMA) p++;
      else if (c === BRACE_END) {
        p++;
        frame = frame.parent!;
        if (frame.depth === 0) {
          this.#at = p;
          return this.#remember(from, bytes, at, p, this.#end);
        }
      } else if (c === QUOTE && (p > at || from === this.#top)) {
        const node = this.#key(chunk, frame, p, end);
        return node === undefined ? this.#breakAt(p) : this.#remember(from, bytes, at, this.#at, node);
      } else if (this.#string !== -1 && p < end) {
        // a quote inside the string: it goes on to the next one, and the brackets passed were in it
        const close = this.#closing(chunk, p, end);
        if (close === -1) return this.#breakAt(p);
        if (this.#string !== UNREAD) this.values.extend(this.#string, close);
        at = p = close + 1;
        frame = from.frame;
      } else return this.#breakAt(p);
    }
  }

  /** The key at `at`; leaves #at where its value begins. */
  #key(chunk: Chunk, frame: Frame, at: number, end: number): Node | undefined {
    const { bytes } = chunk;
    const close = this.#closing(chunk, at + 1, end);
    if (close === -1) return undefined;
    let p = skipBlank(bytes, close + 1, end);
    if (p >= end || bytes[p] !== COLON) return undefined;
    p = skipBlank(bytes, p + 1, end);
    if (++this.#searches > SEARCHES_MAX) return undefined;
    const key = this.#keys.find(frame.place, bytes, at + 1, close);
    let node = frame.nodes.get(key);
    if (node === undefined) {
      node = new Node(key, frame);
      this.#nodes++;
      frame.nodes.set(key, node);
    }
    this.#at = p;
    return node;
  }

  #breakAt(p: number): Node {
    this.#at = p;
    return this.#broken;
  }

  #remember(from: Node, bytes: Buffer, start: number, end: number, to: Node): Node {
    from.learn(bytes, start, end, to);
    if (this.#nodes > NODES_MAX) {
      this.#top = topNode(this.#keys.root);
      this.#nodes = 0;
    }
    return to;
  }
}
