// The REST API's shapes: one schema gives the server its validation and OpenAPI, and the page its types.
// All times are ms since the epoch. Query parameters take ms, s (told by size), ISO 8601, or `now-15m`.
export { ApiError } from './api/base.ts';
export * from './api/annotations.ts';
export * from './api/counts.ts';
export * from './api/demo.ts';
export * from './api/diagnosis.ts';
export * from './api/findings.ts';
export * from './api/incidents.ts';
export * from './api/lines.ts';
export * from './api/rules.ts';
export * from './api/sources.ts';
export * from './api/troubles.ts';
