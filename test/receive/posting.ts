// Posts to the server without its socket, and what was counted then.
import type { IngestAnswer, Totals } from '#shared/api.ts';
import { combined, NOON, type TestApp } from '../support/app.ts';

export async function post(
  app: TestApp,
  payload: string | Buffer,
  url = '/ingest/shop',
  headers: Record<string, string> = {},
) {
  const response = await app.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'text/plain', ...headers },
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.json() as IngestAnswer & { error?: { code: string; message: string; hint?: string } },
  };
}

export async function totals(app: TestApp): Promise<Record<string, number>> {
  const { totals } = (await app.app.inject('/api/totals')).json() as Totals;
  return Object.fromEntries(totals.map(({ source, code, count }) => [`${source} ${code}`, count]));
}

export const three = [combined(NOON - 3000, 200), combined(NOON - 2000, 502), combined(NOON - 1000, 502)].join('\n');
