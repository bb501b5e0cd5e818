// Talks to the REST API. A failure is a value with words for people: what went wrong and what to do about it.
import type { ApiError } from '#shared/api.ts';
import { texts } from '../texts/index.ts';

export class ApiFailure extends Error {
  readonly status: number;
  readonly hint: string | undefined;

  constructor(status: number, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiFailure(0, texts.api.notResponding, texts.api.checkServer);
  }
  const body: unknown = response.headers.get('content-type')?.includes('json') ? await response.json() : null;
  if (response.ok) return body as T;
  const said = (body as ApiError | null)?.error;
  throw new ApiFailure(response.status, said?.message ?? texts.api.status(response.status), said?.hint);
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>(path, { signal });

const write =
  (method: string) =>
  <T>(path: string, body: unknown): Promise<T> =>
    call<T>(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
export const post = write('POST');
export const put = write('PUT');

export const remove = (path: string): Promise<unknown> => call(path, { method: 'DELETE' });

/** `/api/x?from=1&to=2`, leaving out what is null or empty. */
export function apiPath(path: string, query: Record<string, string | number | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}
