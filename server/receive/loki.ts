// Loki's push API, as Alloy, Promtail, Fluent Bit, Vector and Docker's driver speak it: streams of (time, line) under labels.
// Snappy-compressed protobuf unless the content type says JSON. A label names the source.
import type { FastifyReply, FastifyRequest } from 'fastify';
import protobuf from 'protobufjs';
import { parseIso } from '#shared/time-range.ts';
import { errors } from '../errors.ts';
import { LINE_TOO_LONG } from '../formats/misses.ts';
import type { Batch } from './batch.ts';
import { Allowance } from './allowance.ts';
import { decodeWhole } from './decode.ts';
import { decodeSnappyBlock } from './snappy-body.ts';
import { jsonMessage } from './json-message.ts';
import { sourceOf as sourceOfPath } from './log-path.ts';
import { Malformed, VALUE_BYTES_MAX, type Message, type Shape, type Tree } from './message.ts';
import { cleanSource } from './source-name.ts';
import { answered, openFor, sourceKeyOf, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';
import { planOf, protobufMessage } from './protobuf-message.ts';

const SOURCE = 'loki';
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

/** Streams, and what is in them. `entries` is how Promtail wrote it for /api/prom/push. */
const lists: Shape['lists'] = { streams: VALUE_BYTES_MAX, values: VALUE_BYTES_MAX, entries: VALUE_BYTES_MAX };
const shape: Shape = { fields: ['stream', 'labels', 'ts', 'timestamp', 'line', 'filename', ...LABELS], lists };

// logproto.PushRequest, as far as it is counted. Labels come as text: {job="nginx", host="web1"}
const pushRequest = planOf(
  protobuf
    .parse(
      `
  syntax = "proto3";
  message PushRequest { repeated Stream streams = 1; }
  message Stream { string labels = 1; repeated Entry entries = 2; }
  message Entry { Timestamp timestamp = 1; string line = 2; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
`,
    )
    .root.lookupType('PushRequest'),
  lists,
);

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
  const { body, digest } = await decodeWhole(request.raw, allowance);
  const batch = openFor(request, deps, { source: SOURCE, isNamed: false, receiver: loki.name, digest: false });
  const isJson = /json/i.test(request.headers['content-type'] ?? '');
  let timed: boolean;
  try {
    if (isJson) timed = await countJson(await jsonMessage(body, shapeFor(sourceKeyOf(request)), allowance), batch);
    else
      timed = await countProtobuf(
        await protobufMessage(
          isSnappy(request) ? body : await decodeSnappyBlock(body, allowance),
          pushRequest,
          allowance,
        ),
        batch,
      );
  } catch (error) {
    throw error instanceof Malformed ? errors.undecodable(error.message) : error;
  }
  // Entries have the nanosecond at which they were read: the same bytes are the same push, sent again.
  const answer = await batch.commit(timed ? { scope: `${deps.tokenOf(request)}|body|loki`, key: digest } : undefined);
  answered(deps, batch, 204, tallied(answer));
  return reply.code(204).send();
}

/** Of labels, those are made that are asked for; none is a way to an object's prototype. */
function shapeFor(sourceKey: string | undefined): Shape {
  const names = sourceKey === undefined ? [] : [sourceKey, sourceKey.replaceAll('.', '_')];
  return { ...shape, fields: [...shape.fields, ...names.filter((name) => name !== '__proto__')] };
}

/** The header that decode.ts has dealt with; without it the body is still one snappy block. */
const isSnappy = (request: FastifyRequest): boolean => /snappy/i.test(request.headers['content-encoding'] ?? '');

function fail(why: string): never {
  throw new Malformed(`This is no Loki push request: ${why}.`);
}

const treeOf = (given: unknown): Tree => (typeof given === 'object' && given !== null ? (given as Tree) : {});

// {"streams":[{"stream":{"job":"nginx"},"values":[["1570818238000000000","<line>"],["…","<line>",{"trace_id":"…"}]]}]}
// {"streams":[{"labels":"{job=\"nginx\"}","entries":[{"ts":"2026-01-02T15:04:05.25Z","line":"<line>"}]}]}
/** Tells whether each entry had a time. */
async function countJson(push: Message, batch: Batch): Promise<boolean> {
  if (!push.has('streams')) fail('streams must be an array');
  let timed = true;
  for await (const stream of push.items('streams')) {
    const { stream: labels, labels: text } = treeOf(stream.value);
    const isOld = typeof text === 'string' && stream.has('entries');
    if (!isOld && (typeof labels !== 'object' || labels === null || !stream.has('values')))
      fail('each stream must have labels and values');
    const source = sourceOf(isOld ? labelsOf(text) : new Map(Object.entries(labels as Tree)), batch);
    for await (const { value: entry } of stream.items(isOld ? 'entries' : 'values')) {
      if (entry === undefined) batch.miss(LINE_TOO_LONG, '', { source });
      else if (!countEntry(isOld ? today(treeOf(entry)) : entry, source, batch)) timed = false;
    }
  }
  return timed;
}

/** As it would be in `values`. */
const today = ({ ts, timestamp, line }: Tree): unknown[] => [parseIso(String(ts ?? timestamp)) * 1e6, line];

/** Tells whether it had a time. */
function countEntry(entry: unknown, source: string | undefined, batch: Batch): boolean {
  if (!Array.isArray(entry) || typeof entry[1] !== 'string') fail('each value must be a time and a line');
  const ms = Number(entry[0]) / 1e6;
  batch.text(entry[1], { source: batch.named(entry[2]) ?? source, ts: ms > 0 ? ms : undefined });
  return ms > 0;
}

interface Entry {
  line: string;
  timestamp: { seconds: number | { toNumber(): number }; nanos: number } | null;
}

async function countProtobuf(push: Message, batch: Batch): Promise<boolean> {
  let timed = true;
  for await (const stream of push.items('streams')) {
    const source = sourceOf(labelsOf(String(treeOf(stream.value).labels ?? '')), batch);
    for await (const { value } of stream.items('entries')) {
      if (value === undefined) {
        batch.miss(LINE_TOO_LONG, '', { source });
        continue;
      }
      const { line, timestamp } = value as Entry;
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

function sourceOf(labels: ReadonlyMap<string, unknown>, batch: Batch): string | undefined {
  const named = batch.named(labels);
  if (named !== undefined) return named;
  for (const name of LABELS) {
    const value = labels.get(name);
    if (typeof value === 'string' && value !== '' && value !== 'unknown_service') return cleanSource(value);
  }
  const path = labels.get('filename');
  return typeof path === 'string' ? cleanSource(sourceOfPath(path)) : undefined;
}
