// The OpenTelemetry JavaScript SDK as a sender: its three exporters, in JSON and protobuf, gzip included, counts compared exactly.
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { startServer, suiteLife, temporaryFolder, totals, type Running } from '../support/server.ts';

const SENT = { 200: 60, 404: 7, 500: 3, 502: 11, 503: 2 };
const each = function* (): Generator<number> {
  for (const [code, count] of Object.entries(SENT)) for (let i = 0; i < count; i++) yield Number(code);
};

suite('the OpenTelemetry SDK', () => {
  let server: Running;
  const life = suiteLife();
  before(async () => {
    server = await startServer(life, { dataDir: temporaryFolder(life) });
  });
  const to = (signal: string) => ({ url: `${server.url}/v1/${signal}`, compression: 'gzip' as never });
  const resource = (name: string) => resourceFromAttributes({ 'service.name': name });

  for (const [encoding, Logs] of [
    ['JSON', JsonLogs],
    ['protobuf', ProtobufLogs],
  ] as const) {
    test(`log records in ${encoding}`, async () => {
      const provider = new LoggerProvider({
        resource: resource(`logs ${encoding}`),
        processors: [new BatchLogRecordProcessor({ exporter: new Logs(to('logs')) } as never)],
      });
      const logger = provider.getLogger('test');
      for (const code of each())
        logger.emit({
          body: 'handled',
          attributes: { 'http.request.method': 'GET', 'http.route': '/x/{id}', 'http.response.status_code': code },
        });
      logger.emit({ body: 'an application says something' });
      await provider.forceFlush();
      await provider.shutdown();
      assert.deepEqual(await totals(server.url, `logs ${encoding}`), SENT);
    });
  }

  for (const [encoding, Traces] of [
    ['JSON', JsonTraces],
    ['protobuf', ProtobufTraces],
  ] as const) {
    test(`SERVER spans in ${encoding}, and not the CLIENT spans beside them`, async () => {
      const provider = new BasicTracerProvider({
        resource: resource(`traces ${encoding}`),
        spanProcessors: [new BatchSpanProcessor(new Traces(to('traces')))],
      });
      const tracer = provider.getTracer('test');
      for (const code of each()) {
        for (const kind of [SpanKind.SERVER, SpanKind.CLIENT]) {
          const span = tracer.startSpan('GET /x', {
            kind,
            attributes: {
              'http.request.method': 'GET',
              'url.path': '/x/7',
              'url.scheme': 'http',
              'http.response.status_code': code,
            },
          });
          if (code >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        }
      }
      await provider.forceFlush();
      await provider.shutdown();
      assert.deepEqual(await totals(server.url, `traces ${encoding}`), SENT);
    });
  }

  for (const [encoding, Metrics] of [
    ['JSON', JsonMetrics],
    ['protobuf', ProtobufMetrics],
  ] as const) {
    for (const temporality of ['CUMULATIVE', 'DELTA'] as const) {
      for (const aggregation of ['EXPLICIT_BUCKET_HISTOGRAM', 'EXPONENTIAL_HISTOGRAM', 'SUM'] as const) {
        test(`${temporality.toLowerCase()} ${aggregation.toLowerCase().replaceAll('_', ' ')} in ${encoding}, over several exports`, async () => {
          const source = `metrics ${encoding} ${temporality} ${aggregation}`;
          const exporter = new Metrics({
            ...to('metrics'),
            temporalityPreference: AggregationTemporality[temporality],
          });
          const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600_000 });
          const provider = new MeterProvider({
            resource: resource(source),
            readers: [reader],
            views:
              aggregation === 'EXPONENTIAL_HISTOGRAM'
                ? [{ instrumentName: '*', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }]
                : [],
          });
          const meter = provider.getMeter('test');
          const record =
            aggregation === 'SUM'
              ? meter.createCounter('http.server.requests').add.bind(meter.createCounter('http.server.requests'))
              : meter
                  .createHistogram('http.server.request.duration', { unit: 's' })
                  .record.bind(meter.createHistogram('http.server.request.duration', { unit: 's' }));
          // A series that is exported in the millisecond in which it began has, by the specification, an unknown start.
          const flush = async (): Promise<void> => {
            const began = Date.now();
            while (Date.now() <= began + 1) await new Promise((resolve) => setImmediate(resolve));
            await provider.forceFlush();
          };
          let sent = 0;
          for (const code of each()) {
            record(aggregation === 'SUM' ? 1 : 0.02, {
              'http.request.method': 'GET',
              'http.route': '/x',
              'http.response.status_code': code,
            });
            if (++sent % 20 === 0) await flush();
          }
          await flush();
          await provider.shutdown();
          assert.deepEqual(await totals(server.url, source), SENT);
        });
      }
    }
  }
});
