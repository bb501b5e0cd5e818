// The guides of all programs that write access logs, and the steps that they add to a cause.
import type { Cause, Check, Failures } from '../causes/cause.ts';
import { alb, apigateway, cloudfront, elb, s3 } from './aws.ts';
import { apache } from './apache.ts';
import { caddy } from './caddy.ts';
import { azure, cloudflare, gcp, vercel } from './clouds.ts';
import { envoy } from './envoy.ts';
import type { ProxyGuide } from './guide.ts';
import { haproxy } from './haproxy.ts';
import { ingressNginx } from './ingress-nginx.ts';
import { nginx } from './nginx.ts';
import { iis, lighttpd, otel, squid, unknownProxy, varnish } from './other-proxies.ts';
import { traefik } from './traefik.ts';

export const guides = [
  nginx,
  ingressNginx,
  apache,
  haproxy,
  envoy,
  traefik,
  caddy,
  alb,
  elb,
  cloudfront,
  s3,
  apigateway,
  cloudflare,
  azure,
  gcp,
  vercel,
  iis,
  squid,
  varnish,
  lighttpd,
  otel,
  unknownProxy,
] as const satisfies readonly ProxyGuide[];

/** `ingress`: the lines are ingress-nginx's. */
export const guideOf = (proxy: Failures['proxy'], ingress = false): ProxyGuide =>
  ingress && proxy === 'nginx' ? ingressNginx : (guides.find((guide) => guide.proxy === proxy) ?? unknownProxy);

/** What to check for these failures, in order: first what the program that wrote the log shows in words, then what holds for any. */
export function checksOf(cause: Cause, f: Failures, ingress = false): Check[] {
  const guide = guideOf(f.proxy, ingress);
  const own: readonly Check[] | undefined = guide.steps[cause.id];
  // What the application answered by itself is in no log of the proxy.
  const fallback = cause.culprit === 'app' || cause.culprit === 'client' ? [] : [guide.log];
  return [...(own ?? fallback), ...cause.checks].filter((check) => check.when?.(f) ?? true);
}
