// Every format, the specific before the general: the first that reads a line claims it.
import { access } from './clf/access.ts';
import { alb } from './known/alb.ts';
import { combined, common, vhostCombined } from './clf/combined.ts';
import type { Format } from './format.ts';
import { elb } from './known/elb.ts';
import { envoy } from './known/envoy.ts';
import { haproxy, haproxyClf } from './known/haproxy.ts';
import { iisNative } from './known/iis-native.ts';
import { ingressNginx } from './known/ingress-nginx.ts';
import { albJson, apiGateway, appSync, cloudfrontJson } from './known/aws-json.ts';
import { azure } from './known/azure.ts';
import { caddy } from './known/caddy.ts';
import { bunny } from './known/bunny.ts';
import { columns } from './keyed/columns.ts';
import { counts } from './known/counts.ts';
import { cloudflare } from './known/cloudflare.ts';
import { envoyJson } from './known/envoy-json.ts';
import { gcp } from './known/gcp.ts';
import { frameworks } from './known/frameworks.ts';
import { haproxyJson } from './known/haproxy-json.ts';
import { json, nginxJson } from './keyed/json.ts';
import { kubernetesAudit } from './known/kubernetes-audit.ts';
import { kong } from './known/kong.ts';
import { Rivals } from './keyed/keyed-format.ts';
import { logbook } from './known/logbook.ts';
import { logfmt } from './keyed/logfmt.ts';
import { ltsv } from './keyed/ltsv.ts';
import { traefikJson } from './known/traefik-json.ts';
import { uwsgi } from './known/uwsgi.ts';
import { vercel } from './known/vercel.ts';
import { nginxProxyManager } from './known/nginx-proxy-manager.ts';
import { otherStages, toldToCount } from './known/other-stages.ts';
import { otelAttributes } from './known/otel-attributes.ts';
import { s3 } from './known/s3.ts';
import { squid } from './known/squid.ts';
import { traefik } from './known/traefik.ts';
import { w3c } from './keyed/w3c.ts';

export const formats = [
  counts,
  nginxJson,
  apiGateway,
  appSync,
  albJson,
  cloudfrontJson,
  caddy,
  traefikJson,
  envoyJson,
  cloudflare,
  vercel,
  azure,
  gcp,
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

/** Those that read keyed lines: an object may carry the marks of any of them. */
export const rivals = new Rivals([
  ...otherStages,
  ...formats.flatMap((format) => ('keyed' in format ? [format.keyed] : [])),
]);

type FormatName = (typeof formats)[number]['name'];

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
  return wanted === toldToCount.name ? toldToCount : formats.find((format) => format.name === wanted);
}
