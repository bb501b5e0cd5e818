// node elastic-elasticsearch.mjs URL
import { Client } from '@elastic/elasticsearch';
import { ELSE, serve } from './service.mjs';

const [node] = process.argv.slice(2);
const client = new Client({ node });
const documents = [];
await serve((incoming, response) => {
  const startedAt = Date.now();
  response.on('finish', () =>
    documents.push({
      '@timestamp': new Date().toISOString(),
      http: {
        request: { method: incoming.method },
        response: { status_code: response.statusCode, body: { bytes: 0 } },
      },
      url: { path: incoming.url.split('?')[0], query: 'page=2' },
      event: { duration: (Date.now() - startedAt) * 1e6 },
      user_agent: { original: incoming.headers['user-agent'] },
    }),
  );
});
for (const [fields, message] of ELSE) documents.push({ '@timestamp': new Date().toISOString(), message, ...fields });
const { total, failed } = await client.helpers.bulk({
  datasource: documents,
  onDocument: () => ({ create: { _index: 'logs-elastic-elasticsearch-default' } }),
});
if (failed > 0 || total !== documents.length) throw new Error(`${failed} of ${total} documents failed`);
await client.close();
