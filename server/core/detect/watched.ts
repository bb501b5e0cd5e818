// All that follows one source.
import type { RuleSpec } from '#shared/api.ts';
import type { RuleRun } from '../rules/rules.ts';
import type { IncidentTracker } from './incident-tracker.ts';
import type { Notices } from './notices.ts';
import type { PlacedIncidents } from './placed-incidents.ts';
import type { Places } from './places.ts';
import type { SourceState } from './source-state.ts';

export interface NumberedRule {
  readonly id: number;
  readonly spec: RuleSpec;
}

export interface RuleTracker {
  readonly id: number;
  readonly spec: RuleSpec;
  readonly run: RuleRun;
  readonly of: IncidentTracker;
}

export interface Watched {
  readonly state: SourceState;
  readonly places: Places;
  /** What fails at places of it. */
  readonly placed: PlacedIncidents;
  /** What of its places is worth a look. */
  readonly notices: Notices;
  /** What fails as a whole. */
  server: IncidentTracker;
  /** What has failed as a whole, was followed by another failure, and may come back. */
  ended: IncidentTracker[];
  readonly client: IncidentTracker;
  rules: RuleTracker[];
  /** Requests since the last observation, by code. */
  readonly counted: Map<number, number>;
}

/** All that follow incidents of a source. */
export const trackersOf = ({ server, client, rules, placed, notices, ended }: Watched): IncidentTracker[] => [
  server,
  client,
  ...rules.map(({ of }) => of),
  ...placed.list.map(({ tracker }) => tracker),
  ...notices.list.map(({ tracker }) => tracker),
  ...ended,
];

/** Something is open: what is learnt and counted meanwhile is not its usual. */
export function mark({ state, server, client, placed }: Watched): void {
  state.frozen = server.open;
  state.clientFrozen = client.open;
  state.paged = (server.open && server.incident!.severity === 'page') || placed.list.some(({ owns }) => owns);
}
