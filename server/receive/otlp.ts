// OpenTelemetry over HTTP: POST /v1/logs, /v1/metrics, /v1/traces, in protobuf and JSON. Answers to the letter of the
// specification: the request's content type back exactly, 200 with a partial success for what was refused or is worth a
// warning, 400 for what cannot be decoded, a google.rpc.Status with every error, and no retryable code but 503.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IngestAnswer } from '#shared/api.ts';
import { Failure, errors } from '../errors.ts';
import type { Batch } from './batch.ts';
import { Allowance } from './allowance.ts';
import { decodeWhole } from './decode.ts';
import { keyedLock, type KeyedLock } from './lock.ts';
import { countLogs } from './otlp-logs.ts';
import { decode, encodeStatus, encodeSuccess, resourcesOf, type Encoding, type Signal } from './otlp-message.ts';
import { countMetrics, metricsByResource, type Warnings } from './otlp-metrics.ts';
import { sourceOf } from './otlp-hit.ts';
import { ResourceSeries } from './otlp-series.ts';
import { countTraces } from './otlp-traces.ts';
import { answered, openFor, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';
import { Malformed, type Message } from './message.ts';

/** For senders that say nothing of themselves. */
const SOURCE = 'otlp';
const SIGNALS: readonly Signal[] = ['logs', 'metrics', 'traces'];
const CONTENT_TYPES: Record<Encoding, string> = { json: 'application/json', protobuf: 'application/x-protobuf' };
/** google.rpc.Code */
const INVALID_ARGUMENT = 3,
  UNAUTHENTICATED = 16,
  UNAVAILABLE = 14,
  INTERNAL_ERRORS_FROM = 500;
/** A service that sent no metrics for this long is counted by its spans again. */
const METRICS_LAST_MS = 15 * 60_000;
const MESSAGE_LENGTH_MAX = 500;
/** A collector sends for many services at once; this many are told of the answer, each in its diagnostics. */
const SOURCES_TOLD_MAX = 50;

export const otlp: Receiver = {
  name: 'otlp',
  title: 'OpenTelemetry logs, metrics and traces over HTTP',
  register(app, deps) {
    const counter = new Counter(deps);
    app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => refuse(error, request, reply));
    for (const signal of SIGNALS) {
      // Loki takes OTLP below a prefix of its own; who pushes to it may only change the host.
      for (const url of [`/v1/${signal}`, `/otlp/v1/${signal}`])
        app.post(url, async (request, reply) => {
          const encoding = encodingOf(request);
          const allowance = new Allowance(deps.limits, reply.raw);
          const { body, digest } = await decodeWhole(request.raw, allowance);
          const { answer, warnings, sources } = await counter.count(
            signal,
            digest,
            await decode(signal, encoding, body, allowance),
            request,
          );
          const message = [...warnings].join('; ').slice(0, MESSAGE_LENGTH_MAX);
          const note = `${signal}: ${tallied(answer)}${message === '' ? '' : `; ${message}`}`;
          answered(deps, { sources }, 200, note);
          return send(reply, 200, encoding, encodeSuccess(signal, encoding, answer.rejected, message));
        });
    }
  },
};

/** Everything that is not JSON is protobuf: it is the default, and some senders leave the header out. */
const encodingOf = (request: FastifyRequest): Encoding =>
  /json/i.test(request.headers['content-type'] ?? '') ? 'json' : 'protobuf';

/** As a Buffer: Fastify appends a charset to JSON texts, and the Collector compares the type as a whole. */
function send(reply: FastifyReply, status: number, encoding: Encoding, body: Buffer): FastifyReply {
  return reply.code(status).header('content-type', CONTENT_TYPES[encoding]).send(body);
}

