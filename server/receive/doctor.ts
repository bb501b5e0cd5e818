// What every sender did and what we told it: the shipper doctor's memory, bounded per source. The sums are the store's; here is
// what is worth knowing only about now.
import type { SourceStatus, Stranger } from '#shared/api.ts';
import { masked, maskedUrl } from '../core/diagnose/mask.ts';
import type { Miss } from '../formats/format.ts';
import { AHEAD_MS_MAX } from './event-time.ts';

export interface Doctor {
  /** A batch of this source was read. */
  saw(source: string, seen: Seen): void;
  /** What we answered. */
  answered(source: string, at: number, status: number, note: string): void;
  /** A request to a path that we do not serve, or one that was refused, and why. */
  stranger(request: { at: number; method: string; path: string; userAgent?: string; why?: string }): void;
  about(source: string): Known;
  strangers(): Stranger[];
}

export interface Seen {
  at: number;
  receiver: string;
  userAgent?: string;
  format: string | null;
  /** Newest time its own lines gave, ms; ahead of `at` when its clock is. */
  newestEvent?: number;
  misses: readonly { miss: Miss; sample: string }[];
}

/** The part of a source's status that lives in memory; empty after a restart until it sends again. */
export type Known = Pick<
  SourceStatus,
  'format' | 'receiver' | 'userAgent' | 'lastEvent' | 'lagMs' | 'clockAheadMs' | 'lastMisses' | 'answers' | 'flags'
>;

const MISSES_MAX = 10;
const ANSWERS_MAX = 10;
const LAGS_MAX = 31;
/** What comes later is a backfill. */
const LAG_MS_MAX = 3 * 3_600_000;
const SOURCES_MAX = 2000;
/** Sources of which nothing is counted. */
const PASSING_MAX = 100;
const STRANGERS_MAX = 50;
const TEXT_MAX = 200;
/** So much of a text is looked at for secrets, so that none is cut in two and missed. */
const READ_MAX = 1000;
/** Less is the time a line travels, and clocks that differ as clocks do. */
const AHEAD_MS_MIN = 2000;

interface Memory {
  receiver: string | null;
  userAgent: string | null;
  format: string | null;
  lastEvent: number | null;
  /** Arrival minus newest event of the last batches, ms. */
  lags: number[];
  misses: SourceStatus['lastMisses'];
  answers: SourceStatus['answers'];
}

/** `counted` tells whether a source has a place of its own: names that anyone may invent do not push those out. */
export function createDoctor(counted: (source: string) => boolean = () => true): Doctor {
  const memories = new Map<string, Memory>(),
    passing = new Map<string, Memory>();
  const strangers = new Map<string, Stranger>();

  const memoryOf = (source: string): Memory => {
    const [home, max] = counted(source) ? ([memories, SOURCES_MAX] as const) : ([passing, PASSING_MAX] as const);
    let memory = home.get(source);
    if (memory === undefined) {
      if (home.size >= max) home.delete(home.keys().next().value!);
      memory = passing.get(source) ?? {
        receiver: null,
        userAgent: null,
        format: null,
        lastEvent: null,
        lags: [],
        misses: [],
        answers: [],
      };
      passing.delete(source);
      home.set(source, memory);
    }
    return memory;
  };

  return {
    saw(source, seen) {
      const memory = memoryOf(source);
      memory.receiver = seen.receiver;
      memory.userAgent = seen.userAgent?.slice(0, TEXT_MAX) ?? memory.userAgent;
      memory.format = seen.format ?? memory.format;
      if (seen.newestEvent !== undefined) {
        // a time that is still to come was a clock's that was ahead
        const before =
          memory.lastEvent !== null && memory.lastEvent <= seen.at + AHEAD_MS_MAX ? memory.lastEvent : -Infinity;
        memory.lastEvent = Math.max(before, Math.min(seen.newestEvent, seen.at));
        if (seen.at - seen.newestEvent < LAG_MS_MAX) push(memory.lags, seen.at - seen.newestEvent, LAGS_MAX);
      }
      for (const { miss, sample } of seen.misses.slice(-MISSES_MAX))
        push(memory.misses, { at: seen.at, kind: miss.kind, reason: miss.text, sample }, MISSES_MAX);
    },
    answered(source, at, status, note) {
      push(memoryOf(source).answers, { at, status, note: note.slice(0, TEXT_MAX) }, ANSWERS_MAX);
    },
    stranger({ at, method, path, userAgent, why }) {
      const known = maskedUrl(path.split('?')[0].slice(0, READ_MAX)).slice(0, TEXT_MAX);
      const key = `${method} ${known}`;
      const before = strangers.get(key);
      strangers.delete(key); // to the end: the oldest goes first
      if (strangers.size >= STRANGERS_MAX) strangers.delete(strangers.keys().next().value!);
      strangers.set(key, {
        method,
        path: known,
        userAgent:
          userAgent === undefined
            ? (before?.userAgent ?? null)
            : masked(userAgent.slice(0, READ_MAX)).slice(0, TEXT_MAX),
        count: (before?.count ?? 0) + 1,
        lastAt: at,
        hint: why?.slice(0, TEXT_MAX) ?? strangerHint(known, userAgent ?? ''),
      });
    },
    about(source) {
      const memory = memories.get(source) ?? passing.get(source);
      if (memory === undefined)
        return {
          format: null,
          receiver: null,
          userAgent: null,
          lastEvent: null,
          lagMs: null,
          clockAheadMs: null,
          lastMisses: [],
          answers: [],
          flags: [],
        };
      const lag = median(memory.lags);
      const ahead = lag !== null && lag < -AHEAD_MS_MIN ? -lag : null;
      return {
        format: memory.format,
        receiver: memory.receiver,
        userAgent: memory.userAgent,
        lastEvent: memory.lastEvent,
        lagMs: lag === null ? null : Math.max(0, lag),
        clockAheadMs: ahead,
        lastMisses: memory.misses.toReversed(),
        answers: memory.answers.toReversed(),
        flags: ahead === null ? [] : ['clock-ahead'],
      };
    },
    strangers: () => [...strangers.values()].reverse(),
  };
}

