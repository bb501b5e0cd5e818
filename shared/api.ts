// The REST API's shapes: one schema gives the server its validation and OpenAPI, and the page its types.
// All times are ms since the epoch. Query parameters take ms, s (told by size), ISO 8601, or `now-15m`.
import { Type, type Static, type TSchema } from 'typebox';
import { CLASSES } from './status.ts';
import { CULPRITS } from './exchange.ts';

const Nullable = <T extends TSchema>(t: T) => Type.Union([t, Type.Null()]);
const Time = Type.Integer({ description: 'ms since the epoch' });
const Count = Type.Integer({ minimum: 0 });
const Share = Type.Number({ description: '0–1' });
const oneOf = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.Enum([...values]));

export const ApiError = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), hint: Type.Optional(Type.String()) }),
});
export type ApiError = Static<typeof ApiError>;

// ---- counts ----

/** GET /api/totals?from&to[&source] */
export const Totals = Type.Object({
  from: Time, to: Time,
  totals: Type.Array(Type.Object({ source: Type.String(), code: Type.Integer(), count: Count })),
});
export type Totals = Static<typeof Totals>;

/** GET /api/series?from&to[&step][&source][&code][&by=class|code|source|cause]: `counts[i]` belongs to the bucket that starts at from + i·step. */
export const Series = Type.Object({
  from: Time, to: Time,
  step: Type.Integer({ description: 'ms per bucket; the server picks it so that there are at most about 600' }),
  by: Type.String(),
  series: Type.Array(Type.Object({ key: Type.String({ description: 'class, code or source name' }), counts: Type.Array(Count) })),
  /** Stretches in which nothing was received at all (down, or before the first line): drawn hatched, never as zero. */
  gaps: Type.Array(Type.Object({ from: Time, to: Time })),
  /** Oldest bucket that retention still holds at this resolution. */
  oldest: Nullable(Time),
});
export type Series = Static<typeof Series>;

