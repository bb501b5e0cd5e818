// Amazon Data Firehose's HTTP endpoint: how CloudFront real-time logs, WAF and CloudWatch Logs subscriptions come over HTTP. Records are base64;
// the same request id must come back, and comes again with every retry, which makes it the batch's identity.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { gunzipSync } from 'node:zlib';
import { ASCII } from '../core/ascii.ts';
import { Failure, errors } from '../errors.ts';
import type { Chunk } from '../formats/format.ts';
import { LINE_TOO_LONG, rejected, skipped } from '../formats/misses.ts';
import type { Batch } from './batch.ts';
import { Allowance } from './allowance.ts';
import type { FrameSink } from './cutter.ts';
import { decodeGzip, decodeWhole } from './decode.ts';
import { jsonMessage } from './json-message.ts';
import { LineCutter } from './line-cutter.ts';
import { Malformed, VALUE_BYTES_MAX, type Message, type Shape, type Tree } from './message.ts';
import { cleanSource } from './otlp-hit.ts';
import { answered, tallied, type Receiver } from './receiver.ts';
import { turns } from './turns.ts';

const { QUOTE, BACKSLASH, BRACE, BRACE_END } = ASCII;

const SOURCE = 'firehose';

export const firehose: Receiver = {
  name: 'firehose',
  title: 'Amazon Data Firehose',
  register(app, deps) {
    app.setErrorHandler((error: Error, request, reply) => {
      const failure = error instanceof Failure ? error : errors.internal();
      if (failure.code === 'internal') request.log.error(error);
      const { 'x-amz-firehose-request-id': id = '' } = request.headers;
      if (failure.retryAfter !== undefined) reply.header('retry-after', String(failure.retryAfter));
      return send(reply, failure.status, {
        requestId: String(id),
        timestamp: deps.now(),
        errorMessage: failure.message,
      });
    });
    for (const url of ['/firehose', '/firehose/:source']) {
      app.post<Route>(url, async (request, reply) => {
        const allowance = new Allowance(deps.limits, reply.raw);
        const envelope = await read((await decodeWhole(request.raw, allowance)).body, allowance);
        const { requestId } = envelope.value as { requestId: string };
        const source = request.params.source || streamOf(request) || SOURCE;
        const batch = deps.open({
          source,
          receiver: firehose.name,
          userAgent: request.headers['user-agent'],
          digest: false,
        });
        for await (const { value } of envelope.items('records')) await countRecord(value, batch, allowance);
        const answer = await batch.commit({
          scope: `${deps.tokenOf(request)}|firehose|${source}`,
          key: Buffer.from(requestId.slice(0, REQUEST_ID_LENGTH_MAX)),
        });
        answered(deps, batch, 200, tallied(answer));
        return send(reply, 200, { requestId, timestamp: deps.now() });
      });
    }
  },
};

interface Route {
  Params: { source?: string };
}

const send = (reply: FastifyReply, status: number, body: unknown): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(body)));

const REQUEST_ID_LENGTH_MAX = 256;

/** A record, or an event, is as long as the body lets it be. */
const shape: Shape = {
  fields: ['requestId', 'data', 'messageType', 'logGroup', 'message', 'timestamp'],
  lists: { records: Infinity, logEvents: VALUE_BYTES_MAX },
};

// {"requestId":"ed4acda5-…","timestamp":1578090901599,"records":[{"data":"aGVsbG8="}]}
async function read(body: Buffer, allowance: Allowance): Promise<Message> {
  let envelope: Message;
  try {
    envelope = await jsonMessage(body, shape, allowance);
  } catch (error) {
    throw error instanceof Malformed ? errors.undecodable(`This is no Firehose request: ${error.message}`) : error;
  }
  if (typeof (envelope.value as Tree).requestId !== 'string' || !envelope.has('records'))
    throw errors.undecodable('This is no Firehose request: it needs a requestId and records.');
  return envelope;
}

