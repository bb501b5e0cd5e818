// Every format, the specific before the general: the first that reads a line claims it.
import { access } from './access.ts';
import { alb } from './alb.ts';
import { combined, common, vhostCombined } from './combined.ts';
import type { Format } from './format.ts';
import { elb } from './elb.ts';
import { envoy } from './envoy.ts';
import { haproxy, haproxyClf } from './haproxy.ts';
import { iisNative } from './iis-native.ts';
import { ingressNginx } from './ingress-nginx.ts';
import { albJson, apiGateway, appSync, cloudfrontJson } from './aws-json.ts';
import { azure } from './azure.ts';
import { caddy } from './caddy.ts';
import { bunny } from './bunny.ts';
import { columns } from './columns.ts';
import { counts } from './counts.ts';
import { cloudflare } from './cloudflare.ts';
import { envoyJson } from './envoy-json.ts';
import { gcp } from './gcp.ts';
import { frameworks } from './frameworks.ts';
import { haproxyJson } from './haproxy-json.ts';
import { json, nginxJson } from './json.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { kong } from './kong.ts';
import { logbook } from './logbook.ts';
import { logfmt } from './logfmt.ts';
import { ltsv } from './ltsv.ts';
import { traefikJson } from './traefik-json.ts';
import { uwsgi } from './uwsgi.ts';
import { vercel } from './vercel.ts';
import { nginxProxyManager } from './nginx-proxy-manager.ts';
import { otelAttributes } from './otel-attributes.ts';
import { s3 } from './s3.ts';
import { squid } from './squid.ts';
import { traefik } from './traefik.ts';
import { w3c } from './w3c.ts';

export const formats = [
  counts,
  nginxJson,
  caddy,
  traefikJson,
  envoyJson,
  cloudflare,
  vercel,
  azure,
  gcp,
  apiGateway,
  appSync,
  albJson,
  cloudfrontJson,
  kong,
  kubernetesAudit,
  logbook,
  haproxyJson,
  otelAttributes,
  json,
  ltsv,
  logfmt,
  haproxy,
  envoy,
  alb,
  elb,
  s3,
  squid,
  w3c,
  nginxProxyManager,
  uwsgi,
  frameworks,
  bunny,
  iisNative,
  columns,
  haproxyClf,
  traefik,
  ingressNginx,
  vhostCombined,
  common,
  combined,
  access,
] as const satisfies readonly Format[];

export type FormatName = (typeof formats)[number]['name'];

/** Other names that people try. */
const ALIASES: Readonly<Record<string, FormatName>> = {
  nginx: 'combined',
  apache: 'combined',
  ncsa: 'combined',
  lighttpd: 'combined',
  varnish: 'combined',
  clf: 'common',
  vcombined: 'vhost_combined',
  'vhost-combined': 'vhost_combined',
  iis: 'w3c',
  cloudfront: 'w3c',
  'traefik-clf': 'traefik',
  ingress: 'ingress-nginx',
  npm: 'nginx-proxy-manager',
  'aws-alb': 'alb',
  'aws-elb': 'elb',
  'aws-s3': 's3',
  istio: 'envoy',
  gin: 'frameworks',
};

export function formatNamed(name: string): Format | undefined {
  const wanted = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  return formats.find((format) => format.name === wanted);
}
