// MessagePack bodies of Fluent Bit (`format msgpack`: [time, record] pairs) and Fluentd (records alone), one after another. A
// record is read as the JSON object it would have been.
import { ExtensionCodec, decode } from '@msgpack/msgpack';
import { LINE_TOO_LONG, rejected } from '../formats/misses.ts';
import type { Allowance } from './allowance.ts';
import type { Batch } from './batch.ts';
import { LINE_BYTES_MAX } from './body-kind.ts';
import { MsgpackScan } from './msgpack-scan.ts';

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
const OPTIONS = { extensionCodec, useBigInt64: false };

const UNREADABLE = rejected(
  'msgpack-bad',
  'MessagePack record that is no JSON: nested too deep, or a length too large',
);

/** Counts the records of a body, one after another; yields between them. Throws errors.undecodable and tooManyRecords. */
export function* countMsgpack(body: Buffer, batch: Batch, allowance: Allowance): Generator<undefined, void> {
  const scan = new MsgpackScan(body);
  while (!scan.isAtEnd) {
    const from = scan.at;
    const { kind, count } = scan.head();
    if (kind === 'array' && !(count === 2 && (yield* isPair(body, scan.at)))) {
      for (let i = 0; i < count; i++) yield* countRecord(body, scan, scan.at, batch, allowance);
    } else {
      scan.at = from;
      yield* countRecord(body, scan, from, batch, allowance);
    }
  }
}

/** [time, record] or [[time, metadata], record], whose first item begins here; other arrays hold records. */
function* isPair(body: Buffer, at: number): Generator<undefined, boolean> {
  const scan = new MsgpackScan(body);
  scan.at = at;
  if (scan.head().kind === 'map') return false;
  scan.at = at;
  yield* scan.skip();
  return scan.head().kind === 'map';
}

function* countRecord(
  body: Buffer,
  scan: MsgpackScan,
  from: number,
  batch: Batch,
  allowance: Allowance,
): Generator<undefined, void> {
  allowance.record();
  yield* scan.skip();
  const bytes = body.subarray(from, scan.at);
  if (bytes.length > LINE_BYTES_MAX) batch.miss(LINE_TOO_LONG, '');
  else count(bytes, batch);
  yield;
}

function count(bytes: Buffer, batch: Batch): void {
  let text: string, ts: number | undefined;
  try {
    const value = decode(bytes, OPTIONS);
    const [head, record] =
      Array.isArray(value) && value.length === 2 && isRecord(value[1]) && !isRecord(value[0])
        ? (value as unknown[])
        : [undefined, value];
    const [time] = Array.isArray(head) ? (head as unknown[]) : [head];
    if (typeof time === 'number' && time > 0) ts = time * 1000;
    text = toJson(record);
  } catch {
    return batch.miss(UNREADABLE, '');
  }
  batch.text(text, { ts });
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Older agents write text as raw bytes. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (v instanceof Uint8Array ? Buffer.from(v).toString('utf8') : v)) ?? 'null';
