// GET /api/codes/502: one code of the reference, whole, with its count over a range. The list with live counts is in counts.ts.
import { Type } from 'typebox';
import { CodeReference } from '#shared/api.ts';
import { codeReference } from '#shared/codes/index.ts';
import type { Store } from '../store/store.ts';
import { query, range, source, timesOf, type Api } from './route.ts';

export interface CodesDeps {
  store: Pick<Store, 'counts'>;
  now(): number;
}

export function registerCodes(app: Api, { store, now }: CodesDeps): void {
  app.get(
    '/api/codes/:code',
    {
      schema: {
        summary: 'One status code: meaning, who sends it, retries, caching, similar codes',
        response: { 200: CodeReference },
        params: Type.Object({ code: Type.Integer({ minimum: 0, maximum: 999 }) }),
        querystring: query({ ...range, source }),
      },
    },
    async ({ params: { code }, query: { from, to, source } }) => {
      const { totals } = await store.counts.totals({ ...timesOf({ from, to }, now()), source });
      const sum = totals.reduce((n, row) => n + row.count, 0);
      const count = totals.reduce((n, row) => n + (row.code === code ? row.count : 0), 0);
      const { entry, ...about } = codeReference(code);
      return {
        entry: { ...entry, headers: entry.headers?.map((h) => ({ ...h })) },
        class: about.class,
        comparisons: about.comparisons.map((c) => ({
          ...c,
          codes: [...c.codes],
          columns: [...c.columns],
          rows: c.rows.map((r) => [...r]),
        })),
        runbook: about.runbook && {
          ...about.runbook,
          whenSeen: [...about.runbook.whenSeen],
          check: [...about.runbook.check],
          differs: about.runbook.differs.map((d) => ({ ...d })),
        },
        count,
        share: sum === 0 ? 0 : count / sum,
      };
    },
  );
}
