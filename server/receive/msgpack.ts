// MessagePack bodies of Fluent Bit (`format msgpack`: [time, record] pairs) and Fluentd (records alone), one after another. A
// record is read as the JSON object it would have been.
import { ExtensionCodec, decodeMulti } from '@msgpack/msgpack';
import { errors } from '../errors.ts';
import type { Allowance } from './allowance.ts';
import type { Batch } from './batch.ts';

export const isMsgpack = (contentType: string | undefined): boolean =>
  /^application\/(x-)?msgpack\b/i.test(contentType ?? '');

// Fluentd's EventTime: seconds and nanoseconds, each 32 bits, big-endian.
const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: 0,
  encode: () => null,
  decode: (data) => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return data.length >= 8 ? view.getUint32(0) + view.getUint32(4) / 1e9 : undefined;
  },
});
/** Lengths are announced before they are there: what no record has is refused instead of made room for. */
const LIMITS = {
  extensionCodec,
  useBigInt64: false,
  maxArrayLength: 100_000,
  maxMapLength: 10_000,
  maxExtLength: 1024,
};

/** One byte may be an object here, so less is taken at once; Fluent Bit sends some 2 MiB. */
export const MSGPACK_BYTES_MAX = 16 * 1024 * 1024;

/** Counts the records of a body, one after another; yields between them. Throws errors.undecodable and tooManyRecords. */
export function* countMsgpack(body: Buffer, batch: Batch, allowance: Allowance): Generator<undefined, void> {
  const values = decodeMulti(body, LIMITS);
  for (;;) {
    let next: IteratorResult<unknown>;
    try {
      next = values.next();
    } catch (error) {
      throw errors.undecodable(`The body is not MessagePack: ${(error as Error).message}`);
    }
    if (next.done) return;
    yield* count(next.value, batch, allowance);
  }
}

function* count(value: unknown, batch: Batch, allowance: Allowance): Generator<undefined, void> {
  // [time, record], [[time, metadata], record], or several of them in an array
  const isPair = Array.isArray(value) && value.length === 2 && isRecord(value[1]) && !isRecord(value[0]);
  if (isPair || !Array.isArray(value)) {
    allowance.record();
    if (isPair) countPair(value as [unknown, unknown], batch);
    else batch.text(toJson(value));
    return yield;
  }
  for (const item of value) {
    allowance.record();
    batch.text(toJson(item));
    yield;
  }
}

function countPair([head, record]: readonly [unknown, unknown], batch: Batch): void {
  const [time] = Array.isArray(head) ? (head as unknown[]) : [head];
  batch.text(toJson(record), { ts: typeof time === 'number' && time > 0 ? time * 1000 : undefined });
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Older agents write text as raw bytes. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (v instanceof Uint8Array ? Buffer.from(v).toString('utf8') : v)) ?? 'null';
