// What a JSON stream has taught: after the value of this key, in this object, comes `,"status":`. Lines of one stream have the same keys in
// the same order, so a right guess costs a comparison of words.
import type { Key, Place } from './keys.ts';
import { Literal } from '../bytes/literal.ts';
import { ASCII } from '../bytes/ascii.ts';

const { QUOTE } = ASCII;

/** Objects deeper than this are not looked into (they are skipped whole, at any depth). */
const DEPTH_MAX = 8;
/** Guesses kept after one key: streams mix a few shapes of lines. */
const EDGES_MAX = 4;
/** Longer key texts are not worth predicting. */
const EDGE_BYTES_MAX = 128;

/** The id of keys nobody asks for. */
export const UNREAD = -2;
/** The id of no key: the object's end, or where it breaks. */
export const ENDED = -3;

/** What stands between a value and the next, and which key it holds. */
interface Edge {
  /** Up to the value; when that is a string (1), its opening quote is part of it. */
  readonly text: Literal;
  readonly length: number;
  readonly isString: number;
  readonly to: Node;
}

/** A key in an object in an object…: where a value was or will be read. */
export class Node {
  readonly id: number;
  readonly frame: Frame;
  readonly inside: Place | undefined;
  /** The best guess at what follows. */
  edge: Edge | undefined;
  readonly #others: Edge[] = [];
  #insideFrame: Frame | undefined;

  constructor(key: Key, frame: Frame) {
    this.id = key.id;
    this.frame = frame;
    this.inside = frame.depth < DEPTH_MAX ? key.inside : undefined;
  }

  enter(): Frame {
    return (this.#insideFrame ??= new Frame(this.inside!, this.frame));
  }

  /** The best guess was wrong: one of the others, which is now the best. */
  guess(view: DataView, at: number, end: number): Edge | undefined {
    for (let i = 0; i < this.#others.length; i++) {
      const edge = this.#others[i];
      if (!edge.text.isAt(view, at, end)) continue;
      this.#others[i] = this.edge!;
      return (this.edge = edge);
    }
    return undefined;
  }

  /** bytes[start, end) led to this node. */
  learn(bytes: Buffer, start: number, end: number, to: Node): void {
    const isString = bytes[end] === QUOTE && to.id !== ENDED ? 1 : 0;
    const length = end - start + isString;
    if (length > EDGE_BYTES_MAX) return;
    if (this.edge !== undefined) {
      if (this.#others.length === EDGES_MAX - 1) this.#others.pop();
      this.#others.unshift(this.edge);
    }
    this.edge = { text: new Literal(Buffer.from(bytes.subarray(start, start + length))), length, isString, to };
  }
}

/** An object being read. */
export class Frame {
  readonly place: Place;
  readonly parent: Frame | undefined;
  readonly depth: number;
  readonly nodes = new Map<Key, Node>();

  constructor(place: Place, parent: Frame | undefined) {
    this.place = place;
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }
}

/** Where a line begins: at no key, outside of its object. */
export const topNode = (root: Place): Node =>
  new Node({ raw: Buffer.alloc(0), id: UNREAD, inside: root }, new Frame(root, undefined));

/** Where nothing follows. */
export const endNode = (root: Place): Node =>
  new Node({ raw: Buffer.alloc(0), id: ENDED, inside: root }, new Frame(root, undefined));
