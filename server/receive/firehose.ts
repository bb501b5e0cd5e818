// Amazon Data Firehose's HTTP endpoint: how CloudFront real-time logs, WAF and CloudWatch Logs subscriptions come over HTTP. Records are base64;
// the same request id must come back, and comes again with every retry, which makes it the batch's identity.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { gunzipSync } from 'node:zlib';
import { Failure, errors } from '../errors.ts';
import { rejected, skipped } from '../formats/misses.ts';
import type { Batch } from './batch.ts';
import { decodeWhole } from './decode.ts';
import { cleanSource } from './otlp-hit.ts';
import { answered, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';
import { parseJson } from './tree-body.ts';

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
        const body = await decodeWhole(request.raw, deps.limits, reply.raw);
        const { requestId, records } = parse(body);
        const source = request.params.source || streamOf(request) || SOURCE;
        const batch = deps.open({
          source,
          receiver: firehose.name,
          userAgent: request.headers['user-agent'],
          digest: false,
        });
        for (const data of records) countRecord(data, batch, deps);
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
const RECORDS_MAX = 1_000_000;

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
const CONTROL = skipped('CloudWatch Logs control message');

function countRecord(data: string, batch: Batch, deps: ReceiverDeps): void {
  let bytes = Buffer.from(data, 'base64');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: deps.limits.maxBytes });
    } catch {
      return batch.miss(BAD_GZIP, '');
    }
  }
  const subscription = cloudWatch(bytes);
  if (subscription !== undefined) {
    if (subscription.messageType !== 'DATA_MESSAGE') return batch.miss(CONTROL, '');
    const source = cleanSource(subscription.logGroup.replace(/^.*\//, ''));
    for (const { message, timestamp } of subscription.logEvents)
      batch.text(String(message), { source, ts: Number(timestamp) });
    return;
  }
  const chunk = { bytes, text: bytes.toString('latin1') };
  for (let start = 0; start < bytes.length;) {
    const newline = chunk.text.indexOf('\n', start);
    const end = newline === -1 ? bytes.length : newline;
    if (end > start) batch.line(chunk, start, end);
    start = end + 1;
  }
}

interface Subscription {
  messageType: string;
  logGroup: string;
  logEvents: { message: unknown; timestamp: unknown }[];
}

/** {"messageType":"DATA_MESSAGE","logGroup":"/aws/…","logEvents":[{"id":"…","timestamp":1510109208016,"message":"<line>"}]} */
function cloudWatch(bytes: Buffer): Subscription | undefined {
  if (bytes[0] !== 0x7b || !bytes.subarray(0, 4096).includes('"messageType"')) return undefined;
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
