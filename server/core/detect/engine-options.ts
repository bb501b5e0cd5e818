// What the engine needs, and whom it tells.
import type { Dimension } from '#shared/api.ts';
import type { Verdict } from './detectors/detector.ts';
import type { Incident, Transition } from './incident.ts';
import type { SourceState } from './source-state.ts';

export interface EngineOptions {
  /** Called for each transition, in order of time. */
  onTransition(incident: Incident, transition: Transition, source: SourceState): void;
  /** Called when an open incident was judged, with what was found. */
  onEvaluation?(incident: Incident, at: number, verdict: Verdict): void;
  /** Called with what judging a source threw; the rest of it, and the other sources, go on. Without it, it is thrown. */
  onFailure?(source: string, error: unknown): void;
  /** Seconds that a count stands for: 1, or the width of the buckets that come in. */
  resolution?: number;
  /** Text of a value id (count/value-id.ts); without it places have no names. */
  textOf?(id: number): string | undefined;
  /** The value id of a text of a source, 0 when it has none: an incident at a place goes on after a restart. */
  idOf?(source: string, dimension: Dimension, text: string): number;
  /** Without the built-in detectors: only the rules. */
  rulesOnly?: boolean;
}