function push<T>(list: T[], item: T, max: number): void {
  if (list.length >= max) list.shift();
  list.push(item);
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Paths that other products take data on: what the sender believes us to be, and what to change. */
const LOOKALIKES: readonly [path: RegExp, hint: string][] = [
  [
    /^\/api\/v1\/(write|prom\/write)|^\/prometheus/,
    'Prometheus remote write: metrics, which hold no lines. Send logs, or OTLP metrics to /v1/metrics.',
  ],
  [
    /^\/insert\//,
    'VictoriaLogs or VictoriaMetrics: point it at /ingest/SOURCE for lines, /_bulk for Elasticsearch, /v1/logs for OTLP.',
  ],
  [/^\/api\/v[12]\/(spans|traces)|^\/api\/traces/, 'Zipkin or Jaeger spans: export OTLP to /v1/traces instead.'],
  [
    /^\/services\/collector/,
    'Splunk HTTP Event Collector of a kind that is not served: use /services/collector/event, or post lines to /ingest/SOURCE.',
  ],
  [/^\/v1\/input\b/, "Datadog's logs as its agents of old send them: they are taken at /api/v2/logs."],
  [
    /^\/api\/v2\/(logs|series)|^\/api\/v1\/series|^\/api\/v0\.2\/|^\/v0\.\d\/|^\/intake/,
    "Datadog's metrics or traces, which hold no lines: only its logs are taken, at /api/v2/logs.",
  ],
  [/^\/(log\/v1|logs?)$|^\/v1\/log$/, 'New Relic or a plain log sink: post to /ingest/SOURCE.'],
  [/^\/gelf/, 'Graylog GELF over HTTP: post to /ingest/SOURCE.'],
  [
    /^\/write$|^\/api\/v2\/write|^\/influx/,
    'InfluxDB line protocol: metrics, which hold no lines. Post the access log to /ingest/SOURCE.',
  ],
  [
    /^\/opentelemetry|^\/otlp|\/v1\/(logs|metrics|traces)$|^\/v1development\//,
    "OTLP under another prefix: the endpoint is this server's bare address, the paths are /v1/logs, /v1/metrics and /v1/traces.",
  ],
  [/\/_bulk$|^\/_(\w)/, 'Elasticsearch: only /_bulk and its handshake are served.'],
  [/^\/loki\/|\/push$/, 'Loki: push goes to /loki/api/v1/push; queries are not served.'],
  [/^\/ingest\//, 'A source name is one path segment: /ingest/SOURCE.'],
];

function strangerHint(path: string, userAgent: string): string {
  for (const [pattern, hint] of LOOKALIKES) if (pattern.test(path)) return hint;
  if (isShipper(userAgent)) {
    return 'A log shipper at a path that is not served: lines go to /ingest/SOURCE, OTLP to /v1/logs, Loki to /loki/api/v1/push, Elasticsearch to /_bulk.';
  }
  return 'Nothing is served there. Lines go to /ingest/SOURCE.';
}

/** Elastic-filebeat/9.1.0, Vector/0.49, Fluent-Bit, Datadog Agent/7.60, OpenTelemetry Collector/0.120 */
const isShipper = (userAgent: string): boolean =>
  /^(?:elastic\S*-)?(?:vector|fluent|rsyslog|syslog-ng|\w+beat|logstash|elastic|otel|opentelemetry|alloy|grafanaalloy|promtail|prometheus|telegraf|datadog|logplex|cribl)/i.test(
    userAgent,
  );

/** Does this look like someone sending data, rather than someone looking for a page? */
export const looksLikeShipper = (method: string, path: string, userAgent = ''): boolean =>
  method === 'POST' || method === 'PUT' || isShipper(userAgent) || LOOKALIKES.some(([pattern]) => pattern.test(path));
