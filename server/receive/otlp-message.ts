// OTLP messages from either encoding, in one shape: what protobufjs gives for protobuf, and what JSON.parse gives for JSON, are
// the same trees of lowerCamelCase fields, but for 64-bit numbers. Everything is checked where it is read: a sender's mistake
// is a Malformed, never a TypeError. Times become ms, attributes become Maps.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { Malformed, parseJson, parseProtobuf } from './tree-body.ts';

export type Value = string | number | boolean | Value[] | Attributes | undefined;
export type Attributes = ReadonlyMap<string, Value>;

export interface Resource<T> {
  readonly attributes: Attributes;
  /** Made one after another while they are looked at. */
  readonly items: Iterable<T>;
}

export interface LogRecord {
  /** When it happened; NaN when the sender does not say. */
  readonly time: number;
  /** When a collector saw it; NaN when unknown. */
  readonly observed: number;
  readonly body: Value;
  readonly attributes: Attributes;
}

export interface Span {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly traceState: string;
  readonly attributes: Attributes;
}

export interface Point {
  /** NaN when unknown. */
  readonly start: number;
  readonly time: number;
  /** Requests; NaN when it is not a number. */
  readonly value: number;
  readonly noRecordedValue: boolean;
  readonly attributes: Attributes;
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly scope: string;
  readonly kind: 'sum' | 'histogram' | 'other';
  readonly temporality: 'delta' | 'cumulative' | 'unspecified';
  readonly monotonic: boolean;
  readonly points: readonly Point[];
}

export type Encoding = 'json' | 'protobuf';
export type Signal = 'logs' | 'metrics' | 'traces';

const schema = protobuf.parse(readFileSync(new URL('./otlp.proto', import.meta.url), 'utf8')).root;
const requests = {
  logs: schema.lookupType('ExportLogsServiceRequest'),
  metrics: schema.lookupType('ExportMetricsServiceRequest'),
  traces: schema.lookupType('ExportTraceServiceRequest'),
};
const response = schema.lookupType('ExportServiceResponse');
const status = schema.lookupType('Status');

/** Attribute values nest; nothing that we read is deeper. */
const DEPTH_MAX = 8;

type Tree = Readonly<Record<string, unknown>>;

/** Objects in one request; 64 MiB of real records hold fewer. */
const OBJECTS_MAX: Record<Signal, number> = { logs: 3_000_000, traces: 3_000_000, metrics: 1_000_000 };

/** The request as a tree of fields. An empty body is an empty request. Throws Malformed. */
export function decode(signal: Signal, encoding: Encoding, body: Buffer): Tree {
  if (encoding === 'protobuf') return parseProtobuf(body, requests[signal], OBJECTS_MAX[signal]) as unknown as Tree;
  return body.length === 0 ? {} : object(parseJson(body, OBJECTS_MAX[signal]), 'The body');
}

export function* logsOf(request: Tree): Generator<Resource<LogRecord>> {
  for (const resource of list(request, 'resourceLogs')) {
    yield {
      attributes: resourceAttributes(resource),
      items: itemsOf(resource, 'scopeLogs', 'logRecords', logRecordOf),
    };
  }
}

const logRecordOf = (record: Tree): LogRecord => ({
  time: time(record, 'timeUnixNano'),
  observed: time(record, 'observedTimeUnixNano'),
  body: record.body === undefined ? undefined : value(record.body, 0),
  attributes: attributes(record, 'attributes', 0),
});

export function* tracesOf(request: Tree): Generator<Resource<Span>> {
  for (const resource of list(request, 'resourceSpans')) {
    yield { attributes: resourceAttributes(resource), items: itemsOf(resource, 'scopeSpans', 'spans', spanOf) };
  }
}

const spanOf = (span: Tree): Span => ({
  kind: spanKind(span.kind),
  start: time(span, 'startTimeUnixNano'),
  end: time(span, 'endTimeUnixNano'),
  traceState: text(span, 'traceState'),
  attributes: attributes(span, 'attributes', 0),
});

function* itemsOf<T>(resource: Tree, scopes: string, items: string, read: (item: Tree) => T): Generator<T> {
  for (const scope of list(resource, scopes)) for (const item of list(scope, items)) yield read(item);
}

export function* metricsOf(request: Tree): Generator<Resource<Metric>> {
  for (const resource of list(request, 'resourceMetrics')) {
    yield {
      attributes: resourceAttributes(resource),
      items: list(resource, 'scopeMetrics').flatMap((scope) => {
        const name = isSet(scope.scope) ? text(object(scope.scope, 'scope'), 'name') : '';
        return list(scope, 'metrics').map((metric) => metricOf(metric, name));
      }),
    };
  }
}

function metricOf(metric: Tree, scope: string): Metric {
  const named = { name: text(metric, 'name'), unit: text(metric, 'unit'), scope };
  // Of any kind of distribution only the count is wanted.
  const histogram = metric.histogram ?? metric.exponentialHistogram ?? metric.summary;
  const data = metric.sum ?? histogram;
  if (!isSet(data)) return { ...named, kind: 'other', temporality: 'unspecified', monotonic: false, points: [] };
  const tree = object(data, named.name);
  return {
    ...named,
    kind: isSet(histogram) ? 'histogram' : 'sum',
    temporality: isSet(metric.summary) ? 'cumulative' : temporalityOf(tree.aggregationTemporality),
    monotonic: isSet(histogram) || tree.isMonotonic === true,
    points: list(tree, 'dataPoints').map((point) => ({
      start: time(point, 'startTimeUnixNano'),
      time: time(point, 'timeUnixNano'),
      value: number(isSet(histogram) ? point.count : (owned(point, 'asInt') ?? owned(point, 'asDouble'))),
      noRecordedValue: (Number(point.flags) & 1) === 1,
      attributes: attributes(point, 'attributes', 0),
    })),
  };
}

