// Sources: what each sends and what became of it, and how its lines are read.
import { Type } from 'typebox';
import { Sources, type SourceStatus } from '#shared/api.ts';
import { errors } from '../errors.ts';
import { FormatError } from '../formats/line-reader.ts';
import type { Doctor } from '../receive/doctor.ts';
import type { SourceRegistry } from '../receive/source-registry.ts';
import type { Store } from '../store/store.ts';
import type { Api } from './route.ts';

export interface SourcesDeps {
  store: Pick<Store, 'sources'>;
  registry: SourceRegistry;
  doctor: Doctor;
  sources(): Promise<SourceStatus[]>;
}

const NewFormat = Type.Object(
  {
    format: Type.String({
      minLength: 1,
      maxLength: 8192,
      description: 'A format\'s name, an nginx log_format, Apache LogFormat or GoAccess string; "auto" to detect it.',
    }),
  },
  { additionalProperties: false },
);

export function registerSources(app: Api, deps: SourcesDeps): void {
  app.get(
    '/api/sources',
    { schema: { summary: 'The senders, and what was read from them', response: { 200: Sources } } },
    async () => ({ sources: await deps.sources(), strangers: deps.doctor.strangers() }),
  );

  app.put(
    '/api/sources/:name/format',
    {
      schema: {
        summary: "Say how this source's lines are to be read",
        params: Type.Object({ name: Type.String({ maxLength: 120 }) }),
        body: NewFormat,
        response: { 200: NewFormat },
      },
    },
    async ({ params: { name }, body: { format } }) => {
      const known = (await deps.store.sources.list()).some((source) => source.name === name);
      if (!known) throw errors.notFound(`There is no source "${name}".`);
      try {
        deps.registry.setFormat(deps.registry.get(name), format);
      } catch (error) {
        throw error instanceof FormatError ? errors.badFormat(error.message) : error;
      }
      await deps.store.sources.setFormat(name, format === 'auto' ? null : format);
      return { format };
    },
  );
}
