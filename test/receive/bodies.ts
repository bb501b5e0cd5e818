// How each receiver of server/receive/index.ts is spoken to: the same log lines, as a sender of its protocol would pack them. The
// contract test walks these; a receiver without an entry here fails it.
import { createHash } from 'node:crypto';
import { STRETCH_HEADER } from '../../server/receive/stream.ts';

export interface Batch {
  readonly source: string;
  readonly lines: readonly string[];
  /** Event time of each line, ms. */
  readonly times: readonly number[];
  /** Unique to the batch: what protocols that number their requests put into them. */
  readonly id: string;
}

export interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Spoken {
  /** A batch as a request. No lines: a valid request without any. */
  request(batch: Batch): Request;
  /** The status that says that a batch was taken. */
  readonly taken: number;
  /** The status for a body that can never be read. */
  readonly refused: number;
  /** Such a body, or none where every text is lines. */
  readonly unreadable?: (batch: Batch) => Request;
  /** Further paths it serves. */
  readonly urls?: readonly string[];
}

const json = (url: string, body: unknown, headers: Record<string, string> = {}): Request => ({
  url,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});
const text = (url: string, lines: readonly string[], headers: Record<string, string> = {}): Request => ({
  url,
  headers: { 'content-type': 'text/plain', ...headers },
  body: Buffer.from(lines.map((line) => `${line}\n`).join('')),
});
const nanos = (ms: number): string => `${ms}000000`;

/** By the receiver's name. */
export const spoken: Readonly<Record<string, Spoken>> = {
  http: {
    request: ({ source, lines }) => text(`/ingest/${source}`, lines),
    taken: 200,
    refused: 422,
    urls: ['/ingest', '/api/v2/logs', '/v1/input'],
  },

  otlp: {
    request: ({ source, lines, times }) =>
      json('/v1/logs', {
        resourceLogs: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: source } }] },
            scopeLogs: [
              { logRecords: lines.map((line, i) => ({ timeUnixNano: nanos(times[i]), body: { stringValue: line } })) },
            ],
          },
        ],
      }),
    taken: 200,
    refused: 400,
    unreadable: () => ({ ...json('/v1/logs', {}), body: Buffer.from('{"resourceLogs":') }),
    urls: ['/v1/metrics', '/v1/traces', '/otlp/v1/logs'],
  },

  loki: {
    request: ({ source, lines, times }) =>
      json('/loki/api/v1/push', {
        streams: [{ stream: { app: source }, values: lines.map((line, i) => [nanos(times[i]), line]) }],
      }),
    taken: 204,
    refused: 422,
    unreadable: () => json('/loki/api/v1/push', { streams: 7 }),
    urls: ['/api/prom/push'],
  },

  elastic: {
    request: ({ source, lines, times }) =>
      text(
        '/_bulk',
        lines.flatMap((line, i) => [
          JSON.stringify({ create: { _index: source } }),
          JSON.stringify({ '@timestamp': new Date(times[i]).toISOString(), message: line }),
        ]),
        { 'content-type': 'application/x-ndjson' },
      ),
    taken: 200,
    refused: 422,
    urls: ['/elastic/_bulk', '/some-index/_bulk'],
  },

  firehose: {
    request: ({ source, lines, id }) =>
      json(`/firehose/${source}`, {
        requestId: id,
        timestamp: 1,
        records: lines.map((line) => ({ data: Buffer.from(`${line}\n`).toString('base64') })),
      }),
    taken: 200,
    refused: 422,
    unreadable: ({ source }) => json(`/firehose/${source}`, { records: [] }),
    urls: ['/firehose'],
  },

  splunk: {
    request: ({ source, lines, times }) =>
      text(
        '/services/collector/event',
        lines.map((line, i) => JSON.stringify({ time: times[i] / 1000, source, event: line })),
      ),
    taken: 200,
    refused: 422,
    urls: ['/services/collector', '/services/collector/raw'],
  },

  ship: {
    request: ({ source, lines, id }) => {
      const { body } = text('', lines);
      const digest = createHash('md5').update(body.subarray(0, 64)).digest('hex');
      const head = { length: Math.min(64, body.length), digest, run: 0 };
      return text(`/ship/${source}`, lines, {
        [STRETCH_HEADER]: JSON.stringify({ stream: `host:${id}`, head, start: 0, end: body.length }),
      });
    },
    taken: 200,
    refused: 422,
    unreadable: ({ source, lines }) => text(`/ship/${source}`, lines, { [STRETCH_HEADER]: '{"stream":' }),
    urls: ['/ship'],
  },
};
