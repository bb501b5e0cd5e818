// Bodies that are read into trees, bounded before they are: a few bytes on the wire become objects of a hundred here, and a small
// compressed body of empty ones would take gigabytes.
import protobuf from 'protobufjs';

/** The body is not what its path takes, or more than can be taken at once; the message goes back to the sender. */
export class Malformed extends Error {}

const TOO_MANY = 'The request holds too many objects; send smaller batches';
const OPEN_OBJECT = 0x7b,
  OPEN_ARRAY = 0x5b;
const LENGTH_DELIMITED = 2;
/** protobufjs refuses what is deeper. */
const NESTING_MAX = 100;

/** Throws Malformed. */
export function parseJson(body: Buffer, objectsMax: number): unknown {
  let objects = 0;
  for (const open of [OPEN_OBJECT, OPEN_ARRAY]) {
    for (let at = body.indexOf(open); at !== -1; at = body.indexOf(open, at + 1))
      if (++objects > objectsMax) throw new Malformed(TOO_MANY);
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Malformed(`The body is not JSON: ${(error as Error).message}`);
  }
}

/** Throws Malformed. */
export function parseProtobuf(body: Buffer, type: protobuf.Type, messagesMax: number): protobuf.Message {
  try {
    count(protobuf.Reader.create(body), type, body.length, { left: messagesMax }, 0);
    return type.decode(body);
  } catch (error) {
    throw error instanceof Malformed
      ? error
      : new Malformed(`The body is no protobuf ${type.name}: ${(error as Error).message}`);
  }
}

/** Walks the nested messages without making them. */
function count(
  reader: protobuf.Reader,
  type: protobuf.Type,
  end: number,
  budget: { left: number },
  depth: number,
): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (
      (tag & 7) !== LENGTH_DELIMITED ||
      !(field?.resolve().resolvedType instanceof protobuf.Type) ||
      depth > NESTING_MAX
    ) {
      reader.skipType(tag & 7);
      continue;
    }
    if (--budget.left < 0) throw new Malformed(TOO_MANY);
    const length = reader.uint32();
    count(reader, field.resolvedType as protobuf.Type, reader.pos + length, budget, depth + 1);
  }
}
