// Plain HTTP: lines, NDJSON, JSON arrays and counts, as Vector, Fluent Bit, Fluentd, rsyslog, syslog-ng, Cloudflare and curl post
// them. Any Content-Type, because each of these sends another one for the same lines.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IngestAnswer } from '#shared/api.ts';
import { LINE_TOO_LONG, rejected } from '../formats/misses.ts';
import { FormatError } from '../formats/line-reader.ts';
import { Failure, errors } from '../errors.ts';
import type { Batch } from './batch.ts';
import { Allowance, RECORDS_MAX } from './allowance.ts';
import { decodeBody, decodeWhole } from './decode.ts';
import { countMsgpack, isMsgpack } from './msgpack.ts';
import { answered, openFor, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';
import { DEFAULT_SOURCE } from './source-registry.ts';
import { SyslogFrames } from './syslog-frames.ts';
import { turns } from './turns.ts';

interface Route {
  Params: { source?: string };
  Querystring: { source?: string; format?: string; service?: string };
}

const KEY_LENGTH_MAX = 256;
/** Where the Datadog agent, and whatever else can send to it, posts a JSON array of logs: only the host can be set there. */
const DATADOG_URLS = ['/api/v2/logs', '/v1/input', '/v1/input/:key'];
const DATADOG = 'datadog';
const CUT_OFF = rejected('syslog-cut-by-body', 'syslog message cut off by the end of its body');

export const lines: Receiver = {
  name: 'http',
  title: 'HTTP lines and JSON',
  register(app, deps) {
    for (const url of ['/ingest', '/ingest/:source']) {
      app.route<Route>({ method: ['POST', 'PUT'], url, handler: (request, reply) => receive(request, reply, deps) });
      // Vector and rsyslog ask first whether anyone is here, and want exactly 200. GET routes answer HEAD too.
      app.get(url, async () => ({
        takes: 'log lines and JSON by POST',
        example: 'curl --data-binary @access.log http://HOST:PORT/ingest/SOURCE',
      }));
    }
    for (const url of DATADOG_URLS) {
      app.post<Route>(url, (request, reply) => receive(request, reply, deps, DATADOG));
    }
    app.get('/api/v1/validate', async () => ({ valid: true }));
    // Fastly asks whether it may post here: "any of its services may", for who may post is said by tokens.
    app.get('/.well-known/fastly/logging/challenge', async (_request, reply) => reply.type('text/plain').send('*\n'));
  },
};

async function receive(
  request: FastifyRequest<Route>,
  reply: FastifyReply,
  deps: ReceiverDeps,
  otherwise = DEFAULT_SOURCE,
): Promise<IngestAnswer> {
  const named = request.params.source || only(request.query.source) || only(request.query.service);
  const source = named || otherwise;
  try {
    const { answer, sources } = await count(request, reply, { source, isNamed: Boolean(named) }, deps);
    answered(deps, { sources: sources.length > 0 ? sources : [source] }, 200, tallied(answer));
    return answer;
  } catch (error) {
    const failure =
      error instanceof Failure ? error : error instanceof FormatError ? errors.badFormat(error.message) : undefined;
    if (failure === undefined) throw error;
    // Not for a name that may be anything: the diagnostics remember sources, and this one is refused.
    if (failure.code !== 'badSource' && failure.code !== 'tooManySources')
      answered(deps, { sources: [source] }, failure.status, failure.message);
    if (failure.status === 413) reply.header('connection', 'close');
    throw failure;
  }
}

async function count(
  request: FastifyRequest<Route>,
  reply: FastifyReply,
  { source, isNamed }: { source: string; isNamed: boolean },
  deps: ReceiverDeps,
): Promise<{ answer: IngestAnswer; sources: readonly string[] }> {
  const isLogplex = /^application\/logplex-1\b/i.test(request.headers['content-type'] ?? '');
  // Heroku names a frame, and sends it again under the same name.
  const key = only(request.headers['idempotency-key'] ?? (isLogplex ? request.headers['logplex-frame-id'] : undefined));
  const batch = openFor(request, deps, {
    source,
    isNamed,
    receiver: lines.name,
    format: only(request.query.format),
    digest: key === undefined,
    membersMax: RECORDS_MAX,
  });
  const allowance = new Allowance(deps.limits, reply.raw);
  const packed = isMsgpack(request.headers['content-type']) ? await decodeWhole(request.raw, allowance) : undefined;
  if (packed !== undefined) await turns.runAll(countMsgpack(packed.body, batch, allowance));
  else if (isLogplex) await countLogplex(request, batch, allowance);
  else await decodeBody(request.raw, allowance, (chunk) => batch.write(chunk));
  const identity = key === undefined ? batch.digest(packed?.digest) : Buffer.from(key.slice(0, KEY_LENGTH_MAX));
  const answer = await batch.commit(
    identity && { scope: scopeOf(deps.tokenOf(request), key === undefined ? 'body' : 'key', source), key: identity },
  );
  return { answer, sources: batch.sources };
}

// 83 <40>1 2012-11-30T06:45:29+00:00 host heroku router - at=info method=GET path="/" … status=200
/** Heroku's drains: syslog messages, the length before each, and not always a newline after it. */
async function countLogplex(request: FastifyRequest, batch: Batch, allowance: Allowance): Promise<void> {
  const frames = new SyslogFrames({
    message(bytes, start, end) {
      const message = bytes.subarray(start, end);
      batch.line({ bytes: message, text: message.toString('latin1') }, 0, message.length);
    },
    tooLong: (beginning) => batch.miss(LINE_TOO_LONG, beginning.toString()),
    cutOff: (beginning) => batch.miss(CUT_OFF, beginning.toString('utf8', 0, 200)),
  });
  await decodeBody(request.raw, allowance, (chunk) => {
    frames.give(Buffer.from(chunk));
    return turns.run(() => frames.step());
  });
  frames.end();
}

/** One sender's batches, for one source, never meet another's in the ledger. */
export const scopeOf = (token: string, kind: 'body' | 'key', source: string): string =>
  `${token}|${kind}|/ingest|${source}`;

/** The first of a header or parameter that was given several times. */
const only = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