export const DIMENSIONS = ['cause', 'upstream', 'route', 'method', 'host', 'client', 'duration'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** GET /api/breakdown?from&to&dimension[&source][&code][&class]: the values of a dimension among the hits asked for, most first. */
export const Breakdown = Type.Object({
  from: Time, to: Time,
  dimension: oneOf(DIMENSIONS),
  total: Count,
  rows: Type.Array(Type.Object({
    value: Type.String(), count: Count,
    share: Share,
    /** The same value's share of all traffic in the range. */
    trafficShare: Share,
    /** Its share among the same hits in the period before. */
    baselineShare: Nullable(Share),
    before: Count,
  })),
  /** Hits whose value was over the cap, or absent. */
  other: Count,
});
export type Breakdown = Static<typeof Breakdown>;

/** One code of the reference; shared/codes/code.ts says what each field holds. */
export const CodeEntry = Type.Object({
  code: Type.Integer(), name: Type.String(), official: Type.Boolean(), meaning: Type.String(), madeBy: Type.String(), retry: Type.String(),
  headers: Type.Optional(Type.Array(Type.Object({ name: Type.String(), why: Type.String() }))),
  caching: Type.String(), method: Type.Optional(Type.String()), source: Type.String(),
});
export const Comparison = Type.Object({
  id: Type.String(), title: Type.String(), codes: Type.Array(Type.Integer()),
  columns: Type.Array(Type.String()), rows: Type.Array(Type.Array(Type.String())), choose: Type.String(),
});
/** GET /api/codes/502: one code, whole, with its count over the range. */
export const CodePage = Type.Object({
  entry: CodeEntry, class: oneOf(CLASSES), comparisons: Type.Array(Comparison),
  runbook: Nullable(Type.Object({
    code: Type.Integer(), whoFailed: Type.String(), whenSeen: Type.Array(Type.String()), check: Type.Array(Type.String()),
    differs: Type.Array(Type.Object({ code: Type.Integer(), how: Type.String() })),
  })),
  count: Count, share: Share,
});
export type CodePage = Static<typeof CodePage>;

/** GET /api/codes: live counts of the codes seen; GET /api/codes/502 gives one code of the reference, whole. */
export const CodeCount = Type.Object({
  code: Type.Integer(), name: Type.String(), class: oneOf(CLASSES),
  count: Count, before: Count, share: Share,
  /** About 30 buckets over the range. */
  trend: Type.Array(Count),
});
export type CodeCount = Static<typeof CodeCount>;
export const CodeCounts = Type.Object({ from: Time, to: Time, total: Count, codes: Type.Array(CodeCount) });
export type CodeCounts = Static<typeof CodeCounts>;

// ---- sources: the shipper doctor ----

export const SourceStatus = Type.Object({
  name: Type.String(),
  /** The format its lines are read with; null before the first line. */
  format: Nullable(Type.String()),
  formatChosen: oneOf(['auto', 'set'] as const),
  /** How it sends: 'http', 'otlp', 'loki', 'syslog', 'tail', 'ship', … */
  receiver: Nullable(Type.String()),
  userAgent: Nullable(Type.String()),
  firstSeen: Time,
  /** Arrival of the last accepted or rejected line. */
  lastSeen: Time,
  /** Event time of the newest hit. */
  lastEvent: Nullable(Time),
  /** Arrival minus event time of recent hits, median, ms. */
  lagMs: Nullable(Type.Number()),
  /** How far its clock is ahead of ours, ms; null when it is not. */
  clockAheadMs: Nullable(Type.Number()),
  /** Hits per second over the last minute. */
  rate: Type.Number(),
  received: Count, accepted: Count, rejected: Count, skipped: Count, duplicate: Count, late: Count,
  reasons: Type.Array(Type.Object({ kind: oneOf(['rejected', 'skipped'] as const), reason: Type.String(), count: Count })),
  lastMisses: Type.Array(Type.Object({ at: Time, kind: oneOf(['rejected', 'skipped'] as const), reason: Type.String(), sample: Type.String() })),
  /** Our last answers to it. */
  answers: Type.Array(Type.Object({ at: Time, status: Type.Integer(), note: Type.String() })),
  /** 'sampled', 'errors-only', 'clock-ahead', … */
  flags: Type.Array(Type.String()),
  /** Worst open incident's severity, if any. */
  alarm: Nullable(oneOf(['page', 'warn'] as const)),
});
export type SourceStatus = Static<typeof SourceStatus>;

/** Requests that look like a shipper's, to paths we do not serve. */
export const Stranger = Type.Object({
  method: Type.String(), path: Type.String(), userAgent: Nullable(Type.String()), count: Count, lastAt: Time,
  hint: Type.String({ description: 'what it looks like and what to change' }),
});
export type Stranger = Static<typeof Stranger>;
export const Sources = Type.Object({ sources: Type.Array(SourceStatus), strangers: Type.Array(Stranger) });
export type Sources = Static<typeof Sources>;

/** POST /ingest's answer. */
export const IngestAnswer = Type.Object({
  received: Count, accepted: Count, rejected: Count, skipped: Count, duplicate: Type.Boolean(),
  errors: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String(), sample: Type.String() })),
});
export type IngestAnswer = Static<typeof IngestAnswer>;

// ---- incidents ----

