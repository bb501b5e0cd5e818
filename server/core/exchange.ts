// From a hit's byte ranges to an Exchange: decodes evidence as each proxy writes it. For exchanges that need judging, not for the hot path.
import type { EvidenceField } from '#shared/causes/cause.ts';
import type { Evidence, Exchange } from '#shared/exchange.ts';
import {
  CLIENT,
  CONNECT_TIME,
  DETAILS,
  FLAGS,
  HEADER_TIME,
  HOST,
  LIMIT,
  METHOD,
  PATH,
  RESPONSE_TIME,
  RESULT,
  RETRIES,
  ROUTE,
  TERMINATION,
  TIMERS,
  UPSTREAM,
  UPSTREAM_BYTES,
  UPSTREAM_LENGTH,
  UPSTREAM_STATUS,
  bitsOf,
  type Hit,
} from './hit.ts';
import { routeOf } from './count/route.ts';

/** Proxies whose status columns hold 0 or -1 for "no answer". */
const nothing = (text: string): boolean =>
  text === '-' || text === '' || text === '-1' || text === '0' || text === '000' || text === 'null';
const never = (text: string): boolean => text === '-' || text === '' || text === 'null';

/** The fields of a hit that evidence is read from, as bits. */
export const READ_FROM: Readonly<Record<EvidenceField, number>> = {
  method: bitsOf(METHOD),
  upstream: bitsOf(UPSTREAM),
  upstreamStatus: bitsOf(UPSTREAM_STATUS),
  connectMs: bitsOf(CONNECT_TIME, TIMERS),
  headerMs: bitsOf(HEADER_TIME, TIMERS),
  responseMs: bitsOf(RESPONSE_TIME),
  queueMs: bitsOf(TIMERS),
  upstreamBytes: bitsOf(UPSTREAM_BYTES),
  upstreamLength: bitsOf(UPSTREAM_LENGTH),
  termination: bitsOf(TERMINATION),
  flags: bitsOf(FLAGS),
  details: bitsOf(DETAILS),
  result: bitsOf(RESULT),
  retries: bitsOf(RETRIES, CONNECT_TIME),
  limit: bitsOf(LIMIT),
};

/** What the causes are judged on: the code and the evidence, without what only a reader wants to see. */
export function evidenceOf(hit: Hit): Evidence {
  const x: Evidence = { proxy: hit.proxy, code: hit.code };
  const method = hit.text(METHOD);
  if (method) x.method = method;
  if (!Number.isNaN(hit.durationMs)) x.durationMs = hit.durationMs;
  if (!Number.isNaN(hit.size)) x.bytes = hit.size;
  readUpstream(hit, x);
  if (hit.has(TIMERS)) readTimers(hit.text(TIMERS)!, x);
  const connect = lastTime(hit, CONNECT_TIME),
    header = lastTime(hit, HEADER_TIME),
    response = lastTime(hit, RESPONSE_TIME);
  if (connect !== undefined) x.connectMs = connect;
  if (header !== undefined) x.headerMs = header;
  if (response !== undefined) x.responseMs = response;
  const received = lastNumber(hit, UPSTREAM_BYTES),
    body = lastNumber(hit, UPSTREAM_LENGTH);
  if (received !== undefined) x.upstreamBytes = received;
  if (body !== undefined) x.upstreamLength = body;
  if (hit.has(TERMINATION)) x.termination = hit.text(TERMINATION)!;
  if (hit.has(FLAGS)) x.flags = hit.text(FLAGS)!;
  if (hit.has(DETAILS)) x.details = hit.text(DETAILS)!;
  if (hit.has(RESULT)) x.result = hit.text(RESULT)!;
  if (hit.has(RETRIES)) {
    const retries = number(hit.text(RETRIES)!.replace(/^\+/, ''));
    if (retries !== null) x.retries = retries;
  } else if (x.upstreamStatus === undefined && hit.has(CONNECT_TIME)) {
    // "-, 0.001": the first of nginx's attempts never connected.
    const tried = attempts(hit.text(CONNECT_TIME)!);
    if (tried.slice(0, -1).some(never)) x.retries = tried.length - 1;
  }
  if (hit.has(LIMIT)) x.limit = hit.text(LIMIT)!;
  return x;
}

/** The whole exchange, as `parse` prints it and the runbook quotes it. */
export function exchangeOf(hit: Hit): Exchange {
  const x: Exchange = evidenceOf(hit);
  if (!Number.isNaN(hit.ts)) x.ts = Math.floor(hit.ts);
  const path = hit.text(PATH),
    host = hit.text(HOST),
    client = hit.text(CLIENT);
  if (path) x.path = path;
  const route = hit.text(ROUTE) || (path ? routeOf(path) : undefined);
  if (route) x.route = route;
  if (host && host !== '-') x.host = host;
  if (client && client !== '-') x.client = client;
  return x;
}

