// For those who run us: is it up, is it ready, and figures for Prometheus.
import { Type } from 'typebox';
import { Troubles, type Trouble } from '#shared/api.ts';
import { errors } from '../errors.ts';
import type { Gauges, Metrics } from '../metrics.ts';
import type { Api } from './route.ts';

export interface OperatingDeps {
  metrics: Metrics;
  gauges(): Promise<Gauges>;
  /** What goes on, and what failed of late or should be known. */
  troubles(): Trouble[];
  /** Why lines cannot be taken now, if so. */
  notReady(): string | undefined;
}

const Ok = Type.Object({ status: Type.Literal('ok') });

export function registerOperating(app: Api, deps: OperatingDeps): void {
  app.get('/healthz', { schema: { summary: 'The process responds', response: { 200: Ok } } }, async () => ({
    status: 'ok' as const,
  }));

  app.get(
    '/readyz',
    { schema: { summary: 'Lines are accepted and the database is writable', response: { 200: Ok } } },
    async () => {
      const why = deps.notReady();
      if (why !== undefined) throw errors.notReady(why);
      return { status: 'ok' as const };
    },
  );

  app.get(
    '/api/troubles',
    {
      schema: {
        summary: 'What keeps lines from being written now, and what failed in the server itself in the last minutes',
        response: { 200: Troubles },
      },
    },
    async () => ({ troubles: deps.troubles() }),
  );

  app.get('/metrics', { schema: { summary: 'Prometheus metrics, as text' } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(deps.metrics.text(await deps.gauges())),
  );
}
