// Messages in JSON. A first pass over the bytes holds the limits and the brackets; then values are made where they are looked at,
// with the names that are asked for: names that a sender makes up cost nothing.
import { ASCII } from '../core/ascii.ts';
import type { Allowance } from './allowance.ts';
import { bomLength } from './body-kind.ts';
import { checkJson, JsonScan } from './json-scan.ts';
import { Malformed, VALUE_BYTES_MAX, type Message, type Shape, type Tree } from './message.ts';
import { turns } from './turns.ts';

const { QUOTE, COMMA, COLON, BRACKET, BRACKET_END, BRACE, BRACE_END } = ASCII;

/** Values of this length take long enough that others may want their turn. */
const LONG_BYTES = 8192;

/** Throws Malformed and errors.tooManyRecords. */
export async function jsonMessage(bytes: Buffer, shape: Shape, allowance: Allowance): Promise<Message> {
  await turns.runAll(checkJson(bytes, allowance));
  const text: Text = {
    bytes,
    names: new Set([...shape.fields, ...Object.keys(shape.lists)]),
    lists: shape.lists,
    singles: shape.singles ?? [],
    raw: shape.raw ?? [],
  };
  const message = new JsonMessage(text, new JsonScan(bytes, bomLength(bytes)), VALUE_BYTES_MAX);
  await message.read();
  if (message.value === undefined) throw new Malformed('The body holds a value that is too large');
  return message;
}

interface Text {
  readonly bytes: Buffer;
  readonly names: ReadonlySet<string>;
  readonly lists: Shape['lists'];
  readonly singles: readonly string[];
  readonly raw: readonly string[];
}

class JsonMessage implements Message {
  value: unknown;
  readonly #text: Text;
  readonly #scan: JsonScan;
  readonly #bytesMax: number;
  /** Where each list begins. */
  readonly #lists = new Map<string, number>();

  /** `scan` is moved past the message by `read`. */
  constructor(text: Text, scan: JsonScan, bytesMax: number) {
    this.#text = text;
    this.#scan = scan;
    this.#bytesMax = bytesMax;
  }

  async read(): Promise<void> {
    const scan = this.#scan;
    if (scan.peek() !== BRACE) {
      this.value = this.#make(this.#bytesMax);
      if (this.value === undefined) await this.#skip();
      return;
    }
    const tree: Record<string, unknown> = {};
    let left = this.#bytesMax;
    for (scan.at++; scan.peek() !== BRACE_END; scan.take(COMMA, BRACE_END)) {
      const name = scan.name();
      scan.expect(COLON);
      const first = scan.peek(),
        from = scan.at;
      if (Object.hasOwn(this.#text.lists, name) && (first === BRACKET || first === BRACE)) {
        this.#lists.set(name, from);
        await this.#skip();
      } else if (first === QUOTE && this.#text.raw.includes(name)) {
        await this.#skip();
        tree[name] = this.#text.bytes.subarray(from + 1, scan.at - 1);
      } else if (!this.#text.names.has(name) || left < 0) await this.#skip();
      else {
        const value = this.#make(left);
        if (value === undefined) await this.#skip();
        else tree[name] = value;
        left = value === undefined ? -1 : left - (scan.at - from);
        const due = scan.at - from > LONG_BYTES ? turns.due() : undefined;
        if (due !== undefined) await due;
      }
    }
    scan.at++;
    this.value = left < 0 ? undefined : tree;
  }

  has(list: string): boolean {
    return this.#lists.has(list);
  }

  async *items(list: string): AsyncGenerator<Message> {
    const at = this.#lists.get(list);
    const isSingle = this.#text.singles.includes(list);
    const given = at === undefined ? (this.value as Tree | undefined)?.[list] : undefined;
    const scan = new JsonScan(this.#text.bytes, at ?? 0);
    const isWrong =
      at === undefined ? given !== undefined && given !== null : scan.peek() !== (isSingle ? BRACE : BRACKET);
    if (isWrong) throw new Malformed(`${list} must be an ${isSingle ? 'object' : 'array'}`);
    if (at === undefined) return;
    if (isSingle) return yield await this.#item(list, scan);
    for (scan.at++; scan.peek() !== BRACKET_END; scan.take(COMMA, BRACKET_END)) {
      yield await this.#item(list, scan);
      const due = turns.due();
      if (due !== undefined) await due;
    }
  }

  async #item(list: string, scan: JsonScan): Promise<Message> {
    const item = new JsonMessage(this.#text, scan, this.#text.lists[list]);
    await item.read();
    return item;
  }

  /** The value at hand, or undefined, with nothing moved, when it has more bytes. */
  #make(bytesMax: number): unknown {
    const scan = this.#scan,
      from = scan.at;
    const value = scan.value(this.#text.names, from + bytesMax);
    if (value === undefined) scan.at = from;
    return value;
  }

  #skip(): Promise<void> | undefined {
    return turns.runAll(this.#scan.skip());
  }
}
