// GET /api/openapi.json, made from the schemas that the routes themselves validate with: there is no second description to
// keep true.
import type { RouteOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { ApiError } from '#shared/api.ts';
import type { Api } from './route.ts';

interface Described {
  summary?: string;
  description?: string;
  hide?: boolean;
  querystring?: TSchema & { properties?: Record<string, TSchema & { description?: string }>; required?: string[] };
  params?: TSchema & { properties?: Record<string, TSchema & { description?: string }> };
  body?: TSchema;
  response?: Record<number, TSchema>;
}

export type Paths = Record<string, Record<string, unknown>>;

/** Collects every route that is registered on `app`, and on scopes below it, from now on. */
export function collectPaths(app: Api): Paths {
  const paths: Paths = Object.create(null) as Paths;
  app.addHook('onRoute', (route: RouteOptions) => {
    const schema = (route.schema ?? {}) as Described;
    if (schema.hide) return;
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    for (const method of [route.method].flat()) {
      if (method === 'HEAD') continue;
      (paths[path] ??= {})[method.toLowerCase()] = operation(
        schema,
        `${method.toLowerCase()}${path.replace(/[^a-zA-Z0-9]+(\w?)/g, (_, c: string) => c.toUpperCase())}`,
      );
    }
  });
  return paths;
}

function operation(schema: Described, operationId: string): Record<string, unknown> {
  const parameters = [
    ...Object.entries(schema.params?.properties ?? {}).map(([name, s]) => ({
      name,
      in: 'path',
      required: true,
      schema: s,
    })),
    ...Object.entries(schema.querystring?.properties ?? {}).map(([name, s]) => ({
      name,
      in: 'query',
      required: schema.querystring?.required?.includes(name) ?? false,
      description: s.description,
      schema: s,
    })),
  ];
  const responses = Object.fromEntries(
    Object.entries(schema.response ?? {}).map(([status, s]) => [
      status,
      { description: status === '200' ? 'OK' : 'Answer', content: { 'application/json': { schema: s } } },
    ]),
  );
  return {
    operationId,
    summary: schema.summary,
    description: schema.description,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(schema.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schema.body } } } }
      : {}),
    responses: {
      ...(Object.keys(responses).length > 0 ? responses : { 200: { description: 'OK' } }),
      default: {
        description: 'What went wrong, and what to do',
        content: { 'application/json': { schema: ApiError } },
      },
    },
  };
}

export function registerOpenapi(app: Api, paths: Paths, version: string): void {
  app.get('/api/openapi.json', { schema: { summary: 'This description' } }, async () => ({
    openapi: '3.1.0',
    info: {
      title: 'Fivealarm',
      version,
      description: 'Counts, incidents and diagnosis of HTTP status-code streams.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
  }));
}
