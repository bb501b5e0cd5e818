// Failing requests by two of their properties at once: which route fails on which upstream, which cause on which host.
import { Type } from 'typebox';
import { CROSSED, Crossing, type Crossed } from '#shared/api.ts';
import { errors } from '../errors.ts';
import type { SampledTimes } from '../receive/sampled.ts';
import type { Store } from '../store/store.ts';
import { code, query, range, source, timesOf, type Api } from './route.ts';

export interface CrossingsDeps {
  store: Pick<Store, 'failures'>;
  sampled: SampledTimes;
  now(): number;
}

const by = (description: string) => Type.Unsafe<Crossed>(Type.Enum([...CROSSED], { description }));
const only = (what: string) =>
  Type.Optional(Type.String({ description: `Only failures with this ${what}.`, maxLength: 1000 }));

export function registerCrossings(app: Api, { store, sampled, now }: CrossingsDeps): void {
  app.get(
    '/api/crossings',
    {
      schema: {
        summary: 'Failing requests by two of code, cause, upstream, route and host',
        description:
          'Failing means that the server or the client broke the request off: 5xx, 009, 0, 460, 499, and aborts by the client under any other code. ' +
          'Failures are kept for 15 days, at 10 s for 2 days. A very large range is answered for its newest part: see `from` in the response.',
        querystring: query({
          ...range,
          source,
          rows: by('A row for each of these.'),
          columns: by('A column for each of these.'),
          code,
          cause: only('cause'),
          upstream: only('upstream'),
          route: only('route'),
          host: only('host'),
          limit: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 500, description: 'Rows and columns, each; 50 by default.' }),
          ),
        }),
        response: { 200: Crossing },
      },
    },
    async ({ query: { from, to, source, rows, columns, limit, ...where } }) => {
      if (rows === columns) throw errors.badRequest('`rows` and `columns` are the same. Choose two different ones.');
      const crossing = await store.failures.crossing({
        ...timesOf({ from, to }, now()),
        source,
        rows,
        columns,
        where,
        limit,
      });
      const sources = sampled.sources(crossing.from, crossing.to).filter((name) => (source ?? name) === name);
      return { ...crossing, sampled: sources };
    },
  );
}
