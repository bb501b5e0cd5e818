// MessagePack bodies of Fluent Bit (`format msgpack`: [time, record] pairs) and Fluentd (records alone), one after another. A
// record is read as the JSON object it would have been.
import { ExtensionCodec, decodeMulti } from '@msgpack/msgpack';
import { errors } from '../errors.ts';
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

/** Counts the records of a body, one after another. Throws errors.undecodable. */
export function countMsgpack(body: Buffer, batch: Batch): void {
  const values = decodeMulti(body, LIMITS);
  for (;;) {
    let next: IteratorResult<unknown>;
    try {
      next = values.next();
    } catch (error) {
      throw errors.undecodable(`The body is not MessagePack: ${(error as Error).message}`);
    }
    if (next.done) return;
    count(next.value, batch);
  }
}

function count(value: unknown, batch: Batch): void {
  // [time, record], [[time, metadata], record], or several of them in an array
  if (Array.isArray(value) && value.length === 2 && isRecord(value[1]) && !isRecord(value[0])) {
    const [time] = Array.isArray(value[0]) ? (value[0] as unknown[]) : [value[0]];
    return batch.text(toJson(value[1]), { ts: typeof time === 'number' && time > 0 ? time * 1000 : undefined });
  }
  if (Array.isArray(value)) for (const item of value) batch.text(toJson(item));
  else batch.text(toJson(value));
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Older agents write text as raw bytes. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (v instanceof Uint8Array ? Buffer.from(v).toString('utf8') : v)) ?? 'null';
