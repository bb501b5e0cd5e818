// Amazon Data Firehose's HTTP endpoint: how CloudFront real-time logs, WAF and CloudWatch Logs subscriptions come over HTTP. Records are base64;
// the same request id must come back, and comes again with every retry, which makes it the batch's identity.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure, errors } from '../errors.ts';
import { Allowance } from './allowance.ts';
import { decodeWhole } from './decode.ts';
import { countRecord } from './firehose-record.ts';
import { jsonMessage } from './json-message.ts';
import { Malformed, VALUE_BYTES_MAX, type Message, type Shape, type Tree } from './message.ts';
import { answered, openFor, tallied, type Receiver } from './receiver.ts';
import { cleanSource } from './source-name.ts';

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
        const named = request.params.source || streamOf(request);
        const source = named || SOURCE;
        const batch = openFor(request, deps, {
          source,
          isNamed: Boolean(named),
          receiver: firehose.name,
          digest: false,
        });
        await orUndecodable(async () => {
          for await (const { value } of envelope.items('records')) {
            const data = (value as Tree | null | undefined)?.data;
            if (!Buffer.isBuffer(data)) throw new Malformed('a record has no data');
            await countRecord(data, batch, allowance);
          }
        });
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

const shape: Shape = { fields: ['requestId'], lists: { records: VALUE_BYTES_MAX }, raw: ['data'] };

// {"requestId":"ed4acda5-…","timestamp":1578090901599,"records":[{"data":"aGVsbG8="}]}
async function read(body: Buffer, allowance: Allowance): Promise<Message> {
  const envelope = await orUndecodable(() => jsonMessage(body, shape, allowance));
  if (typeof (envelope.value as Tree).requestId !== 'string' || !envelope.has('records'))
    throw errors.undecodable('This is no Firehose request: it needs a requestId and records.');
  return envelope;
}

async function orUndecodable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Malformed ? errors.undecodable(`This is no Firehose request: ${error.message}.`) : error;
  }
}

/** arn:aws:firehose:us-east-1:123456789012:deliverystream/shop-logs → shop-logs */
function streamOf(request: FastifyRequest): string | undefined {
  const { 'x-amz-firehose-source-arn': arn } = request.headers;
  return typeof arn === 'string' ? cleanSource(arn.replace(/^.*\//, '')) : undefined;
}
