// node pino-elasticsearch.mjs URL
import { once } from 'node:events';
import pino from 'pino';
import pinoElasticsearch from 'pino-elasticsearch';
import pinoHttp from 'pino-http';
import { ELSE, serve } from './service.mjs';

const [node] = process.argv.slice(2);
const stream = pinoElasticsearch({ node, index: 'pino-elasticsearch-%{DATE}', flushInterval: 200, flushBytes: 1000 });
const logger = pino(stream);
await serve(pinoHttp({ logger }));
for (const [fields, message] of ELSE) logger.info(fields, message);
const inserted = once(stream, 'insert');
stream.end();
const [{ failed }] = await inserted;
if (failed > 0) throw new Error(`${failed} documents failed`);
