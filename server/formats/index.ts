// Every format, the specific before the general: the first that reads a line claims it.
import { combined, common, vhostCombined } from './combined.ts';
import type { Format } from './format.ts';
import { ingressNginx } from './ingress-nginx.ts';
import { json, nginxJson } from './json.ts';
import { otelAttributes } from './otel-attributes.ts';
import { traefik } from './traefik.ts';

export const formats = [
  nginxJson,
  otelAttributes,
  json,
  traefik,
  ingressNginx,
  vhostCombined,
  common,
  combined,
] as const satisfies readonly Format[];

export type FormatName = (typeof formats)[number]['name'];

export const formatNamed = (name: string): Format | undefined => formats.find((format) => format.name === name);
