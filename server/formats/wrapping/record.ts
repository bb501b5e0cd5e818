// Records that carry a line as a value: Docker's json-file, journald, Vector, Fluent Bit, Filebeat, Fluentd, Logstash, GELF, Loki's
// JSON, Cloud Logging, a logger's `msg`. Asked only when the record is no access record itself.
import { keys, values } from '../keyed/line-values.ts';
import type { Envelope } from './envelope.ts';
import type { Chunk } from '../format.ts';
import { jsonScanner } from '../keyed/json-format.ts';
import { scanPairs } from '../keyed/pairs.ts';
import { timeIn } from '../bytes/scalars.ts';
import { unescape } from '../bytes/json-escapes.ts';
import { METHODS } from '../bytes/http-words.ts';
import { closingQuote, Needle, oneOf } from '../bytes/scanner.ts';
import { BARE, CONTAINER, ESCAPED, PLAIN } from '../keyed/values.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BACKSLASH, BRACE, BRACE_END, BRACKET, COLON, COMMA, QUOTE, SPACE } = ASCII;

/** Under which names the line is, the plainest first: what an agent read, then what an application said. */
const LINE_KEYS = [
  'event.original',
  'log.original',
  '_raw',
  'log',
  'message',
  'msg',
  'line',
  'raw',
  'original',
  'original_message',
  'raw_message',
  'text_payload',
  'log_message',
  'full_message',
  'short_message',
  'text',
  'content',
  'body',
  'entry',
  'event',
  'data',
  'payload',
  'record',
  'log_line',
  'logline',
  'raw_log',
  'rawlog',
  'access_log',
  'value',
  'properties',
  'protoPayload.line',
  'event.message',
  'body.string_value',
  'attributes.message',
  'attributes.log',
  'records',
  'log_events',
  'event_message',
  'log_entry',
  'log_event',
  'log_record',
  'log_data',
  'log_content',
  'log_text',
  'log_s',
  'message_s',
  'log_message_s',
  'log_entry_s',
  'result_description',
  'rendered_description',
  'rendered_message',
  'syslog_message',
  'raw_data',
  'raw_event',
  'raw_line',
  'raw_string',
  'original_log',
  'container_log',
  'stdout',
  'output',
].map((name) => keys.id(name));
/** Lines in base64: Pub/Sub's messages, Kinesis' records as a Lambda gets them. */
const BASE64_KEYS = ['message.data', 'kinesis.data'].map((name) => keys.id(name));
const TIME_KEYS = [
  'time',
  '@timestamp',
  'timestamp',
  '_SOURCE_REALTIME_TIMESTAMP',
  '__REALTIME_TIMESTAMP',
  'ts',
  'date',
  'time_unix_nano',
  'message.publish_time',
  'kinesis.approximate_arrival_timestamp',
].map((name) => keys.id(name));
const HOST_KEYS = ['host', 'hostname', '_HOSTNAME', 'host.name', 'agent.hostname', 'kubernetes.host'].map((name) =>
  keys.id(name),
);
const PROGRAM_KEYS = [
  'kubernetes.container_name',
  'container_name',
  'SYSLOG_IDENTIFIER',
  '_COMM',
  'service.name',
  'app',
  'program',
  'tag',
  'service',
].map((name) => keys.id(name));

/** Docker cuts lines at 16 KiB; a whole one ends in a newline. */
const DOCKER_PIECE_BYTES = 16 * 1024 - 64;

/** What keys the JSON object at [start, end) has, as a number; -1 when there is none. */
export function jsonShape(chunk: Chunk, start: number, end: number): number {
  return chunk.bytes[start] === BRACE && jsonScanner.scan(chunk, start, end) ? values.shape : -1;
}

/** Is the JSON object at [start, end) an envelope? Its line goes to `out`. */
export function unwrapJson(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  return jsonScanner.scan(chunk, start, end) && unwrapValues(chunk, out);
}

/** A record in logfmt whose message is a line: `ts=… level=info msg="10.0.0.1 - - […]"`, or nothing but it: `log="10.0.0.1 - - […]"`. */
export function unwrapPairs(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  return scanPairs(chunk, start, end, 0, 1) && unwrapValues(chunk, out);
}

/**
 * The text of a record that holds a request line, under whatever name; what is not escaped in it as JSON has it goes on to the line's end.
 * For what `unwrapJson` finds no line in.
 */
export function unwrapRequest(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const { bytes: b } = chunk;
  if (b[start] !== BRACE) return false;
  const request = protocol.find(chunk, start, end);
  let open = request;
  while (open > start && !(b[open] === QUOTE && isValueAt(b, open, start))) open--;
  // (a request and nothing before it may be one that was sent)
  if (open <= start || oneOf(b, open + 1, end, METHODS) !== -1 || !jsonScanner.scan(chunk, start, end)) return false;
  setTime(chunk, out);
  const close = closingQuote(quote, chunk, open + 1, end);
  if (close < request) return out.inside(open + 1, end);
  return out.own(out.scratch, unescape(b, open + 1, close, out.scratch));
}

const protocol = new Needle(' HTTP/'),
  quote = new Needle('"');

/** Does the quote at `at` open a value? */
function isValueAt(b: Buffer, at: number, start: number): boolean {
  at--;
  while (at > start && b[at] <= SPACE) at--;
  return b[at] === COLON;
}

