// Sources: what each sends and what became of it, and how its lines are read.
import { Type } from 'typebox';
import { SourceNames, Sources, type SourceStatus } from '#shared/api.ts';
import { errors } from '../errors.ts';
import { FormatError } from '../formats/line-reader.ts';
import type { SenderDiagnostics } from '../receive/sender-diagnostics.ts';
import type { SourceRegistry } from '../receive/source-registry.ts';
import type { Store } from '../store/store.ts';
import type { Api } from './route.ts';

export interface SourcesDeps {
  store: Pick<Store, 'sources'>;
  registry: SourceRegistry;
  diagnostics: SenderDiagnostics;
  sources(): Promise<SourceStatus[]>;
  now(): number;
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
    async () => {
      const { max, places: used, over } = deps.registry;
      return { sources: await deps.sources(), strangers: deps.diagnostics.strangers(), limit: { max, used, over } };
    },
  );

  app.get(
    '/api/sources/names',
    {
      schema: { summary: 'The names of all sources, and what their lines are read as', response: { 200: SourceNames } },
    },
    async () => ({ sources: (await deps.sources()).map(({ name, format }) => ({ name, format })) }),
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
      const { registry, store } = deps;
      if (!registry.hasPlace(name) && !registry.uncounted.has(name))
        throw errors.notFound(`There is no source "${name}".`);
      const state = registry.get(name);
      try {
        registry.setFormat(state, format);
      } catch (error) {
        throw error instanceof FormatError ? errors.badFormat(error.message) : error;
      }
      // Somebody cares for it: it has a place from now on, though nothing of it is counted yet.
      if (registry.place(state).name !== name) throw errors.tooManySources();
      await store.sources.setFormat(name, format === 'auto' ? null : format, deps.now());
      registry.counted(state);
      return { format };
    },
  );
}
