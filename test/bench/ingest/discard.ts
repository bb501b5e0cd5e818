// Receive-only: the server's own way of taking a body, with the bytes thrown away. What is left to gain is above this line.
import Fastify from 'fastify';
import { Allowance } from '../../../server/receive/allowance.ts';
import { decodeBody } from '../../../server/receive/decode.ts';

const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
app.post('/ingest/:source', async (request, reply) => {
  await decodeBody(request.raw, new Allowance({ maxBytes: 64 * 1024 * 1024 }, reply.raw), () => {});
  return { received: 0, accepted: 0, rejected: 0, skipped: 0, duplicate: false, errors: [] };
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`is at ${url}\n`);
