// The request's way from the client to the application, and where it broke: the picture that answers "who failed".
import type { Diagnosis, Incident, Where } from '#shared/api.ts';
import { texts } from '../texts/index.ts';

const t = texts.requestPath;

export interface PathNode {
  id: 'client' | 'edge' | 'proxy' | 'upstream' | 'app';
  title: string;
  detail: string;
  state: 'ok' | 'bad' | 'idle' | 'unknown';
}
/** `cut`: was established, then cut; `slow`: was established, but no response came in time; `never`: not reached. */
export interface PathLink {
  state: 'ok' | 'broken' | 'cut' | 'slow' | 'never' | 'unknown';
  label: string;
}
export interface RequestPath {
  nodes: PathNode[];
  links: PathLink[];
  sentence: string;
}

const FAMILIES = [
  'nginx',
  'haproxy',
  'envoy',
  'traefik',
  'caddy',
  'apache',
  'cloudfront',
  'cloudflare',
  'iis',
  'squid',
  'varnish',
  'alb',
  'elb',
  'lighttpd',
];
const proxyName = (format: string | null): string =>
  FAMILIES.find((f) => format?.toLowerCase().includes(f)) ?? t.nodes.proxy;

const top = (where: readonly Where[], dimension: Where['dimension']): Where | undefined =>
  where.filter((w) => w.dimension === dimension).sort((a, b) => b.share - a.share)[0];
/** Stands out: most of the failures, and more than its part of the traffic. */
export const standsOut = (w: Where): boolean =>
  w.share >= 0.5 && w.trafficShare !== null && w.share > 1.3 * w.trafficShare;

export function requestPath(incident: Incident, diagnosis: Diagnosis | null, format: string | null): RequestPath {
  const where = diagnosis?.where ?? [];
  const first = diagnosis?.causes[0];
  const culprit = first?.culprit ?? incident.culprit ?? null;
  const cause = first?.title ?? '';
  const [client, upstream, route] = [top(where, 'client'), top(where, 'upstream'), top(where, 'route')];

  const nodes: PathNode[] = [
    {
      id: 'client',
      title: t.nodes.client,
      detail: client ? t.failuresFrom(client.share, client.value) : where.length ? t.noSingleClient : '',
      state: 'ok',
    },
    { id: 'proxy', title: proxyName(format), detail: incident.source, state: 'ok' },
    {
      id: 'upstream',
      title: upstream && standsOut(upstream) ? upstream.value : t.nodes.upstream,
      detail: upstreamText(where, upstream),
      state: 'ok',
    },
    { id: 'app', title: t.nodes.app, detail: t.noEvidence, state: 'ok' },
  ];
  const links: PathLink[] = [
    { state: 'ok', label: '' },
    { state: 'ok', label: '' },
    { state: 'ok', label: '' },
  ];
  const node = (id: PathNode['id']) => nodes.find((n) => n.id === id)!;
  const onRoute = route && standsOut(route) ? route.value : '';

  switch (culprit) {
    case 'client':
      node('client').state = 'bad';
      links[0] = { state: 'broken', label: cause };
      break;
    case 'edge':
      nodes.splice(1, 0, { id: 'edge', title: t.nodes.edge, detail: t.edgeSent, state: 'bad' });
      links.splice(1, 0, { state: 'unknown', label: cause });
      break;
    case 'proxy':
      Object.assign(node('proxy'), { state: 'bad', detail: `${incident.source}: ${cause}` });
      links[1] = links[2] = { state: 'never', label: '' };
      links[1].label = t.notReached;
      node('upstream').state = node('app').state = 'idle';
      break;
    case 'upstream-connect':
      links[1] = { state: 'broken', label: cause };
      links[2] = { state: 'never', label: t.notReached };
      node('upstream').state = 'bad';
      node('app').state = 'idle';
      break;
    case 'upstream-protocol':
      links[1] = { state: 'cut', label: cause };
      node('upstream').state = 'bad';
      links[2] = { state: 'unknown', label: '' };
      Object.assign(node('app'), { state: 'unknown', detail: t.seeItsLog });
      break;
    case 'upstream-timeout':
      links[1] = { state: 'ok', label: t.connected };
      links[2] = { state: 'slow', label: cause };
      Object.assign(node('app'), { state: 'bad', detail: onRoute || t.noResponseInTime });
      break;
    case 'app':
      Object.assign(node('app'), { state: 'bad', detail: onRoute || cause });
      links[2].label = t.returnedError;
      break;
    default:
      for (const i of [1, 2])
        links[i] = { state: 'unknown', label: i === 1 ? (incident.codes.length ? t.notInLog : '') : '' };
      if (incident.codes.length === 0) links[0] = { state: 'unknown', label: t.noRequests };
      for (const id of ['upstream', 'app'] as const)
        Object.assign(node(id), { state: 'unknown', detail: id === 'app' ? '' : node(id).detail });
  }
  return {
    nodes,
    links,
    sentence: nodes.map((n, i) => t.step(n.title, n.state === 'bad', links[i]?.label ?? '')).join(' → '),
  };
}

function upstreamText(where: readonly Where[], first: Where | undefined): string {
  const n = where.filter((w) => w.dimension === 'upstream').length;
  if (first && standsOut(first)) return t.ofFailures(first.share, first.trafficShare!);
  return n > 1 ? t.noSingleInstance : (first?.value ?? '');
}
