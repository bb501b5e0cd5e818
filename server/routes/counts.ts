// Exact counts: sums, series over time, what values a dimension took, and the codes there were.
import { Type } from 'typebox';
import { Breakdown, CodeCounts, DIMENSIONS, Series, Totals } from '#shared/api.ts';
import { codeName } from '#shared/codes/index.ts';
import { classOf } from '#shared/status.ts';
import { errors } from '../errors.ts';
import type { SampledTimes } from '../receive/sampled.ts';
import { BUCKETS_MAX, type Store } from '../store/store.ts';
import { code, query, range, source, statusClass, timesOf, type Api } from './route.ts';

export interface CountsDeps {
  store: Pick<Store, 'counts'>;
  sampled: SampledTimes;
  now(): number;
}

const BY = ['class', 'code', 'source', 'cause'] as const;

export function registerCounts(app: Api, deps: CountsDeps): void {
  registerSums(app, deps);
  registerValues(app, deps);
}

/** Counts, with the names of the sources that may have been sampled at that time. */
async function labelled<T extends { from: number; to: number }>(
  sampled: SampledTimes,
  counting: Promise<T>,
  source: string | undefined,
): Promise<T & { sampled: string[] }> {
  const counted = await counting;
  return { ...counted, sampled: sampled.sources(counted.from, counted.to).filter((name) => (source ?? name) === name) };
}

function registerSums(app: Api, { store, sampled, now }: CountsDeps): void {
  app.get(
    '/api/totals',
    {
      schema: {
        summary: 'Exact sums by source and code',
        description: 'Without from and to: everything that is stored. The response says which times were summed.',
        querystring: query({ ...range, source }),
        response: { 200: Totals },
      },
    },
    async ({ query: { from, to, source } }) => {
      if (from === undefined && to === undefined) return labelled(sampled, store.counts.totals({ source }), source);
      const times = timesOf({ from: from ?? '0', to }, now());
      return labelled(sampled, store.counts.totals({ ...times, source }), source);
    },
  );

  app.get(
    '/api/series',
    {
      schema: {
        summary: 'Counts over time',
        description: 'The server picks the step, unless one is given.',
        response: { 200: Series },
        querystring: query({
          ...range,
          source,
          code,
          step: Type.Optional(
            Type.Integer({
              description:
                'ms per bucket: the next longer one that the counts are kept at, see `step` in the response.',
              minimum: 10_000,
            }),
          ),
          by: Type.Optional(
            Type.Unsafe<(typeof BY)[number]>(
              Type.Enum([...BY], { description: 'One series for each of these; class by default.' }),
            ),
          ),
        }),
      },
    },
    async ({ query: { from, to, by = 'class', step, ...rest } }) => {
      const times = timesOf({ from, to }, now());
      if (step !== undefined && (times.to - times.from) / step > BUCKETS_MAX)
        throw errors.badRequest(
          `The range has more than ${BUCKETS_MAX} buckets of this step. Use a longer step or a shorter range.`,
        );
      return labelled(sampled, store.counts.series({ ...times, ...rest, step, by }), rest.source);
    },
  );
}

function registerValues(app: Api, { store, sampled, now }: CountsDeps): void {
  app.get(
    '/api/breakdown',
    {
      schema: {
        summary: 'The values of a dimension among the selected requests, most first',
        response: { 200: Breakdown },
        querystring: query({
          ...range,
          source,
          code,
          class: statusClass,
          dimension: Type.Unsafe<(typeof DIMENSIONS)[number]>(
            Type.Enum([...DIMENSIONS], { description: 'What to break down by.' }),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Rows, 100 by default.' })),
        }),
      },
    },
    async ({ query: { from, to, ...rest } }) =>
      labelled(sampled, store.counts.breakdown({ ...timesOf({ from, to }, now()), ...rest }), rest.source),
  );

  app.get(
    '/api/codes',
    {
      schema: {
        summary: 'The codes seen, compared with the previous period',
        querystring: query({ ...range, source }),
        response: { 200: CodeCounts },
      },
    },
    async ({ query: { from, to, source } }) => {
      const { codes, ...rest } = await labelled(
        sampled,
        store.counts.codes({ ...timesOf({ from, to }, now()), source }),
        source,
      );
      return { ...rest, codes: codes.map((c) => ({ ...c, name: codeName(c.code), class: classOf(c.code) })) };
    },
  );
}
