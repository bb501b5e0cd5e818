// node splunk-logging.mjs URL
import splunk from 'splunk-logging';
import { ELSE, serve } from './service.mjs';

const [url] = process.argv.slice(2);
const logger = new splunk.Logger({ url, token: 'none', maxBatchCount: 4, batchInterval: 200 });
const metadata = { source: 'splunk-logging', sourcetype: 'httpevent' };
await serve((incoming, response) => {
  const startedAt = Date.now();
  response.on('finish', () =>
    logger.send({
      message: {
        method: incoming.method,
        url: incoming.url,
        status: response.statusCode,
        responseTime: Date.now() - startedAt,
        remoteAddress: incoming.socket.remoteAddress,
      },
      metadata,
    }),
  );
});
for (const [fields, message] of ELSE) logger.send({ message: { msg: message, ...fields }, metadata });
await new Promise((resolve, reject) => logger.flush((error) => (error ? reject(error) : resolve())));
process.exit();
