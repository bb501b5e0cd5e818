// node winston-loki.mjs URL
import winston from 'winston';
import LokiTransport from 'winston-loki';
import { ELSE, requestMeta, serve } from './service.mjs';

const [host] = process.argv.slice(2);
const transport = new LokiTransport({
  host,
  labels: { app: 'winston-loki' },
  format: winston.format.json(),
  interval: 1,
});
const logger = winston.createLogger({ transports: [transport] });
await serve((incoming, response) => {
  const startedAt = Date.now();
  response.on('finish', () =>
    logger.info(`HTTP ${incoming.method} ${incoming.url}`, { meta: requestMeta(incoming, response, startedAt) }),
  );
});
for (const [fields, message] of ELSE) logger.info(message, fields);
await transport.flush();
logger.close();