// 2022/03/09 20:00:01.524	INFO	http.log.access	handled request	{"request": {…}, "status": 200}
/** A record behind words, as loggers print it for a console. */
export function unwrapTail(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const { bytes } = chunk;
  if (bytes[end - 1] !== BRACE_END) return false;
  let at = brace.find(chunk, start, end);
  while (at !== -1 && !isQuoteAfter(bytes, at + 1, end)) at = brace.find(chunk, at + 1, end);
  if (at <= start || bytes[at - 1] > SPACE) return false;
  const ts = timeIn(bytes, start, at);
  if (ts === ts) out.ts = ts;
  return out.inside(at, end);
}

const brace = new Needle('{');

function isQuoteAfter(b: Buffer, at: number, end: number): boolean {
  while (at < end && b[at] <= SPACE) at++;
  return b[at] === QUOTE;
}

/** The same for values that a scanner has just found in the chunk. */
function unwrapValues(chunk: Chunk, out: Envelope): boolean {
  const line = find(chunk);
  if (line === -1) return false;
  const host = indexOfAny(HOST_KEYS),
    program = indexOfAny(PROGRAM_KEYS);
  setTime(chunk, out);
  if (host !== -1 && values.kinds[host] === PLAIN) out.setHost(values.starts[host], values.ends[host]);
  if (program !== -1 && values.kinds[program] === PLAIN) out.setProgram(values.starts[program], values.ends[program]);

  const { bytes } = chunk;
  const start = values.starts[line],
    end = values.ends[line],
    kind = values.kinds[line];
  if (BASE64_KEYS.includes(values.ids[line])) return kind === PLAIN && base64(chunk, start, end, out);
  if (kind === PLAIN) return out.inside(start, end);
  if (kind === ESCAPED) {
    const length = unescape(bytes, start, end, out.scratch);
    if (values.ids[line] === LOG && length >= DOCKER_PIECE_BYTES && out.scratch[length - 1] !== 0x0a)
      out.isPartial = true;
    return out.own(out.scratch, length);
  }
  const length = bytes[start] === BRACKET ? byteList(bytes, start, end, out.scratch) : -1;
  if (length !== -1) return out.own(out.scratch, length);
  return onlyElement(bytes, start, end, out);
}

function setTime(chunk: Chunk, out: Envelope): void {
  const time = indexOfAny(TIME_KEYS);
  if (time === -1 || values.kinds[time] === CONTAINER || values.kinds[time] === ESCAPED) return;
  const ts = timeIn(chunk.bytes, values.starts[time], values.ends[time]);
  if (ts === ts) out.ts = ts;
}

/** Of text only: compressed records are for their own receivers. */
function base64(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  const text = chunk.text.slice(start, end);
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  const length = out.scratch.write(text, 'base64');
  return out.scratch[0] >= SPACE && out.own(out.scratch, length);
}

const LOG = keys.id('log');

/** The best value that may be a line: a text that says something, or journald's list of bytes. */
function find(chunk: Chunk): number {
  const { bytes } = chunk;
  let best = -1,
    bestRank = LINE_KEYS.length;
  for (let i = 0; i < values.count; i++) {
    if (values.kinds[i] === BARE || values.ends[i] - values.starts[i] < 8) continue;
    if (values.kinds[i] === CONTAINER && bytes[values.starts[i]] !== BRACKET) continue;
    const rank = BASE64_KEYS.includes(values.ids[i]) ? 0 : LINE_KEYS.indexOf(values.ids[i]);
    if (rank !== -1 && rank < bestRank) {
      best = i;
      bestRank = rank;
    }
  }
  return best;
}

function indexOfAny(ids: readonly number[]): number {
  for (const id of ids) {
    const i = values.indexOf(id);
    if (i !== -1) return i;
  }
  return -1;
}

/** `[49,50,51]`: journald's way with bytes that are no UTF-8. */
function byteList(b: Buffer, start: number, end: number, to: Buffer): number {
  let n = 0,
    length = 0,
    digits = 0;
  for (let i = start + 1; i < end; i++) {
    const c = b[i];
    if (c >= 48 && c <= 57) {
      n = n * 10 + c - 48;
      digits++;
    } else if (c === COMMA || i === end - 1) {
      if (digits === 0 || n > 255 || length === to.length) return -1;
      to[length++] = n;
      n = digits = 0;
    } else if (c > SPACE) return -1;
  }
  return length === 0 ? -1 : length;
}

/** `[{…}]` with one object in it, as Azure's `records` come when there is one. */
function onlyElement(b: Buffer, start: number, end: number, out: Envelope): boolean {
  let from = start + 1;
  while (from < end && b[from] <= SPACE) from++;
  let to = end - 1;
  while (to > from && b[to - 1] <= SPACE) to--;
  if (b[from] !== BRACE) return false;
  let depth = 0;
  for (let i = from; i < to; i++) {
    const c = b[i];
    if (c === QUOTE) for (i++; i < to && b[i] !== QUOTE; i++) i += b[i] === BACKSLASH ? 1 : 0;
    else if (c === BRACE) depth++;
    else if (c === BRACE_END && --depth === 0 && i !== to - 1) return false;
  }
  return out.inside(from, to);
}
