// Rules that people write beside the built-in detector, and what each would have done before it is saved.
import { Type } from 'typebox';
import { Backtest, BacktestRequest, Rule, Rules, RuleSpec } from '#shared/api.ts';
import { BUILTIN, FLOOR_TABLE } from '../core/detect/builtin.ts';
import { PRESETS } from '../core/rules/presets.ts';
import type { Watch } from '../watch/watch.ts';
import { query, type Api } from './route.ts';

export interface RulesDeps {
  watch: Watch;
}

/** A year of minutes of many sources takes a while. */
const BACKTEST_MS_MAX = 110_000;

export function registerRules(app: Api, deps: RulesDeps): void {
  registerList(app, deps);
  registerBacktests(app, deps);
}

function registerList(app: Api, { watch }: RulesDeps): void {
  const presets = Object.entries(PRESETS).map(([name, { title, says, rules }]) => ({
    name,
    title,
    says,
    rules: rules.map((rule) => rule.name),
  }));
  const all = (): Rules => ({
    rules: [...watch.rules.all],
    builtin: BUILTIN.map((b) => ({ ...b, exactly: [...b.exactly] })),
    floors: FLOOR_TABLE,
    presets,
  });

  app.get(
    '/api/rules',
    { schema: { summary: 'The built-in detector in words, and your rules', response: { 200: Rules } } },
    async () => all(),
  );

  app.post(
    '/api/rules',
    { schema: { summary: 'Add a rule', body: RuleSpec, response: { 200: Rule } } },
    async ({ body: spec }) => watch.rules.put({ spec }),
  );

  app.put(
    '/api/rules/:id',
    {
      schema: {
        summary: 'Change a rule, or switch it off',
        params: Type.Object({ id: Type.Integer() }),
        body: Type.Object({ spec: RuleSpec, enabled: Type.Boolean() }, { additionalProperties: false }),
        response: { 200: Rule },
      },
    },
    async ({ params: { id }, body }) => watch.rules.put({ id, ...body }),
  );

  app.delete(
    '/api/rules/:id',
    {
      schema: { summary: 'Remove a rule', params: Type.Object({ id: Type.Integer() }), response: { 204: Type.Null() } },
    },
    async ({ params: { id } }, reply) => {
      await watch.rules.delete(id);
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/api/rules/presets/:name',
    {
      schema: {
        summary: 'Add the rules of a preset',
        params: Type.Object({ name: Type.Enum(Object.keys(PRESETS)) }),
        response: { 200: Rules },
      },
    },
    async ({ params: { name } }) => {
      const have = new Set(watch.rules.all.map(({ spec }) => spec.name));
      for (const spec of PRESETS[name as string].rules)
        if (!have.has(spec.name)) await watch.rules.put({ spec, origin: 'preset' });
      return all();
    },
  );
}

function registerBacktests(app: Api, { watch }: RulesDeps): void {
  app.post(
    '/api/rules/backtest',
    {
      handlerTimeout: BACKTEST_MS_MAX,
      schema: {
        summary: 'What a rule would have done, or (spec null) the built-in detector',
        body: BacktestRequest,
        response: { 200: Backtest },
      },
    },
    async ({ body: { spec, days } }) => watch.rules.backtest(spec, days),
  );

  app.get(
    '/api/replay',
    {
      handlerTimeout: BACKTEST_MS_MAX,
      schema: {
        summary: 'What the built-in detector would have paged for',
        querystring: query({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 400, default: 30 })) }),
        response: { 200: Backtest },
      },
    },
    async ({ query: { days = 30 } }) => watch.rules.backtest(null, days),
  );
}
