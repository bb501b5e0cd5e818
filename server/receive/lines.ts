// Plain HTTP: lines, NDJSON, JSON arrays and counts, as Vector, Fluent Bit, Fluentd, rsyslog, syslog-ng, Cloudflare and curl post
// them. Any Content-Type, because each of these sends another one for the same lines.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IngestAnswer } from '#shared/api.ts';
import { FormatError } from '../formats/line-reader.ts';
import { Failure, errors } from '../errors.ts';
import type { Batch } from './batch.ts';
import { decodeBody, decodeWhole } from './decode.ts';
import { MSGPACK_BYTES_MAX, countMsgpack, isMsgpack } from './msgpack.ts';
import type { Receiver, ReceiverDeps } from './receiver.ts';
import { DEFAULT_SOURCE } from './source-registry.ts';

interface Route {
  Params: { source?: string };
  Querystring: { source?: string; format?: string };
}

const KEY_LENGTH_MAX = 256;

export const lines: Receiver = {
  name: 'http',
  title: 'HTTP lines and JSON',
  register(app, deps) {
    for (const url of ['/ingest', '/ingest/:source']) {
      app.route<Route>({ method: ['POST', 'PUT'], url, handler: (request, reply) => receive(request, reply, deps) });
      // Vector and rsyslog ask first whether anyone is here, and want exactly 200. GET routes answer HEAD too.
      app.get(url, async () => ({ takes: 'log lines and JSON by POST', example: 'curl --data-binary @access.log http://HOST:PORT/ingest/SOURCE' }));
    }
  },
};

async function receive(request: FastifyRequest<Route>, reply: FastifyReply, deps: ReceiverDeps): Promise<IngestAnswer> {
  const source = request.params.source || only(request.query.source) || DEFAULT_SOURCE;
  try {
    const answer = await count(request, reply, source, deps);
    deps.doctor.answered(source, deps.now(), 200, say(answer));
    return answer;
  } catch (error) {
    const failure = error instanceof Failure ? error : error instanceof FormatError ? errors.badFormat(error.message) : undefined;
    if (failure === undefined) throw error;
    // Not for a name that may be anything: the doctor remembers sources, and this one is refused.
    if (failure.code !== 'badSource' && failure.code !== 'tooManySources') deps.doctor.answered(source, deps.now(), failure.status, failure.message);
    if (failure.status === 413) reply.header('connection', 'close');
    throw failure;
  }
}

async function count(request: FastifyRequest<Route>, reply: FastifyReply, source: string, deps: ReceiverDeps): Promise<IngestAnswer> {
  const key = only(request.headers['idempotency-key']);
  const userAgent = request.headers['user-agent'];
  let batch: Batch;
  try {
    batch = deps.open({ source, receiver: lines.name, userAgent, format: only(request.query.format), digest: key === undefined });
  } catch (error) {
    request.raw.resume(); // read to the end, so that the sender reads the answer
    throw error;
  }
  const packed = isMsgpack(request.headers['content-type']) ? await decodeWhole(request.raw, { maxBytes: Math.min(deps.limits.maxBytes, MSGPACK_BYTES_MAX) }, reply.raw) : undefined;
  if (packed === undefined) await decodeBody(request.raw, deps.limits, (chunk) => batch.write(chunk));
  else countMsgpack(packed, batch);
  const identity = key === undefined ? batch.digest(packed) : Buffer.from(key.slice(0, KEY_LENGTH_MAX));
  if (identity === undefined) return batch.commit();
  return batch.commit({ scope: scopeOf(deps.tokenOf(request), key === undefined ? 'body' : 'key', source), key: identity });
}

/** One sender's batches, for one source, never meet another's in the ledger. */
export const scopeOf = (token: string, kind: 'body' | 'key', source: string): string => `${token}|${kind}|/ingest|${source}`;

/** The first of a header or parameter that was given several times. */
const only = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function say(answer: IngestAnswer): string {
  const parts = [`${answer.accepted} accepted`];
  if (answer.rejected > 0) parts.push(`${answer.rejected} rejected`);
  if (answer.skipped > 0) parts.push(`${answer.skipped} skipped`);
  if (answer.duplicate) parts.push('a duplicate');
  return parts.join(', ');
}
