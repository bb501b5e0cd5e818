// Rules that people write; the detector needs none.
import { Type, type Static } from 'typebox';
import { SEVERITIES } from './incidents.ts';
import { Count, Nullable, Share, Time, oneOf } from './base.ts';

const RuleBase = {
  name: Type.String({ minLength: 1, maxLength: 80 }),
  /** null: every source. */
  source: Nullable(Type.String({ maxLength: 120 })),
  severity: oneOf(SEVERITIES),
};
const Span = Type.Integer({ minimum: 0, maximum: 30 * 86_400, description: 's' });
export const RuleSpec = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('threshold'),
      ...RuleBase,
      codes: Type.String({ maxLength: 200, description: '"502", "5xx", "500-504", or several with commas' }),
      /** Only hits of this value; null for all. */
      where: Nullable(
        Type.Object({
          dimension: oneOf(['route', 'host', 'upstream'] as const),
          value: Type.String({ maxLength: 500 }),
        }),
      ),
      measure: oneOf(['share', 'rate'] as const),
      above: Type.Number({ minimum: 0, description: 'share 0–1, or hits per second' }),
      /** Falls silent below this; null: below `above`. */
      clear: Nullable(Type.Number({ minimum: 0 })),
      window: Span,
      minTotal: Count,
      for: Span,
      keepFiring: Span,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('slo'),
      ...RuleBase,
      target: Type.Number({ minimum: 0.5, exclusiveMaximum: 1, description: 'share of requests that are no 5xx' }),
    },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('absence'), ...RuleBase, for: Span }, { additionalProperties: false }),
]);
export type RuleSpec = Static<typeof RuleSpec>;
export const Rule = Type.Object({
  id: Type.Integer(),
  spec: RuleSpec,
  /** Rules of the configuration file cannot be changed here. */
  origin: oneOf(['config', 'page', 'preset'] as const),
  enabled: Type.Boolean(),
});
export type Rule = Static<typeof Rule>;
/** GET /api/rules; POST /api/rules takes a RuleSpec and answers the Rule; DELETE /api/rules/ID. */
export const Rules = Type.Object({
  rules: Type.Array(Rule),
  /** What the built-in detector watches and when it pages, in sentences. */
  /** What is watched, and its conditions to the letter. */
  builtin: Type.Array(Type.Object({ name: Type.String(), says: Type.String(), exactly: Type.Array(Type.String()) })),
  /** By window (s): the failing share that pages, of any failures and of a gateway's, and the one that warns. */
  floors: Type.Array(
    Type.Object({
      window: Type.Integer(),
      page: Share,
      gateway: Share,
      warn: Nullable(Share),
      /** The share is of the requests now, or of the source's usual traffic when that is more. */
      of: oneOf(['now', 'usual'] as const),
      /** Which failures this row is for; null: all. */
      only: Nullable(Type.String()),
    }),
  ),
  /** Sets of rules from elsewhere that can be added: POST /api/rules/presets/NAME. */
  presets: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      says: Type.String(),
      rules: Type.Array(Type.String({ description: 'their names' })),
    }),
  ),
});
export type Rules = Static<typeof Rules>;
/** POST /api/rules/backtest takes {spec, days}; `spec` null asks what the built-in detector would have done. */
export const BacktestRequest = Type.Object(
  { spec: Nullable(RuleSpec), days: Type.Integer({ minimum: 1, maximum: 400 }) },
  { additionalProperties: false },
);
export type BacktestRequest = Static<typeof BacktestRequest>;
export const Backtest = Type.Object({
  from: Time,
  to: Time,
  /** "would have paged 4 times in 30 days" */
  says: Type.String(),
  /** What the stored counts cannot tell, a sentence each. */
  limits: Type.Array(Type.String()),
  incidents: Type.Array(
    Type.Object({
      source: Type.String(),
      codes: Type.Array(Type.Integer()),
      severity: oneOf(SEVERITIES),
      openedAt: Time,
      resolvedAt: Nullable(Time),
      peakShare: Share,
      says: Type.String(),
    }),
  ),
});
export type Backtest = Static<typeof Backtest>;