export const INCIDENT_STATES = ['pending', 'firing', 'blind', 'recovering', 'resolved'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];
export const SEVERITIES = ['page', 'warn'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const Incident = Type.Object({
  id: Type.Integer(),
  /** The source it was opened on; `sources` lists those folded into it. */
  source: Type.String(), sources: Type.Array(Type.String()),
  /** Codes that stand out, worst first; empty for vanished traffic. */
  codes: Type.Array(Type.Integer()),
  /** What fired: '5xx share', 'traffic vanished', a user rule's name. */
  rule: Type.String(),
  cause: Nullable(Type.String()), culprit: Nullable(oneOf(CULPRITS)),
  severity: oneOf(SEVERITIES), state: oneOf(INCIDENT_STATES),
  openedAt: Time, resolvedAt: Nullable(Time),
  /** Last moment at which it still fired. */
  lastBadAt: Time,
  share: Share, peakShare: Share, baselineShare: Share,
  failed: Count, total: Count,
  /** One sentence: "502s at 38 % of requests (normally 0.02 %)". */
  summary: Type.String(),
  /** One sentence: "The proxy cannot connect to 10.0.0.3:8080". */
  headline: Type.String(),
  acknowledged: Nullable(Type.Object({ at: Time, by: Type.String() })),
  silencedUntil: Nullable(Time),
});
export type Incident = Static<typeof Incident>;
export const Incidents = Type.Object({ incidents: Type.Array(Incident) });
export type Incidents = Static<typeof Incidents>;

export const RankedCause = Type.Object({
  cause: Type.String(), culprit: oneOf(CULPRITS), title: Type.String(),
  share: Share, hits: Count,
  /** 'certain' | 'very likely' | 'likely' | 'possible', or 'cannot tell' for unknown: words that match the numbers. */
  confidence: Type.String(),
  evidence: Type.Array(Type.String()),
  meaning: Type.String(), owner: Type.String(),
  checks: Type.Array(Type.Object({ say: Type.String(), run: Type.Optional(Type.String()) })),
  fixes: Type.Array(Type.String()), notThis: Type.Array(Type.String()), sources: Type.Array(Type.String()),
});
export type RankedCause = Static<typeof RankedCause>;

export const Where = Type.Object({
  dimension: oneOf(DIMENSIONS), value: Type.String(), hits: Count,
  share: Share, trafficShare: Share, baselineShare: Nullable(Share), lift: Type.Number(),
});
export type Where = Static<typeof Where>;

/** What `explain` and the incident page show. */
export const Diagnosis = Type.Object({
  code: Type.Integer(), total: Count, hits: Count,
  /** Who failed, in one line: "The proxy cannot connect to 10.0.0.3:8080". */
  headline: Type.String(),
  causes: Type.Array(RankedCause),
  where: Type.Array(Where),
  /** 'one instance', 'keep-alive race', 'timeout pinned at 60 s', 'deploy just before', … with its sentence. */
  refinements: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), evidence: Type.String() })),
  next: Type.Array(Type.String()),
  /** The answer to "the backend answers me locally, so why this code?"; null where the question does not arise. */
  neighbour: Nullable(Type.String()),
  /** For `unknown`: the variables to add, and the line to paste. */
  addToLog: Nullable(Type.Object({ why: Type.String(), paste: Type.String() })),
});
export type Diagnosis = Static<typeof Diagnosis>;

export const IncidentDetail = Type.Object({
  incident: Incident,
  diagnosis: Nullable(Diagnosis),
  transitions: Type.Array(Type.Object({ at: Time, from: oneOf(INCIDENT_STATES), to: oneOf(INCIDENT_STATES), why: Type.String() })),
  /** The last evaluations' inputs: why it fired. */
  evaluations: Type.Array(Type.Object({
    at: Time, window: Type.Integer({ description: 's' }), code: Nullable(Type.Integer()), bad: Count, total: Count, share: Share, baseline: Share,
    score: Type.Number(), threshold: Type.Number(), says: Type.String(),
  })),
  notes: Type.Array(Type.Object({ at: Time, by: Type.String(), text: Type.String() })),
  /** Lines of the incident, secrets masked. */
  samples: Type.Array(Type.Object({ at: Time, code: Type.Integer(), line: Type.String() })),
  similar: Type.Array(Type.Object({ id: Type.Integer(), openedAt: Time, resolvedAt: Nullable(Time), headline: Type.String(), note: Nullable(Type.String()) })),
  /** The incident as Markdown, to paste into a ticket. */
  markdown: Type.String(),
});
export type IncidentDetail = Static<typeof IncidentDetail>;

