// node pino-opentelemetry-transport.mjs URL
import pino from 'pino';
import pinoHttp from 'pino-http';
import { ELSE, serve } from './service.mjs';

const [url] = process.argv.slice(2);
const transport = pino.transport({
  target: 'pino-opentelemetry-transport',
  options: {
    loggerName: 'shop',
    serviceVersion: '1.0.0',
    resourceAttributes: { 'service.name': 'pino-opentelemetry-transport' },
    logRecordProcessorOptions: {
      recordProcessorType: 'batch',
      exporterOptions: { protocol: 'http/protobuf', protobufExporterOptions: { url: `${url}/v1/logs` } },
    },
  },
});
const logger = pino(transport);
await serve(pinoHttp({ logger }));
for (const [fields, message] of ELSE) logger.info(fields, message);
transport.end();
