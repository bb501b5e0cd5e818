// Rules that people write beside the built-in detector, and what each would have done before it is saved.
import { Type } from 'typebox';
import { Backtest, BacktestRequest, Rule, Rules, RuleSpec } from '#shared/api.ts';
import { detectors } from '../core/detectors/index.ts';
import { SEVERITY_RULE } from '../core/severity.ts';
import type { Watch } from '../watch/watch.ts';
import type { Api } from './route.ts';

export interface RulesDeps {
  watch: Watch;
}

const SAYS: Readonly<Record<string, string>> = {
  'error-share': SEVERITY_RULE,
  'error-rate': 'A source that has only ever sent errors is judged by their number against its own usual number.',
  'traffic-vanished': 'It pages when a source is silent for twice as long as it ever naturally is at this hour, two minutes at least, and twenty requests should have come.',
  'success-fell': 'It pages when requests go on but successes are gone: everything redirected, refused, or answered with a code that is no failure by name.',
  'unusual-share': 'It warns of storms of 401, 403, 404, 429 and of redirects, against what is usual for the source; nobody is woken.',
};

export function registerRules(app: Api, { watch }: RulesDeps): void {
  app.get('/api/rules', { schema: { summary: 'The built-in detector in words, and the rules beside it', response: { 200: Rules } } },
    async () => ({ rules: [...watch.rules], builtin: detectors.map(({ id, title }) => ({ name: title, says: SAYS[id] ?? title })) }));

  app.post('/api/rules', { schema: { summary: 'Add a rule', body: RuleSpec, response: { 200: Rule } } },
    async ({ body: spec }) => watch.putRule({ spec }));

  app.put('/api/rules/:id', {
    schema: { summary: 'Change a rule, or switch it off', params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), body: Type.Object({ spec: RuleSpec, enabled: Type.Boolean() }, { additionalProperties: false }), response: { 200: Rule } },
  }, async ({ params: { id }, body }) => watch.putRule({ id, ...body }));

  app.delete('/api/rules/:id', { schema: { summary: 'Remove a rule', params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), response: { 204: Type.Null() } } },
    async ({ params: { id } }, reply) => {
      await watch.deleteRule(id);
      return reply.status(204).send(null);
    });

  app.post('/api/rules/backtest', { handlerTimeout: BACKTEST_MS_MAX, schema: { summary: 'What a rule would have done, or (spec null) the built-in detector', body: BacktestRequest, response: { 200: Backtest } } },
    async ({ body: { spec, days } }) => watch.backtest(spec, days));
}

/** A year of minutes of many sources takes a while. */
const BACKTEST_MS_MAX = 110_000;