export const Annotation = Type.Object({
  id: Type.Integer(), at: Time, kind: oneOf(['deploy', 'restart', 'note', 'gap', 'incident'] as const),
  text: Type.String(), source: Nullable(Type.String()),
});
export type Annotation = Static<typeof Annotation>;
/** POST /api/annotations; `at` defaults to now, `kind` to deploy. GET takes from, to. */
export const NewAnnotation = Type.Object({
  text: Type.String({ minLength: 1, maxLength: 200 }), kind: Type.Optional(oneOf(['deploy', 'note'] as const)),
  source: Type.Optional(Type.String({ maxLength: 120 })), at: Type.Optional(Type.Integer()),
}, { additionalProperties: false });
export type NewAnnotation = Static<typeof NewAnnotation>;
export const Annotations = Type.Object({ annotations: Type.Array(Annotation) });
export type Annotations = Static<typeof Annotations>;

// ---- what a person does to an incident; `by` is a name to show, "" when nobody said ----

const By = Type.Optional(Type.String({ maxLength: 80 }));
/** POST /api/incidents/ID/ack; answers the incident. */
export const NewAck = Type.Object({ by: By }, { additionalProperties: false });
export type NewAck = Static<typeof NewAck>;
/** POST /api/incidents/ID/silence; 0 minutes ends a silence. Answers the incident. */
export const NewSilence = Type.Object({ minutes: Type.Integer({ minimum: 0, maximum: 10_080 }), by: By }, { additionalProperties: false });
export type NewSilence = Static<typeof NewSilence>;
/** POST /api/incidents/ID/note */
export const NewNote = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4_000 }), by: By }, { additionalProperties: false });
export type NewNote = Static<typeof NewNote>;

// ---- reading lines on trial: the Setup page; nothing is counted ----

/** POST /api/parse; `format` is a name, 'auto', or a log_format / LogFormat / GoAccess string. */
export const ParseRequest = Type.Object({
  format: Type.String({ maxLength: 8_192 }),
  lines: Type.Array(Type.String({ maxLength: 65_536 }), { maxItems: 50 }),
}, { additionalProperties: false });
export type ParseRequest = Static<typeof ParseRequest>;
export const ParsedLine = Type.Object({
  kind: oneOf(['hit', 'rejected', 'skipped'] as const),
  /** Why not, with the field that failed; null for a hit. */
  reason: Nullable(Type.String()),
  /** Each thing read; `from`–`to` is where in the line it was found, in characters, null where it is derived (class, route, cause). */
  fields: Type.Array(Type.Object({ name: Type.String(), value: Type.String(), from: Nullable(Type.Integer()), to: Nullable(Type.Integer()) })),
});
export type ParsedLine = Static<typeof ParsedLine>;
export const ParseAnswer = Type.Object({
  /** Name of the format the lines were read with; null if none fits or it was refused. */
  format: Nullable(Type.String()),
  /** Why the format string cannot be used; null when it can. */
  error: Nullable(Type.String()),
  lines: Type.Array(ParsedLine),
});
export type ParseAnswer = Static<typeof ParseAnswer>;

// ---- the contract check: what the traffic says about the use of status codes ----

export const Finding = Type.Object({
  id: Type.Integer(),
  /** Which check found it: 'post-redirected', 'everything-200', … */
  check: Type.String(),
  source: Type.String(),
  /** One sentence: "POST /v1/orders is answered 301, and clients come back with GET". */
  title: Type.String(),
  level: oneOf(['problem', 'hint'] as const),
  evidence: Type.Array(Type.String()),
  /** What the standard says. */
  rule: Type.String(),
  fix: Type.String(),
  codes: Type.Array(Type.Integer()),
  hits: Count, firstAt: Time, lastAt: Time,
  dismissed: Nullable(Type.Object({ at: Time, by: Type.String() })),
});
export type Finding = Static<typeof Finding>;
/** GET /api/findings?[source]: dismissed ones included. */
export const Findings = Type.Object({ findings: Type.Array(Finding) });
export type Findings = Static<typeof Findings>;
/** POST /api/findings/ID/dismiss; `undo` takes it back. Answers the finding. */
export const Dismissal = Type.Object({ by: By, undo: Type.Optional(Type.Boolean()) }, { additionalProperties: false });
export type Dismissal = Static<typeof Dismissal>;

