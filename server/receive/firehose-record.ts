// One record of a Firehose request: base64 of lines, or of CloudWatch Logs subscriptions, compressed or not. It may be as long as the
// request, so that all is done in pieces.
import { gunzipSync } from 'node:zlib';
import { ASCII } from '../core/ascii.ts';
import { Failure, errors } from '../errors.ts';
import type { Chunk } from '../formats/format.ts';
import { LINE_TOO_LONG, rejected, skipped } from '../formats/misses.ts';
import type { Allowance } from './allowance.ts';
import { base64In } from './base64.ts';
import type { Batch } from './batch.ts';
import type { FrameSink } from './cutter.ts';
import { gzipDecoder } from './decode.ts';
import type { Decoder, Take } from './decoder.ts';
import { jsonMessage } from './json-message.ts';
import { LineCutter } from './line-cutter.ts';
import { Malformed, VALUE_BYTES_MAX, type Message, type Shape, type Tree } from './message.ts';
import { cleanSource } from './source-name.ts';
import { turns } from './turns.ts';

const { QUOTE, BACKSLASH, BRACE, BRACE_END } = ASCII;

const BAD_GZIP = rejected('firehose-not-gzip', 'Firehose record that does not decompress');
const CONTROL = skipped('cloudwatch-control', 'CloudWatch Logs control message');

/** Smaller ones are unpacked at once: they cannot become more than a MiB. */
const STREAMED_FROM_BYTES = 1024;

/** `data`: what is between the quotes. Throws Malformed, and what an allowance throws. */
export async function countRecord(data: Buffer, batch: Batch, allowance: Allowance): Promise<void> {
  const body = new RecordBody(batch, allowance);
  const take: Take = (bytes) => body.write(bytes);
  let decoder: Decoder | undefined;
  try {
    for (const bytes of base64In(data)) {
      decoder ??= decoderOf(bytes, data.length, allowance, take);
      await decoder.write(bytes);
      const due = turns.due();
      if (due !== undefined) await due;
    }
    await decoder?.end();
  } catch (error) {
    if (error instanceof Failure && error.code === 'brokenEncoding') return batch.miss(BAD_GZIP, '');
    throw error;
  }
  await body.end();
}

function decoderOf(first: Buffer, length: number, allowance: Allowance, take: Take): Decoder {
  if (first[0] !== 0x1f || first[1] !== 0x8b)
    return { write: (bytes) => take(bytes) ?? undefined, end: () => undefined };
  if (length >= STREAMED_FROM_BYTES) return gzipDecoder(allowance, take);
  return { write: (bytes) => take(unzipped(bytes, allowance)) ?? undefined, end: () => undefined };
}

/** Throws errors.brokenEncoding. */
function unzipped(bytes: Buffer, allowance: Allowance): Buffer {
  let decoded: Buffer;
  try {
    decoded = gunzipSync(bytes);
  } catch (error) {
    throw errors.brokenEncoding((error as Error).message);
  }
  allowance.decoded(decoded.length);
  return decoded;
}

/** Lines, or subscriptions, which are told by how they begin and needed whole. */
class RecordBody implements FrameSink {
  readonly #batch: Batch;
  readonly #allowance: Allowance;
  readonly #lines = new LineCutter(this);
  readonly #step = (): boolean => this.#lines.step();
  #subscriptions: Buffer[] | undefined;
  #isTold = false;

  constructor(batch: Batch, allowance: Allowance) {
    this.#batch = batch;
    this.#allowance = allowance;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (!this.#isTold) {
      this.#isTold = true;
      if (bytes[0] === BRACE && bytes.subarray(0, 4096).includes('"messageType"')) this.#subscriptions = [];
    }
    if (this.#subscriptions === undefined) return this.#cut(bytes);
    this.#allowance.hold(bytes.length);
    this.#subscriptions.push(Buffer.from(bytes));
    return undefined;
  }

  #cut(bytes: Buffer): Promise<void> | undefined {
    if (bytes.length === 0) return undefined;
    this.#lines.give(bytes);
    return turns.run(this.#step);
  }

  async end(): Promise<void> {
    if (this.#subscriptions === undefined) return this.#lines.end();
    // A record of several compressed members holds as many subscriptions.
    for (const message of objectsIn(await joined(this.#subscriptions))) {
      const due = turns.due();
      if (due !== undefined) await due;
      if (message === undefined) continue;
      this.#allowance.record();
      const subscription = await cloudWatch(message, this.#allowance);
      if (subscription !== undefined) await countEvents(subscription, this.#batch);
      else {
        for (let at = 0; at < message.length; at += STEP_BYTES) await this.#cut(message.subarray(at, at + STEP_BYTES));
        this.#lines.end();
      }
    }
  }

  record(chunk: Chunk, start: number, end: number): void {
    this.#batch.line(chunk, start, end);
  }

  tooLong(beginning: string): void {
    this.#batch.miss(LINE_TOO_LONG, beginning);
  }

  quoted(): void {}
  blank(): void {}
}

/** One buffer of all of them. */
async function joined(pieces: readonly Buffer[]): Promise<Buffer> {
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    at += piece.copy(whole, at);
    const due = turns.due();
    if (due !== undefined) await due;
  }
  return whole;
}

async function countEvents(subscription: Message, batch: Batch): Promise<void> {
  const { messageType, logGroup } = subscription.value as Tree;
  if (messageType !== 'DATA_MESSAGE') return batch.miss(CONTROL, '');
  const source =
    batch.named(subscription.value) ?? cleanSource((typeof logGroup === 'string' ? logGroup : '').replace(/^.*\//, ''));
  for await (const { value } of subscription.items('logEvents')) {
    if (value === undefined) batch.miss(LINE_TOO_LONG, '', { source });
    else if (typeof value === 'object' && value !== null)
      batch.text(String((value as Tree).message), { source, ts: Number((value as Tree).timestamp) });
  }
}

/** Bytes between two places where work on them can be interrupted. */
const STEP_BYTES = 64 * 1024;

/** The objects that were put end to end in `bytes`, each with what follows it up to the next; undefined where it can be interrupted. */
function* objectsIn(bytes: Buffer): Generator<Buffer | undefined, void> {
  let start = 0,
    depth = 0,
    isString = false;
  for (let i = 0, stop = STEP_BYTES; i < bytes.length; i++) {
    if (i >= stop) {
      stop = i + STEP_BYTES;
      yield undefined;
    }
    const c = bytes[i];
    if (c === QUOTE) isString = !isString;
    else if (isString) i += c === BACKSLASH ? 1 : 0;
    else if (c === BRACE_END) depth = Math.max(0, depth - 1);
    else if (c === BRACE && depth++ === 0 && i > start) {
      yield bytes.subarray(start, i);
      start = i;
    }
  }
  yield bytes.subarray(start);
}

const shape: Shape = {
  fields: ['messageType', 'logGroup', 'logStream', 'owner', 'message', 'timestamp'],
  lists: { logEvents: VALUE_BYTES_MAX },
};

/** {"messageType":"DATA_MESSAGE","logGroup":"/aws/…","logEvents":[{"id":"…","timestamp":1510109208016,"message":"<line>"}]} */
async function cloudWatch(bytes: Buffer, allowance: Allowance): Promise<Message | undefined> {
  try {
    const found = await jsonMessage(bytes, shape, allowance);
    return typeof (found.value as Tree).messageType === 'string' && found.has('logEvents') ? found : undefined;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}
