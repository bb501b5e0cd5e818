// node winston-syslog.mjs PORT TYPE
import winston from 'winston';
import 'winston-syslog';
import { ELSE, requestMeta, serve } from './service.mjs';

const [port, type] = process.argv.slice(2);
const transport = new winston.transports.Syslog({
  host: '127.0.0.1',
  port: Number(port),
  protocol: 'tcp4',
  type: type === 'RFC5424' ? '5424' : 'BSD',
  app_name: `winston-syslog-${type}`,
});
const logger = winston.createLogger({ levels: winston.config.syslog.levels, transports: [transport] });
await serve((incoming, response) => {
  const startedAt = Date.now();
  response.on('finish', () =>
    logger.info(`HTTP ${incoming.method} ${incoming.url}`, { meta: requestMeta(incoming, response, startedAt) }),
  );
});
for (const [fields, message] of ELSE) logger.info(message, fields);
// stays open, as a service does
