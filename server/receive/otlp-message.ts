// OTLP messages from either encoding, in one shape: trees of lowerCamelCase fields that differ only in 64-bit numbers, and lists of
// them that are read one by one. Everything is checked where it is read: a sender's mistake is a Malformed, never a TypeError.
// Times become ms, attributes become Maps.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { Allowance } from './allowance.ts';
import { jsonMessage } from './json-message.ts';
import { Malformed, VALUE_BYTES_MAX, type Message, type Shape, type Tree } from './message.ts';
import { planOf, protobufMessage } from './protobuf-message.ts';

export type Value = string | number | boolean | Value[] | Attributes | undefined;
export type Attributes = ReadonlyMap<string, Value>;

export interface Resource<T> {
  readonly attributes: Attributes;
  /** Made one after another while they are looked at, and anew each time. TOO_LARGE for one that is not made. */
  items(): AsyncIterable<T | typeof TOO_LARGE>;
}

export const TOO_LARGE = Symbol('too large');

export interface LogRecord {
  /** When it happened; NaN when the sender does not say. */
  readonly time: number;
  /** When a collector saw it; NaN when unknown. */
  readonly observed: number;
  readonly body: Value;
  readonly attributes: Attributes;
  /** The library or logger that wrote it; '' when it is not said. */
  readonly scope: string;
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
  points(): AsyncIterable<Point | typeof TOO_LARGE>;
}

export type Encoding = 'json' | 'protobuf';
export type Signal = 'logs' | 'metrics' | 'traces';

const schema = protobuf.parse(readFileSync(new URL('./otlp.proto', import.meta.url), 'utf8')).root;
const response = schema.lookupType('ExportServiceResponse');
const status = schema.lookupType('Status');

/** Attribute values nest; nothing that we read is deeper. */
const DEPTH_MAX = 8;

/** Of any kind of distribution only the count is wanted. */
const HISTOGRAMS = ['histogram', 'exponentialHistogram', 'summary'];

/** What holds records, and the records. */
const lists: Shape['lists'] = {
  resourceLogs: VALUE_BYTES_MAX,
  scopeLogs: VALUE_BYTES_MAX,
  logRecords: VALUE_BYTES_MAX,
  resourceSpans: VALUE_BYTES_MAX,
  scopeSpans: VALUE_BYTES_MAX,
  spans: VALUE_BYTES_MAX,
  resourceMetrics: VALUE_BYTES_MAX,
  scopeMetrics: VALUE_BYTES_MAX,
  metrics: VALUE_BYTES_MAX,
  dataPoints: VALUE_BYTES_MAX,
  sum: VALUE_BYTES_MAX,
  histogram: VALUE_BYTES_MAX,
  exponentialHistogram: VALUE_BYTES_MAX,
  summary: VALUE_BYTES_MAX,
};
const names = new Set<string>();
for (const type of schema.nestedArray)
  if (type instanceof protobuf.Type) for (const { name } of type.fieldsArray) names.add(name);
const shape: Shape = { fields: [...names], lists, singles: ['sum', ...HISTOGRAMS] };
const plans = {
  logs: planOf(schema.lookupType('ExportLogsServiceRequest'), lists),
  metrics: planOf(schema.lookupType('ExportMetricsServiceRequest'), lists),
  traces: planOf(schema.lookupType('ExportTraceServiceRequest'), lists),
};
const NO_MESSAGE: Message = { value: {}, has: () => false, items: () => nothing() };

async function* nothing(): AsyncGenerator<never> {}

/** An empty body is an empty request. Throws Malformed and errors.tooManyRecords. */
export async function decode(signal: Signal, encoding: Encoding, body: Buffer, allowance: Allowance): Promise<Message> {
  if (encoding === 'protobuf') return protobufMessage(body, plans[signal], allowance);
  const message = body.length === 0 ? NO_MESSAGE : await jsonMessage(body, shape, allowance);
  object(message.value, 'The body');
  return message;
}

export async function* logsOf(request: Message): AsyncGenerator<Resource<LogRecord>> {
  for await (const resource of request.items('resourceLogs'))
    yield {
      attributes: resourceAttributes(resource),
      items: () => itemsOf(resource, 'scopeLogs', 'logRecords', logRecordOf),
    };
}

