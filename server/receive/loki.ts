// Loki's push API, as Alloy, Promtail, Fluent Bit, Vector and Docker's driver speak it: streams of (time, line) under labels.
// Snappy-compressed protobuf unless the content type says JSON. A label names the source.
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import protobuf from 'protobufjs';
import { errors } from '../errors.ts';
import type { Batch } from './batch.ts';
import { Allowance } from './allowance.ts';
import { decodeWhole } from './decode.ts';
import { decodeSnappyBlock } from './snappy-body.ts';
import { sourceOf as sourceOfPath } from './log-path.ts';
import { cleanSource } from './otlp-hit.ts';
import { answered, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';
import { Malformed, parseJson, parseProtobuf } from './tree-body.ts';

const SOURCE = 'loki';
/** Entries and labels in one push; a shipper's largest holds some thousands. */
const OBJECTS_MAX = 2_000_000;
/** Labels that name what wrote the lines, best first. `filename` is a path. */
const LABELS = [
  'service_name',
  'service',
  'app',
  'app_kubernetes_io_name',
  'job',
  'container_name',
  'container',
  'compose_service',
  'host',
  'hostname',
  'instance',
];

// logproto.PushRequest, as far as it is counted. Labels come as text: {job="nginx", host="web1"}
const pushRequest = protobuf
  .parse(
    `
  syntax = "proto3";
  message PushRequest { repeated Stream streams = 1; }
  message Stream { string labels = 1; repeated Entry entries = 2; }
  message Entry { Timestamp timestamp = 1; string line = 2; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
`,
  )
  .root.lookupType('PushRequest');

export const loki: Receiver = {
  name: 'loki',
  title: 'Loki push',
  register(app, deps) {
    for (const url of ['/loki/api/v1/push', '/api/prom/push'])
      app.post(url, (request, reply) => receive(request, reply, deps));
    app.get('/ready', async () => 'ready\n');
  },
};

async function receive(request: FastifyRequest, reply: FastifyReply, deps: ReceiverDeps): Promise<FastifyReply> {
  const allowance = new Allowance(deps.limits, reply.raw);
  const body = await decodeWhole(request.raw, allowance);
  const batch = deps.open({
    source: SOURCE,
    receiver: loki.name,
    userAgent: request.headers['user-agent'],
    digest: false,
  });
  const isJson = /json/i.test(request.headers['content-type'] ?? '');
  let timed: boolean;
  try {
    timed = isJson
      ? countJson(body, batch)
      : countProtobuf(isSnappy(request) ? body : await decodeSnappyBlock(body, allowance), batch);
  } catch (error) {
    throw error instanceof Malformed ? errors.undecodable(error.message) : error;
  }
  // Entries have the nanosecond at which they were read: the same bytes are the same push, sent again.
  const answer = await batch.commit(
    timed
      ? { scope: `${deps.tokenOf(request)}|body|loki`, key: createHash('sha256').update(body).digest() }
      : undefined,
  );
  answered(deps, batch, 204, tallied(answer));
  return reply.code(204).send();
}

/** The header that decode.ts has dealt with; without it the body is still one snappy block. */
const isSnappy = (request: FastifyRequest): boolean => /snappy/i.test(request.headers['content-encoding'] ?? '');

// {"streams":[{"labels":"{job=\"nginx\"}","entries":[{"ts":"2026-01-02T15:04:05.25Z","line":"<line>"}]}]}
/** A stream as Promtail wrote it for /api/prom/push, in today's form; anything else as it is. */
function today(stream: unknown): unknown {
  const { labels, entries } = (stream ?? {}) as { labels?: unknown; entries?: unknown };
  if (typeof labels !== 'string' || !Array.isArray(entries)) return stream;
  const values = (entries as ({ ts?: unknown; timestamp?: unknown; line?: unknown } | null)[]).map((entry) => [
    Date.parse(String(entry?.ts ?? entry?.timestamp)) * 1e6,
    entry?.line,
  ]);
  return { stream: Object.fromEntries(labelsOf(labels)), values };
}

// {"streams":[{"stream":{"job":"nginx"},"values":[["1570818238000000000","<line>"],["…","<line>",{"trace_id":"…"}]]}]}
function countJson(body: Buffer, batch: Batch): boolean {
  const fail = (why: string): never => {
    throw new Malformed(`This is no Loki push request: ${why}.`);
  };
  const push = parseJson(body, OBJECTS_MAX) as { streams?: unknown } | null;
  if (!Array.isArray(push?.streams)) return fail('streams must be an array');
  let timed = true;
  for (const stream of push.streams.map(today) as ({ stream?: unknown; values?: unknown } | null)[]) {
    if (typeof stream?.stream !== 'object' || stream.stream === null || !Array.isArray(stream.values))
      return fail('each stream must have labels and values');
    const source = sourceOf(new Map(Object.entries(stream.stream)));
    for (const entry of stream.values as unknown[]) {
      if (!Array.isArray(entry) || typeof entry[1] !== 'string') return fail('each value must be a time and a line');
      const ms = Number(entry[0]) / 1e6;
      if (!(ms > 0)) timed = false;
      batch.text(entry[1], { source, ts: ms > 0 ? ms : undefined });
    }
  }
  return timed;
}

interface PushRequest {
  streams: {
    labels: string;
    entries: { line: string; timestamp: { seconds: number | { toNumber(): number }; nanos: number } | null }[];
  }[];
}

function countProtobuf(body: Buffer, batch: Batch): boolean {
  const push = parseProtobuf(body, pushRequest, OBJECTS_MAX) as unknown as PushRequest;
  let timed = true;
  for (const { labels, entries } of push.streams) {
    const source = sourceOf(labelsOf(labels));
    for (const { line, timestamp } of entries) {
      const ms = timestamp === null ? 0 : Number(timestamp.seconds) * 1000 + timestamp.nanos / 1e6;
      if (!(ms > 0)) timed = false;
      batch.text(line, { source, ts: ms > 0 ? ms : undefined });
    }
  }
  return timed;
}

function labelsOf(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [, name, value] of text.slice(0, 8192).matchAll(/(?<!\w)([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g))
    labels.set(name, value.replace(/\\(.)/g, '$1'));
  return labels;
}

function sourceOf(labels: ReadonlyMap<string, unknown>): string | undefined {
  for (const name of LABELS) {
    const value = labels.get(name);
    if (typeof value === 'string' && value !== '' && value !== 'unknown_service') return cleanSource(value);
  }
  const path = labels.get('filename');
  return typeof path === 'string' ? cleanSource(sourceOfPath(path)) : undefined;
}