function refuse(error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure =
    error instanceof Failure ? error : error instanceof Malformed ? errors.undecodable(error.message) : undefined;
  if (failure === undefined) request.log.error(error);
  const known = failure ?? errors.internal();
  // 422 is what other senders need to hear; here the specification has 400 for it.
  const status = known.status === 422 ? 400 : known.status;
  if (known.retryAfter !== undefined) reply.header('retry-after', String(known.retryAfter));
  if (status === 413) reply.header('connection', 'close');
  const code =
    status >= INTERNAL_ERRORS_FROM
      ? UNAVAILABLE
      : status === 401 || status === 403
        ? UNAUTHENTICATED
        : INVALID_ARGUMENT;
  return send(reply, status, encodingOf(request), encodeStatus(encodingOf(request), code, known.message));
}

interface Counted {
  readonly answer: IngestAnswer;
  readonly warnings: Warnings;
  readonly sources: ReadonlySet<string>;
}

class Counter {
  readonly #deps: ReceiverDeps;
  readonly #lock: KeyedLock = keyedLock();
  /** When a source's metrics counted something last. */
  readonly #metricsAt = new Map<string, number>();

  constructor(deps: ReceiverDeps) {
    this.#deps = deps;
  }

  async count(signal: Signal, digest: Buffer, message: Message, request: FastifyRequest): Promise<Counted> {
    const warnings: Warnings = new Set();
    const batch = openFor(request, this.#deps, {
      source: SOURCE,
      isNamed: false,
      receiver: `otlp ${signal}`,
      digest: false,
    });
    const resources = await resourcesOf(signal, message, SOURCES_TOLD_MAX);
    const sources = new Set(resources.map((resource) => sourceOf(resource, batch) ?? SOURCE));
    if (signal === 'metrics') return { answer: await this.#metrics(message, batch, warnings), warnings, sources };
    const timed = signal === 'logs' ? await countLogs(message, batch) : await this.#traces(message, batch, warnings);
    // Senders repeat requests whose answer was lost, by the specification. Times are in nanoseconds: the same bytes are the same records.
    const answer = await batch.commit(
      timed ? { scope: `${this.#deps.tokenOf(request)}|body|/v1/${signal}`, key: digest } : undefined,
    );
    if (answer.skipped > 0)
      warnings.add(
        signal === 'logs'
          ? `${answer.skipped} log records carry no status code and are not access lines`
          : `${answer.skipped} spans are not counted: only SERVER spans with an HTTP status are`,
      );
    return { answer, warnings, sources };
  }

  /** Requests that touch the same resource are counted one after another: each needs the state that the one before committed. */
  async #metrics(message: Message, batch: Batch, warnings: Warnings): Promise<IngestAnswer> {
    const resources = await metricsByResource(message);
    return this.#lock([...new Set(resources.map(({ key }) => key))], async () => {
      const series = new Map<string, ResourceSeries>();
      for (const { key } of resources)
        if (!series.has(key)) series.set(key, new ResourceSeries(await this.#deps.readCursor(key)));
      for (const resource of resources) {
        const state = series.get(resource.key)!;
        await countMetrics(resource, state, batch, warnings);
        const source = sourceOf(resource.attributes, batch);
        if (state.family !== undefined && source !== undefined) this.#metricsAt.set(source, this.#deps.now());
      }
      for (const [key, state] of series) if (state.family !== undefined) batch.cursor({ key, value: state.toBuffer() });
      return batch.commit();
    });
  }

  async #traces(message: Message, batch: Batch, warnings: Warnings): Promise<boolean> {
    const told = await countTraces(
      message,
      batch,
      this.#deps.now(),
      (source) => this.#deps.now() - (this.#metricsAt.get(source) ?? -Infinity) < METRICS_LAST_MS,
    );
    for (const [source, { from, to }] of told.sampled) batch.cursor(this.#deps.sampled.add(source ?? SOURCE, from, to));
    if (told.sampled.size > 0)
      warnings.add(
        'spans without a sampling threshold in tracestate (ot=th) count as one request each: if traces are sampled, so are these counts',
      );
    if (told.byMetrics > 0)
      warnings.add(`${told.byMetrics} spans belong to services whose metrics count their requests already`);
    return told.timed;
  }
}