const logRecordOf = (record: Tree, scope: string): LogRecord => ({
  time: time(record, 'timeUnixNano'),
  observed: time(record, 'observedTimeUnixNano'),
  body: record.body === undefined ? undefined : value(record.body, 0),
  attributes: attributes(record, 'attributes', 0),
  scope,
});

export async function* tracesOf(request: Message): AsyncGenerator<Resource<Span>> {
  for await (const resource of request.items('resourceSpans'))
    yield { attributes: resourceAttributes(resource), items: () => itemsOf(resource, 'scopeSpans', 'spans', spanOf) };
}

const spanOf = (span: Tree): Span => ({
  kind: spanKind(span.kind),
  start: time(span, 'startTimeUnixNano'),
  end: time(span, 'endTimeUnixNano'),
  traceState: text(span, 'traceState'),
  attributes: attributes(span, 'attributes', 0),
});

async function* itemsOf<T>(
  resource: Message,
  scopes: string,
  items: string,
  read: (item: Tree, scope: string) => T,
): AsyncGenerator<T | typeof TOO_LARGE> {
  for await (const scope of resource.items(scopes)) {
    const name = scopeName(object(scope.value, `each of ${scopes}`));
    for await (const { value: item } of scope.items(items))
      yield item === undefined ? TOO_LARGE : read(object(item, `each of ${items}`), name);
  }
}

export async function* metricsOf(request: Message): AsyncGenerator<Resource<Metric>> {
  for await (const resource of request.items('resourceMetrics'))
    yield { attributes: resourceAttributes(resource), items: () => metricsIn(resource) };
}

const scopeName = ({ scope }: Tree): string => (isSet(scope) ? text(object(scope, 'scope'), 'name') : '');

async function* metricsIn(resource: Message): AsyncGenerator<Metric> {
  for await (const scope of resource.items('scopeMetrics')) {
    const name = scopeName(object(scope.value, 'each of scopeMetrics'));
    for await (const metric of scope.items('metrics')) yield await metricOf(metric, name);
  }
}

async function metricOf(metric: Message, scope: string): Promise<Metric> {
  const tree = object(metric.value, 'each of metrics');
  const named = { name: text(tree, 'name'), unit: text(tree, 'unit'), scope };
  const kind = ['sum', ...HISTOGRAMS].find((list) => metric.has(list) || isSet(owned(tree, list)));
  if (kind === undefined)
    return { ...named, kind: 'other', temporality: 'unspecified', monotonic: false, points: nothing };
  const { value: data } = (await metric.items(kind)[Symbol.asyncIterator]().next()) as { value: Message };
  const fields = object(data.value, named.name);
  const isHistogram = kind !== 'sum';
  return {
    ...named,
    kind: isHistogram ? 'histogram' : 'sum',
    temporality: kind === 'summary' ? 'cumulative' : temporalityOf(fields.aggregationTemporality),
    monotonic: isHistogram || fields.isMonotonic === true,
    points: () => pointsOf(data, isHistogram),
  };
}

async function* pointsOf(data: Message, isHistogram: boolean): AsyncGenerator<Point | typeof TOO_LARGE> {
  for await (const { value: item } of data.items('dataPoints')) {
    if (item === undefined) yield TOO_LARGE;
    else {
      const point = object(item, 'each of dataPoints');
      yield {
        start: time(point, 'startTimeUnixNano'),
        time: time(point, 'timeUnixNano'),
        value: number(isHistogram ? point.count : (owned(point, 'asInt') ?? owned(point, 'asDouble'))),
        noRecordedValue: (Number(point.flags) & 1) === 1,
        attributes: attributes(point, 'attributes', 0),
      };
    }
  }
}

/** The attributes of the first resources in a request. */
export async function resourcesOf(signal: Signal, request: Message, max: number): Promise<Attributes[]> {
  const found: Attributes[] = [];
  for await (const resource of request.items(
    { logs: 'resourceLogs', metrics: 'resourceMetrics', traces: 'resourceSpans' }[signal],
  )) {
    found.push(resourceAttributes(resource));
    if (found.length === max) break;
  }
  return found;
}

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
  if (given === undefined) throw new Malformed(`${what} is too large`);
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

function resourceAttributes({ value }: Message): Attributes {
  const tree = object(value, 'a resource');
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
