// The program that each logger is put into: a small HTTP service that is asked a few times, and logs what else goes on in it.
import { createServer, request } from 'node:http';

/** How often each path is asked for; the path is the status. */
const ASKED = { 200: 4, 304: 1, 404: 2, 500: 1, 502: 3 };

/** Serves them with `logged(request, response)` called before each response, as middleware is, and resolves when all are answered. */
export async function serve(logged) {
  const server = createServer((incoming, response) => {
    logged(incoming, response);
    response.statusCode = Number(incoming.url.slice(1, 4));
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const [status, times] of Object.entries(ASKED))
    for (let i = 0; i < times; i++) await ask(server.address().port, `/${status}/items/${i}?page=2`);
  server.close();
}

const ask = (port, path) =>
  new Promise((resolve, reject) => {
    const sent = request({ port, path, host: '127.0.0.1', headers: { 'user-agent': 'shop-app/2.1' } }, (response) => {
      response.resume().on('end', resolve);
    });
    sent.on('error', reject).end();
  });

/** What an application logs beside its requests: messages, a status it was answered, an error that carries one. */
export const ELSE = [
  [{}, 'listening on http://127.0.0.1:3000'],
  [{ user: 7, items: 3 }, 'cart saved'],
  [{ orderStatus: 200 }, 'order 200 shipped'],
  [{ err: failed() }, 'payment failed: 502 Bad Gateway'],
  [{ job: 'reindex', status: 'done', code: 0 }, 'job ended'],
];

/** What axios throws. */
function failed() {
  return Object.assign(new Error('Request failed with status code 502'), {
    code: 'ERR_BAD_RESPONSE',
    status: 502,
    config: { method: 'post', url: 'https://payments.example/charge' },
    response: { status: 502, statusText: 'Bad Gateway' },
  });
}

/** What express-winston logs of a request, under winston's `meta`. */
export const requestMeta = (incoming, response, startedAt) => ({
  req: {
    url: incoming.url,
    headers: incoming.headers,
    method: incoming.method,
    httpVersion: incoming.httpVersion,
    originalUrl: incoming.url,
    query: { page: '2' },
  },
  res: { statusCode: response.statusCode },
  responseTime: Date.now() - startedAt,
});
