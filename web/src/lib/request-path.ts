// The request's way from the client to the application, and where it broke: the picture that answers "who failed".
import type { Diagnosis, Incident, Where } from '#shared/api.ts';
import { share } from './format.ts';

export interface PathNode {
  id: 'client' | 'edge' | 'proxy' | 'upstream' | 'app';
  title: string;
  detail: string;
  state: 'ok' | 'bad' | 'idle' | 'unknown';
}
/** `cut`: stood, and was cut; `slow`: stood, and nothing came back in time; `never`: not reached. */
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
const proxyName = (format: string | null): string => FAMILIES.find((f) => format?.toLowerCase().includes(f)) ?? 'proxy';

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
  const innocent = 'no evidence of fault';

  const nodes: PathNode[] = [
    {
      id: 'client',
      title: 'client',
      detail: client ? `${share(client.share)} of failures from ${client.value}` : where.length ? 'no single one' : '',
      state: 'ok',
    },
    { id: 'proxy', title: proxyName(format), detail: incident.source, state: 'ok' },
    {
      id: 'upstream',
      title: upstream && standsOut(upstream) ? upstream.value : 'upstream',
      detail: upstreamText(where, upstream),
      state: 'ok',
    },
    { id: 'app', title: 'application', detail: innocent, state: 'ok' },
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
      nodes.splice(1, 0, { id: 'edge', title: 'edge', detail: 'the CDN made this code', state: 'bad' });
      links.splice(1, 0, { state: 'unknown', label: cause });
      break;
    case 'proxy':
      Object.assign(node('proxy'), { state: 'bad', detail: `${incident.source}: ${cause}` });
      links[1] = links[2] = { state: 'never', label: '' };
      links[1].label = 'never asked';
      node('upstream').state = node('app').state = 'idle';
      break;
    case 'upstream-connect':
      links[1] = { state: 'broken', label: cause };
      links[2] = { state: 'never', label: 'never reached' };
      node('upstream').state = 'bad';
      node('app').state = 'idle';
      break;
    case 'upstream-protocol':
      links[1] = { state: 'cut', label: cause };
      node('upstream').state = 'bad';
      links[2] = { state: 'unknown', label: '' };
      Object.assign(node('app'), { state: 'unknown', detail: 'its own log says why' });
      break;
    case 'upstream-timeout':
      links[1] = { state: 'ok', label: 'connected' };
      links[2] = { state: 'slow', label: cause };
      Object.assign(node('app'), { state: 'bad', detail: onRoute || 'did not answer in time' });
      break;
    case 'app':
      Object.assign(node('app'), { state: 'bad', detail: onRoute || cause });
      links[2].label = 'answered with the error itself';
      break;
    default:
      for (const i of [1, 2])
        links[i] = { state: 'unknown', label: i === 1 ? (incident.codes.length ? 'the log cannot tell' : '') : '' };
      if (incident.codes.length === 0) links[0] = { state: 'unknown', label: 'no requests arrive' };
      for (const id of ['upstream', 'app'] as const)
        Object.assign(node(id), { state: 'unknown', detail: id === 'app' ? '' : node(id).detail });
  }
  return {
    nodes,
    links,
    sentence: nodes
      .map(
        (n, i) =>
          `${n.title}${n.state === 'bad' ? ' (failed)' : ''}${links[i]?.label ? `, then: ${links[i].label}` : ''}`,
      )
      .join(' → '),
  };
}

function upstreamText(where: readonly Where[], first: Where | undefined): string {
  const n = where.filter((w) => w.dimension === 'upstream').length;
  if (first && standsOut(first)) return `${share(first.share)} of failures, ${share(first.trafficShare!)} of traffic`;
  return n > 1 ? 'no single instance' : (first?.value ?? '');
}