/** The attributes of each resource in a request. */
export const resourcesOf = (signal: Signal, request: Tree): Attributes[] =>
  list(request, { logs: 'resourceLogs', metrics: 'resourceMetrics', traces: 'resourceSpans' }[signal]).map(
    resourceAttributes,
  );

// ---- answers ----

export function encodeSuccess(signal: Signal, encoding: Encoding, rejected: number, message: string): Buffer {
  if (rejected === 0 && message === '') return Buffer.from(encoding === 'json' ? '{}' : '');
  if (encoding === 'protobuf')
    return Buffer.from(response.encode({ partialSuccess: { rejected, errorMessage: message } }).finish());
  const field = { logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints', traces: 'rejectedSpans' }[signal];
  // 64-bit numbers are strings in protobuf's JSON.
  return Buffer.from(JSON.stringify({ partialSuccess: { [field]: String(rejected), errorMessage: message } }));
}

/** google.rpc.Status */
export function encodeStatus(encoding: Encoding, code: number, message: string): Buffer {
  return Buffer.from(
    encoding === 'json' ? JSON.stringify({ code, message }) : status.encode({ code, message }).finish(),
  );
}

// ---- fields ----

/** A protobuf message's unset fields are its prototype's; JSON's null is the same as absent. */
const isSet = (given: unknown): boolean => given !== undefined && given !== null;
const owned = (tree: Tree, field: string): unknown =>
  Object.hasOwn(tree, field) ? (tree[field] ?? undefined) : undefined;

function object(given: unknown, what: string): Tree {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Malformed(`${what} must be an object`);
  return given as Tree;
}

function list(tree: Tree, field: string): Tree[] {
  const given = owned(tree, field);
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new Malformed(`${field} must be an array`);
  for (const item of given)
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw new Malformed(`each of ${field} must be an object`);
  return given as Tree[];
}

function text(tree: Tree, field: string): string {
  const given = owned(tree, field) ?? '';
  if (typeof given !== 'string') throw new Malformed(`${field} must be a string`);
  return given;
}

/** 64-bit numbers: a Long in protobuf, a decimal string or a number in JSON. */
function number(given: unknown): number {
  if (typeof given === 'number') return given;
  if (typeof given === 'string') return given.trim() === '' ? NaN : Number(given);
  return typeof given === 'object' && given !== null && 'toNumber' in given
    ? (given as { toNumber(): number }).toNumber()
    : NaN;
}

/** ns → ms. Unset and 0 both mean unknown. */
function time(tree: Tree, field: string): number {
  const given = owned(tree, field);
  if (given === undefined || given === '') return NaN;
  const ns = number(given);
  if (Number.isNaN(ns)) throw new Malformed(`${field} must be a number of nanoseconds`);
  return ns === 0 ? NaN : ns / 1e6;
}

const KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];

const temporalityOf = (given: unknown): Metric['temporality'] =>
  given === 1 || given === 'AGGREGATION_TEMPORALITY_DELTA'
    ? 'delta'
    : given === 2 || given === 'AGGREGATION_TEMPORALITY_CUMULATIVE'
      ? 'cumulative'
      : 'unspecified';

/** An integer by the specification; names are what generic protobuf-to-JSON encoders write. */
const spanKind = (given: unknown): number =>
  !isSet(given) ? 0 : typeof given === 'number' ? given : KINDS.indexOf(String(given));

const NONE: Attributes = new Map();

function resourceAttributes(tree: Tree): Attributes {
  return isSet(tree.resource) ? attributes(object(tree.resource, 'resource'), 'attributes', 0) : NONE;
}

function attributes(tree: Tree, field: string, depth: number): Attributes {
  const pairs = list(tree, field);
  if (pairs.length === 0) return NONE;
  const found = new Map<string, Value>();
  for (const pair of pairs) {
    const key = text(pair, 'key');
    if (isSet(pair.value)) found.set(key, value(pair.value, depth));
  }
  return found;
}

function value(given: unknown, depth: number): Value {
  if (given === null) return undefined;
  const tree = object(given, 'a value');
  if (depth > DEPTH_MAX) return undefined;
  const plain = owned(tree, 'stringValue') ?? owned(tree, 'boolValue') ?? owned(tree, 'doubleValue');
  if (typeof plain === 'string' || typeof plain === 'boolean' || typeof plain === 'number') return plain;
  const int = owned(tree, 'intValue');
  if (int !== undefined) return number(int);
  const array = owned(tree, 'arrayValue');
  if (array !== undefined) return list(object(array, 'arrayValue'), 'values').map((item) => value(item, depth + 1));
  const pairs = owned(tree, 'kvlistValue');
  return pairs === undefined ? undefined : attributes(object(pairs, 'kvlistValue'), 'values', depth + 1);
}
