// The REST API: a file a resource.
import { registerAnnotations, type AnnotationsDeps } from './annotations.ts';
import { registerCodes } from './codes.ts';
import { registerCounts, type CountsDeps } from './counts.ts';
import { registerCrossings, type CrossingsDeps } from './crossings.ts';
import { registerDemo, type DemoDeps } from './demo.ts';
import { registerFindings, type FindingsDeps } from './findings.ts';
import { registerIncidents, type IncidentsDeps } from './incidents.ts';
import { collectPaths, registerOpenapi } from './openapi.ts';
import { registerOperating, type OperatingDeps } from './operating.ts';
import { registerParse } from './parse.ts';
import type { Api } from './route.ts';
import { registerRules, type RulesDeps } from './rules.ts';
import { registerSources, type SourcesDeps } from './sources.ts';

export interface ApiDeps
  extends
    CountsDeps,
    CrossingsDeps,
    SourcesDeps,
    AnnotationsDeps,
    FindingsDeps,
    IncidentsDeps,
    RulesDeps,
    DemoDeps,
    OperatingDeps {
  store: CountsDeps['store'] &
    CrossingsDeps['store'] &
    SourcesDeps['store'] &
    AnnotationsDeps['store'] &
    FindingsDeps['store'];
  version: string;
}

export function registerApi(app: Api, deps: ApiDeps): void {
  const paths = collectPaths(app);
  registerCounts(app, deps);
  registerCrossings(app, deps);
  registerCodes(app, deps);
  registerSources(app, deps);
  registerAnnotations(app, deps);
  registerIncidents(app, deps);
  registerRules(app, deps);
  registerFindings(app, deps);
  registerParse(app);
  registerDemo(app, deps);
  registerOperating(app, deps);
  registerOpenapi(app, paths, deps.version);
}