/** One blank on each side of the colon and no repetition: `\s+:\s+` takes quadratic time over a long run of blanks. */
const SEPARATOR = /,|\s:\s/;
/** A hundred attempts and more; of a longer list the last are looked at. */
const ATTEMPTS_CHARS_MAX = 4096;
/** How long the last attempt took, ms: of nginx's three attempts of 5 s each, 5 s. The whole exchange where attempts have no times. */
export function attemptMs(hit: Hit): number | undefined {
  const response = lastTime(hit, RESPONSE_TIME);
  if (typeof response === 'number') return response;
  return Number.isNaN(hit.durationMs) ? undefined : hit.durationMs;
}

/** nginx: attempts are separated by ", ", and by " : " where an internal redirect went to another group. */
function attempts(text: string): string[] {
  const recent = text.length > ATTEMPTS_CHARS_MAX ? text.slice(-ATTEMPTS_CHARS_MAX) : text;
  return recent.includes(',') || recent.includes(' : ')
    ? recent.split(SEPARATOR).map((attempt) => attempt.trim())
    : [recent];
}

/** The first address of nginx's list whose attempt failed; '' when the log names one address only, and that one did not fail. */
export function failedFirst(hit: Hit): string {
  const tried = attempts(hit.text(UPSTREAM) ?? '');
  if (tried.length < 2) return (hit.text(UPSTREAM_STATUS) ?? '').startsWith('5') ? tried[0] : '';
  const at = attempts(hit.text(UPSTREAM_STATUS) ?? '').findIndex(
    (status) => !(Number(status) >= 100 && Number(status) < 500),
  );
  return tried[Math.max(0, at)] ?? '';
}

/** The last of nginx's attempts, the one the client saw; any other text as it is. */
export function lastAttempt(text: string): string {
  const comma = text.lastIndexOf(','),
    colon = text.lastIndexOf(' : ');
  const at = Math.max(comma, colon + (colon === -1 ? 0 : 1));
  return at <= 0 ? text.trim() : text.slice(at + 1).trim();
}

function readUpstream(hit: Hit, x: Evidence): void {
  if (hit.has(UPSTREAM)) {
    const tried = attempts(hit.text(UPSTREAM)!);
    const last = tried.at(-1)!;
    x.upstream = never(last) ? null : last;
    if (tried.length > 1) {
      x.upstreamAttempts = tried;
      const took = hit.has(RESPONSE_TIME) ? attempts(hit.text(RESPONSE_TIME)!) : [];
      if (took.length === tried.length) x.attemptsMs = took.map((text) => msOf(text, hit));
    }
  }
  if (hit.has(UPSTREAM_STATUS)) {
    const statuses = attempts(hit.text(UPSTREAM_STATUS)!);
    x.upstreamStatus = statuses.length === 1 && nothing(statuses[0]) ? [] : statuses.map((s) => number(s) ?? 0);
  }
}

function lastNumber(hit: Hit, field: number): number | null | undefined {
  if (!hit.has(field)) return undefined;
  const text = lastAttempt(hit.text(field)!);
  return never(text) ? null : number(text);
}

function lastTime(hit: Hit, field: number): number | null | undefined {
  if (!hit.has(field)) return undefined;
  return msOf(lastAttempt(hit.text(field)!), hit);
}

function msOf(text: string, hit: Hit): number | null {
  const value = never(text) || text.startsWith('-') ? null : number(text);
  return value === null ? null : Math.round(value * hit.timeUnitMs * 1000) / 1000;
}

/** HAProxy: TR/Tw/Tc/Tr/Ta (or Tq/Tw/Tc/Tr/Tt), ms; -1 is "never came to that", and "+" marks a log written early. */
function readTimers(text: string, x: Evidence): void {
  const timers = text.split('/', 5).map((t) => number(t.replace(/^\+/, '')));
  const at = (i: number): number | null | undefined => {
    const value = timers[i];
    return value === undefined ? undefined : value === null || value < 0 ? null : value;
  };
  const queue = at(1),
    connect = at(2),
    header = at(3);
  if (queue !== undefined) x.queueMs = queue;
  if (connect !== undefined) x.connectMs = connect;
  if (header !== undefined) x.headerMs = header;
}

function number(text: string): number | null {
  if (text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
