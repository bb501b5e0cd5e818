// Messages in protobuf. A first pass counts the nested messages without making them; then each is made when it is looked at.
import protobuf from 'protobufjs';
import { Failure } from '../errors.ts';
import type { Allowance } from './allowance.ts';
import { DEPTH_MAX, Malformed, VALUE_BYTES_MAX, type Message, type Shape } from './message.ts';
import { turns } from './turns.ts';

const LENGTH_DELIMITED = 2;
/** What begins a group, which no message of today has: its fields would be walked in one go. */
const GROUP = 3;
/** Fields between two places where a walk can be interrupted. */
const STEP_FIELDS = 4096;

/** A message type whose lists are not made with the message: they are taken out of `type`, and found by their numbers here. */
export interface ProtobufPlan {
  readonly type: protobuf.Type;
  /** By field number. */
  readonly messages: ReadonlyMap<
    number,
    { readonly name: string; readonly plan: ProtobufPlan; readonly isRepeated: boolean }
  >;
  readonly lists: Shape['lists'];
  /** Whether any of its fields is one of them. */
  hasLists: boolean;
}

/** Changes `type` and those in it. */
export function planOf(
  type: protobuf.Type,
  lists: Shape['lists'],
  made = new Map<protobuf.Type, ProtobufPlan>(),
): ProtobufPlan {
  const known = made.get(type);
  if (known !== undefined) return known;
  const messages = new Map<number, { name: string; plan: ProtobufPlan; isRepeated: boolean }>();
  const plan = { type, messages, lists, hasLists: false };
  made.set(type, plan);
  for (const field of type.fieldsArray) {
    const inner = field.resolve().resolvedType;
    if (inner instanceof protobuf.Type)
      messages.set(field.id, { name: field.name, plan: planOf(inner, lists, made), isRepeated: field.repeated });
  }
  for (const { name } of messages.values()) {
    if (!Object.hasOwn(lists, name)) continue;
    plan.hasLists = true;
    type.remove(type.fields[name]);
  }
  return plan;
}

/** Throws Malformed and errors.tooManyRecords. */
export async function protobufMessage(bytes: Buffer, plan: ProtobufPlan, allowance: Allowance): Promise<Message> {
  await turns.runAll(orMalformed(plan, new Walk(bytes, allowance).count(plan, bytes.length, 0)));
  const message = new ProtobufMessage(plan, bytes, VALUE_BYTES_MAX);
  await message.read();
  if (message.value === undefined) throw new Malformed('The body holds a value that is too large');
  return message;
}

class ProtobufMessage implements Message {
  value: unknown;
  readonly #plan: ProtobufPlan;
  readonly #bytes: Buffer;
  readonly #bytesMax: number;
  readonly #lists = new Set<string>();

  constructor(plan: ProtobufPlan, bytes: Buffer, bytesMax: number) {
    this.#plan = plan;
    this.#bytes = bytes;
    this.#bytesMax = bytesMax;
  }

  async read(): Promise<void> {
    let own = this.#bytes.length;
    if (this.#plan.hasLists) {
      await turns.runAll(
        this.#walk((name, length) => {
          own -= length;
          this.#lists.add(name);
        }),
      );
    }
    if (own <= this.#bytesMax) this.value = this.#make();
  }

  #make(): unknown {
    try {
      return this.#plan.type.decode(this.#bytes);
    } catch (error) {
      throw asMalformed(this.#plan, error);
    }
  }

  has(list: string): boolean {
    return this.#lists.has(list);
  }

  async *items(list: string): AsyncGenerator<Message> {
    if (!this.has(list)) return;
    const reader = protobuf.Reader.create(this.#bytes);
    for (let n = 0; reader.pos < this.#bytes.length; n++) {
      const tag = reader.uint32();
      const field = (tag & 7) === LENGTH_DELIMITED ? this.#plan.messages.get(tag >>> 3) : undefined;
      if (field?.name !== list) reader.skipType(tag & 7);
      else {
        const end = reader.uint32() + reader.pos;
        const item = new ProtobufMessage(field.plan, this.#bytes.subarray(reader.pos, end), this.#plan.lists[list]);
        reader.pos = end;
        await item.read();
        yield item;
      }
      const due = n % 16 === 0 ? turns.due() : undefined;
      if (due !== undefined) await due;
    }
  }

  /** Its own fields; tells of each that is an item of a list, and its length. */
  *#walk(found: (list: string, length: number) => void): Generator<undefined, void> {
    const reader = protobuf.Reader.create(this.#bytes);
    for (let n = 1; reader.pos < this.#bytes.length; n++) {
      if (n % STEP_FIELDS === 0) yield;
      const from = reader.pos,
        tag = reader.uint32();
      const field = (tag & 7) === LENGTH_DELIMITED ? this.#plan.messages.get(tag >>> 3) : undefined;
      reader.skipType(tag & 7);
      if (field !== undefined && Object.hasOwn(this.#plan.lists, field.name)) found(field.name, reader.pos - from);
    }
  }
}

/** Walks the nested messages without making them. */
class Walk {
  readonly #reader: protobuf.Reader;
  readonly #allowance: Allowance;
  /** Of all messages: each of them may have few. */
  #fields = 0;

  constructor(bytes: Buffer, allowance: Allowance) {
    this.#reader = protobuf.Reader.create(bytes);
    this.#allowance = allowance;
  }

  *count(plan: ProtobufPlan, end: number, depth: number): Generator<undefined, void> {
    const reader = this.#reader;
    while (reader.pos < end) {
      if (++this.#fields % STEP_FIELDS === 0) yield;
      const tag = reader.uint32(),
        kind = tag & 7;
      if (kind === GROUP) throw new RangeError('it has a group');
      const field = kind === LENGTH_DELIMITED ? plan.messages.get(tag >>> 3) : undefined;
      if (field === undefined || depth > DEPTH_MAX) {
        reader.skipType(kind);
        continue;
      }
      if (field.isRepeated) this.#allowance.record();
      const length = reader.uint32();
      if (reader.pos + length > end) throw new RangeError('a message in it is longer than what holds it');
      yield* this.count(field.plan, reader.pos + length, depth + 1);
    }
    if (reader.pos !== end) throw new RangeError('a field in it is longer than what holds it');
  }
}

function* orMalformed(plan: ProtobufPlan, walk: Generator<undefined, void>): Generator<undefined, void> {
  try {
    yield* walk;
  } catch (error) {
    throw asMalformed(plan, error);
  }
}

/** What protobufjs throws is the sender's mistake. */
const asMalformed = ({ type }: ProtobufPlan, error: unknown): unknown =>
  error instanceof Failure || error instanceof Malformed
    ? error
    : new Malformed(`The body is no protobuf ${type.name}: ${(error as Error).message}`);