// ---- rules that people write; the detector needs none ----

const RuleBase = {
  name: Type.String({ minLength: 1, maxLength: 80 }),
  /** null: every source. */
  source: Nullable(Type.String({ maxLength: 120 })),
  severity: oneOf(SEVERITIES),
};
const Span = Type.Integer({ minimum: 0, maximum: 30 * 86_400, description: 's' });
export const RuleSpec = Type.Union([
  Type.Object({
    kind: Type.Literal('threshold'), ...RuleBase,
    codes: Type.String({ maxLength: 200, description: '"502", "5xx", "500-504", or several with commas' }),
    /** Only hits of this value; null for all. */
    where: Nullable(Type.Object({ dimension: oneOf(['route', 'host', 'upstream'] as const), value: Type.String({ maxLength: 500 }) })),
    measure: oneOf(['share', 'rate'] as const), above: Type.Number({ minimum: 0, description: 'share 0–1, or hits per second' }),
    /** Falls silent below this; null: below `above`. */
    clear: Nullable(Type.Number({ minimum: 0 })),
    window: Span, minTotal: Count, for: Span, keepFiring: Span,
  }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('slo'), ...RuleBase, target: Type.Number({ minimum: 0.5, exclusiveMaximum: 1, description: 'share of requests that are no 5xx' }) }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('absence'), ...RuleBase, for: Span }, { additionalProperties: false }),
]);
export type RuleSpec = Static<typeof RuleSpec>;
export const Rule = Type.Object({
  id: Type.Integer(), spec: RuleSpec,
  /** Rules of the configuration file cannot be changed here. */
  origin: oneOf(['config', 'page', 'preset'] as const),
  enabled: Type.Boolean(),
});
export type Rule = Static<typeof Rule>;
/** GET /api/rules; POST /api/rules takes a RuleSpec and answers the Rule; DELETE /api/rules/ID. */
export const Rules = Type.Object({
  rules: Type.Array(Rule),
  /** What the built-in detector watches and when it pages, in sentences. */
  builtin: Type.Array(Type.Object({ name: Type.String(), says: Type.String() })),
});
export type Rules = Static<typeof Rules>;
/** POST /api/rules/backtest takes {spec, days}; `spec` null asks what the built-in detector would have done. */
export const BacktestRequest = Type.Object({ spec: Nullable(RuleSpec), days: Type.Integer({ minimum: 1, maximum: 400 }) }, { additionalProperties: false });
export type BacktestRequest = Static<typeof BacktestRequest>;
export const Backtest = Type.Object({
  from: Time, to: Time,
  /** "would have paged 4 times in 30 days" */
  says: Type.String(),
  incidents: Type.Array(Type.Object({
    source: Type.String(), codes: Type.Array(Type.Integer()), severity: oneOf(SEVERITIES), openedAt: Time, resolvedAt: Nullable(Time), peakShare: Share,
  })),
});
export type Backtest = Static<typeof Backtest>;

/** GET /api/why?source&from&to: the moment at which the source came nearest to paging, and by window what was missing. */
export const WhyAnswer = Type.Object({
  /** null when nothing failed in the range. */
  at: Nullable(Time),
  requests: Count,
  rows: Type.Array(Type.Object({
    family: Type.String({ description: '"502s"' }), window: Type.Integer({ description: 's' }), bad: Count, total: Count, share: Share, usual: Share,
    excess: Type.Number(), floor: Share, score: Type.Number(), scoreNeeded: Type.Number(), fires: Type.Boolean(), says: Type.String(), nearness: Type.Number(),
  })),
});
export type WhyAnswer = Static<typeof WhyAnswer>;
