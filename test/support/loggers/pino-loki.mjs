// node pino-loki.mjs URL
import pino from 'pino';
import pinoHttp from 'pino-http';
import { ELSE, serve } from './service.mjs';

const [host] = process.argv.slice(2);
const transport = pino.transport({
  target: 'pino-loki',
  options: { host, labels: { app: 'pino-loki' }, batching: { interval: 1 } },
});
const logger = pino(transport);
await serve(pinoHttp({ logger }));
for (const [fields, message] of ELSE) logger.info(fields, message);
transport.end();
