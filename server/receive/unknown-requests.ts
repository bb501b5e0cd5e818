// Requests to paths that are not served, and requests that were refused: who tried to send what where, and what to change.
import type { Stranger } from '#shared/api.ts';
import { masked, maskedUrl } from '../core/diagnose/mask.ts';

const REQUESTS_MAX = 50;
const TEXT_MAX = 200;
/** So much of a text is looked at for secrets, so that none is cut in two and missed. */
const READ_MAX = 1000;

export interface UnknownRequest {
  at: number;
  method: string;
  path: string;
  userAgent?: string;
  /** Why it was refused. */
  why?: string;
}

/** The last ones, counted by method and path. */
export class UnknownRequests {
  readonly #seen = new Map<string, Stranger>();

  add({ at, method, path, userAgent, why }: UnknownRequest): void {
    const known = maskedUrl(path.split('?')[0].slice(0, READ_MAX)).slice(0, TEXT_MAX);
    const key = `${method} ${known}`;
    const before = this.#seen.get(key);
    this.#seen.delete(key); // to the end: the oldest goes first
    if (this.#seen.size >= REQUESTS_MAX) this.#seen.delete(this.#seen.keys().next().value!);
    this.#seen.set(key, {
      method,
      path: known,
      userAgent:
        userAgent === undefined ? (before?.userAgent ?? null) : masked(userAgent.slice(0, READ_MAX)).slice(0, TEXT_MAX),
      count: (before?.count ?? 0) + 1,
      lastAt: at,
      hint: why?.slice(0, TEXT_MAX) ?? hintFor(known, userAgent ?? ''),
    });
  }

  /** Newest first. */
  list(): Stranger[] {
    return [...this.#seen.values()].reverse();
  }
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

function hintFor(path: string, userAgent: string): string {
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
