// Records of requests as shippers post them, posted to an app in this process, and what they counted.
import type { IngestAnswer } from '#shared/api.ts';
import { NOON, type TestApp } from '../support/app.ts';

export type Totals = Record<string, Record<string, number>>;

export async function totals(app: TestApp): Promise<Totals> {
  const { totals: rows } = (await app.app.inject(`/api/totals?from=0&to=${NOON + 86_400_000}`)).json<{
    totals: { source: string; code: number; count: number }[];
  }>();
  const by: Totals = {};
  for (const { source, code, count } of rows) (by[source] ??= {})[code] = count;
  return by;
}

export const request = (code: number, more: object = {}): object => ({
  time: new Date(NOON).toISOString(),
  method: 'GET',
  path: '/a',
  status: code,
  duration_ms: 5,
  ...more,
});
export const ndjson = (...records: object[]): string => records.map((record) => JSON.stringify(record)).join('\n');

export async function post(
  app: TestApp,
  url: string,
  payload: string | Buffer | object,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: IngestAnswer }> {
  const response = await app.app.inject({ method: 'POST', url, payload, headers });
  return { status: response.statusCode, body: response.body === '' ? ({} as IngestAnswer) : response.json() };
}
