// Every format, the specific before the general: the first that reads a line claims it.
import { combined, common, vhostCombined } from './combined.ts';
import type { Format } from './format.ts';
import { ingressNginx } from './ingress-nginx.ts';
import { albJson, apiGateway, cloudfrontJson } from './aws-json.ts';
import { azure } from './azure.ts';
import { caddy } from './caddy.ts';
import { cloudflare } from './cloudflare.ts';
import { envoyJson } from './envoy-json.ts';
import { gcp } from './gcp.ts';
import { haproxyJson } from './haproxy-json.ts';
import { json, nginxJson } from './json.ts';
import { kong } from './kong.ts';
import { traefikJson } from './traefik-json.ts';
import { vercel } from './vercel.ts';
import { otelAttributes } from './otel-attributes.ts';
import { traefik } from './traefik.ts';

export const formats = [
  nginxJson,
  caddy,
  traefikJson,
  envoyJson,
  cloudflare,
  vercel,
  azure,
  gcp,
  apiGateway,
  albJson,
  cloudfrontJson,
  kong,
  haproxyJson,
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
