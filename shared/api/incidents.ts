// Incidents: what one is, all that is known of it, and what a person does to it.
import { Type, type Static } from 'typebox';
import { CULPRITS } from '../exchange.ts';
import { DIMENSIONS } from './counts.ts';
import { Diagnosis } from './diagnosis.ts';
import { By, Count, Nullable, Share, Time, oneOf } from './base.ts';

export const INCIDENT_STATES = ['pending', 'firing', 'blind', 'recovering', 'resolved'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];
export const SEVERITIES = ['page', 'warn'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const Incident = Type.Object({
  id: Type.Integer(),
  /** The source it was opened on; `sources` lists those folded into it. */
  source: Type.String(),
  sources: Type.Array(Type.String()),
  /** The incident that this one is told as part of. */
  foldedInto: Nullable(Type.Integer()),
  /** Codes that stand out, worst first; empty for vanished traffic. */
  codes: Type.Array(Type.Integer()),
  /** What fired: '5xx share', 'traffic vanished', a user rule's name. */
  rule: Type.String(),
  cause: Nullable(Type.String()),
  culprit: Nullable(oneOf(CULPRITS)),
  severity: oneOf(SEVERITIES),
  state: oneOf(INCIDENT_STATES),
  /** Where it fails, best first; empty when it is the source as a whole. */
  where: Type.Array(Type.Object({ dimension: oneOf(DIMENSIONS), value: Type.String() })),
  /** When the failures began, by the counts: before anyone was told. */
  startedAt: Time,
  openedAt: Time,
  /** The last of the failures; null while they go on. */
  endedAt: Nullable(Time),
  resolvedAt: Nullable(Time),
  /** Last moment at which it still fired. */
  lastBadAt: Time,
  share: Share,
  peakShare: Share,
  baselineShare: Share,
  failed: Count,
  total: Count,
  /** One sentence: "502s at 38% of requests (normally 0.02%)". */
  summary: Type.String(),
  /** One sentence: "The proxy cannot connect to 10.0.0.3:8080". */
  headline: Type.String(),
  acknowledged: Nullable(Type.Object({ at: Time, by: Type.String() })),
  silencedUntil: Nullable(Time),
});
export type Incident = Static<typeof Incident>;
/** What shows but has not lasted long enough to be an incident. */
export const Pending = Type.Object({
  source: Type.String(),
  codes: Type.Array(Type.Integer()),
  rule: Type.String(),
  severity: oneOf(SEVERITIES),
  since: Time,
  lastBadAt: Time,
  /** When it will be an incident, if it goes on. */
  firesAt: Time,
  share: Share,
  baselineShare: Share,
  summary: Type.String(),
});
export type Pending = Static<typeof Pending>;
export const Incidents = Type.Object({
  incidents: Type.Array(Incident),
  /** The next to fire first. */
  pending: Type.Array(Pending),
});
export type Incidents = Static<typeof Incidents>;

export const IncidentDetail = Type.Object({
  incident: Incident,
  diagnosis: Nullable(Diagnosis),
  transitions: Type.Array(
    Type.Object({ at: Time, from: oneOf(INCIDENT_STATES), to: oneOf(INCIDENT_STATES), why: Type.String() }),
  ),
  /** The last evaluations' inputs: why it fired. */
  evaluations: Type.Array(
    Type.Object({
      at: Time,
      window: Type.Integer({ description: 's' }),
      code: Nullable(Type.Integer()),
      bad: Count,
      total: Count,
      share: Share,
      baseline: Share,
      score: Type.Number(),
      threshold: Type.Number(),
      says: Type.String(),
    }),
  ),
  notes: Type.Array(Type.Object({ at: Time, by: Type.String(), text: Type.String() })),
  /** Lines of the incident, secrets masked. */
  samples: Type.Array(Type.Object({ at: Time, code: Type.Integer(), line: Type.String() })),
  similar: Type.Array(
    Type.Object({
      id: Type.Integer(),
      openedAt: Time,
      resolvedAt: Nullable(Time),
      headline: Type.String(),
      note: Nullable(Type.String()),
    }),
  ),
  /** Of its sources, those whose counts of that time may be of a sample. */
  sampled: Type.Array(Type.String()),
  /** The incident as Markdown, to paste into a ticket. */
  markdown: Type.String(),
});
export type IncidentDetail = Static<typeof IncidentDetail>;

// ---- what a person does to an incident ----

/** POST /api/incidents/ID/ack; answers the incident. */
export const NewAck = Type.Object({ by: By }, { additionalProperties: false });
export type NewAck = Static<typeof NewAck>;
/** POST /api/incidents/ID/silence; 0 minutes ends a silence. Answers the incident. */
export const NewSilence = Type.Object(
  { minutes: Type.Integer({ minimum: 0, maximum: 10_080 }), by: By },
  { additionalProperties: false },
);
export type NewSilence = Static<typeof NewSilence>;
/** POST /api/incidents/ID/note */
export const NewNote = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 4_000 }), by: By },
  { additionalProperties: false },
);
export type NewNote = Static<typeof NewNote>;

/** GET /api/why?source&from&to: the moment at which the source came nearest to paging, and by window what was missing. */
export const WhyAnswer = Type.Object({
  /** null when nothing failed in the range. */
  at: Nullable(Time),
  /** In the range. */
  requests: Count,
  /** What of a long range was looked at; null: all of it. */
  looked: Nullable(Type.String()),
  rows: Type.Array(
    Type.Object({
      family: Type.String({ description: '"502s"' }),
      window: Type.Integer({ description: 's' }),
      bad: Count,
      total: Count,
      share: Share,
      usual: Share,
      excess: Type.Number(),
      floor: Share,
      score: Type.Number(),
      scoreNeeded: Type.Number(),
      fires: Type.Boolean(),
      says: Type.String(),
      nearness: Type.Number(),
    }),
  ),
  /** Each rule that people wrote for it: when it came nearest to firing, and its numbers then. */
  rules: Type.Array(
    Type.Object({
      name: Type.String(),
      severity: oneOf(SEVERITIES),
      at: Time,
      fires: Type.Boolean(),
      says: Type.String(),
    }),
  ),
});
export type WhyAnswer = Static<typeof WhyAnswer>;