const BAD_GZIP = rejected('firehose-not-gzip', 'Firehose record that does not decompress');
const CONTROL = skipped('cloudwatch-control', 'CloudWatch Logs control message');

/** Smaller ones are unpacked at once: they cannot become more than a MiB. */
const STREAMED_FROM_BYTES = 1024;

async function countRecord(record: unknown, batch: Batch, allowance: Allowance): Promise<void> {
  const data = (record as Tree | null)?.data;
  if (typeof data !== 'string') throw errors.undecodable('This is no Firehose request: a record has no data.');
  const bytes = Buffer.from(data, 'base64');
  const body = new RecordBody(batch, allowance);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) await body.write(bytes);
  else {
    try {
      if (bytes.length < STREAMED_FROM_BYTES) {
        const decoded = gunzipSync(bytes);
        allowance.decoded(decoded.length);
        await body.write(decoded);
      } else await decodeGzip(bytes, allowance, (chunk) => body.write(chunk));
    } catch (error) {
      if (error instanceof Failure && error.code !== 'brokenEncoding') throw error;
      return batch.miss(BAD_GZIP, '');
    }
  }
  await body.end();
}

/** One record: lines, or a subscription, which is told by how it begins and needed whole. */
class RecordBody implements FrameSink {
  readonly #batch: Batch;
  readonly #allowance: Allowance;
  readonly #lines = new LineCutter(this);
  readonly #step = (): boolean => this.#lines.step();
  #subscription: Buffer[] | undefined;
  #isTold = false;

  constructor(batch: Batch, allowance: Allowance) {
    this.#batch = batch;
    this.#allowance = allowance;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (!this.#isTold) {
      this.#isTold = true;
      if (bytes[0] === 0x7b && bytes.subarray(0, 4096).includes('"messageType"')) this.#subscription = [];
    }
    if (this.#subscription !== undefined) {
      this.#allowance.hold(bytes.length);
      this.#subscription.push(Buffer.from(bytes));
      return undefined;
    }
    if (bytes.length === 0) return undefined;
    this.#lines.give(bytes);
    return turns.run(this.#step);
  }

  async end(): Promise<void> {
    if (this.#subscription === undefined) return this.#lines.end();
    const whole = Buffer.concat(this.#subscription);
    this.#subscription = undefined;
    // A record of several compressed members holds as many subscriptions.
    for (const message of objectsIn(whole)) {
      const subscription = await cloudWatch(message, this.#allowance);
      if (subscription !== undefined) await countEvents(subscription, this.#batch);
      else {
        await this.write(message);
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

async function countEvents(subscription: Message, batch: Batch): Promise<void> {
  const { messageType, logGroup } = subscription.value as Tree;
  if (messageType !== 'DATA_MESSAGE') return batch.miss(CONTROL, '');
  const source = cleanSource((typeof logGroup === 'string' ? logGroup : '').replace(/^.*\//, ''));
  for await (const { value } of subscription.items('logEvents')) {
    if (value === undefined) batch.miss(LINE_TOO_LONG, '', { source });
    else if (typeof value === 'object' && value !== null)
      batch.text(String((value as Tree).message), { source, ts: Number((value as Tree).timestamp) });
  }
}

/** The objects that were put end to end in `bytes`, each with what follows it up to the next. */
function* objectsIn(bytes: Buffer): Generator<Buffer> {
  let start = 0,
    depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (c === QUOTE) for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) i += bytes[i] === BACKSLASH ? 1 : 0;
    else if (c === BRACE_END) depth = Math.max(0, depth - 1);
    else if (c === BRACE && depth++ === 0 && i > start) {
      yield bytes.subarray(start, i);
      start = i;
    }
  }
  yield bytes.subarray(start);
}

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

/** arn:aws:firehose:us-east-1:123456789012:deliverystream/shop-logs → shop-logs */
function streamOf(request: FastifyRequest): string | undefined {
  const { 'x-amz-firehose-source-arn': arn } = request.headers;
  return typeof arn === 'string' ? cleanSource(arn.replace(/^.*\//, '')) : undefined;
}
