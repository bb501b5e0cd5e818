// Amazon Data Firehose's HTTP endpoint: how CloudFront real-time logs, WAF and CloudWatch Logs subscriptions come over HTTP. Records are base64;
// the same request id must come back, and comes again with every retry, which makes it the batch's identity.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { gunzipSync } from 'node:zlib';
import { Failure, errors } from '../errors.ts';
import type { Chunk } from '../formats/format.ts';
import { rejected, skipped } from '../formats/misses.ts';
import type { Batch } from './batch.ts';
import { Allowance, RECORDS_MAX } from './allowance.ts';
import type { FrameSink } from './cutter.ts';
import { decodeGzip, decodeWhole } from './decode.ts';
import { LineCutter } from './line-cutter.ts';
import { cleanSource } from './otlp-hit.ts';
import { answered, tallied, type Receiver } from './receiver.ts';
import { parseJson } from './tree-body.ts';
import { turns } from './turns.ts';

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
        const { requestId, records } = parse(await decodeWhole(request.raw, allowance));
        const source = request.params.source || streamOf(request) || SOURCE;
        const batch = deps.open({
          source,
          receiver: firehose.name,
          userAgent: request.headers['user-agent'],
          digest: false,
        });
        for (const data of records) await countRecord(data, batch, allowance);
        const answer = await batch.commit({
          scope: `${deps.tokenOf(request)}|firehose|${source}`,
          key: Buffer.from(requestId),
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

// {"requestId":"ed4acda5-…","timestamp":1578090901599,"records":[{"data":"aGVsbG8="}]}
function parse(body: Buffer): { requestId: string; records: string[] } {
  let request: { requestId?: unknown; records?: unknown } | null;
  try {
    request = parseJson(body, RECORDS_MAX) as typeof request;
  } catch (error) {
    throw errors.undecodable(`This is no Firehose request: ${(error as Error).message}`);
  }
  if (typeof request?.requestId !== 'string' || !Array.isArray(request.records))
    throw errors.undecodable('This is no Firehose request: it needs a requestId and records.');
  const records = (request.records as ({ data?: unknown } | null)[]).map((record) => record?.data);
  if (!records.every((data) => typeof data === 'string'))
    throw errors.undecodable('This is no Firehose request: a record has no data.');
  return { requestId: request.requestId.slice(0, REQUEST_ID_LENGTH_MAX), records };
}

const BAD_GZIP = rejected('Firehose record that does not decompress');
const TOO_LONG = skipped('line over 64 KiB');
const CONTROL = skipped('CloudWatch Logs control message');

/** Smaller ones are unpacked at once: they cannot become more than a MiB. */
const STREAMED_FROM_BYTES = 1024;

async function countRecord(data: string, batch: Batch, allowance: Allowance): Promise<void> {
  allowance.record();
  const bytes = Buffer.from(data, 'base64');
  const record = new RecordBody(batch, allowance);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) await record.write(bytes);
  else {
    try {
      if (bytes.length < STREAMED_FROM_BYTES) {
        const decoded = gunzipSync(bytes);
        allowance.decoded(decoded.length);
        await record.write(decoded);
      } else await decodeGzip(bytes, allowance, (chunk) => record.write(chunk));
    } catch (error) {
      if (error instanceof Failure && error.code !== 'brokenEncoding') throw error;
      return batch.miss(BAD_GZIP, '');
    }
  }
  await record.end();
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
    const subscription = cloudWatch(whole);
    if (subscription !== undefined) await turns.runAll(countEvents(subscription, this.#batch, this.#allowance));
    else {
      await this.write(whole);
      this.#lines.end();
    }
  }

  record(chunk: Chunk, start: number, end: number): void {
    this.#batch.line(chunk, start, end);
  }

  tooLong(beginning: string): void {
    this.#batch.miss(TOO_LONG, beginning);
  }

  quoted(): void {}
  blank(): void {}
}

function* countEvents(
  { messageType, logGroup, logEvents }: Subscription,
  batch: Batch,
  allowance: Allowance,
): Generator<undefined, void> {
  if (messageType !== 'DATA_MESSAGE') return batch.miss(CONTROL, '');
  const source = cleanSource(logGroup.replace(/^.*\//, ''));
  for (const { message, timestamp } of logEvents) {
    allowance.record();
    batch.text(String(message), { source, ts: Number(timestamp) });
    yield;
  }
}

interface Subscription {
  messageType: string;
  logGroup: string;
  logEvents: { message: unknown; timestamp: unknown }[];
}

/** {"messageType":"DATA_MESSAGE","logGroup":"/aws/…","logEvents":[{"id":"…","timestamp":1510109208016,"message":"<line>"}]} */
function cloudWatch(bytes: Buffer): Subscription | undefined {
  try {
    const found = JSON.parse(bytes.toString('utf8')) as Partial<Subscription>;
    if (!Array.isArray(found.logEvents) || typeof found.messageType !== 'string') return undefined;
    return {
      messageType: found.messageType,
      logGroup: String(found.logGroup ?? ''),
      logEvents: found.logEvents.filter((event) => typeof event === 'object' && event !== null),
    };
  } catch {
    return undefined;
  }
}

/** arn:aws:firehose:us-east-1:123456789012:deliverystream/shop-logs → shop-logs */
function streamOf(request: FastifyRequest): string | undefined {
  const { 'x-amz-firehose-source-arn': arn } = request.headers;
  return typeof arn === 'string' ? cleanSource(arn.replace(/^.*\//, '')) : undefined;
}
