// The demo's log lines, as real proxies would write them, so that causes and upstreams are found in them the real way.
import { faultAt, load, randomOf, type Fault } from './script.ts';

/** Names say what they are: nobody shall take these numbers for theirs. */
export const DEMO_SOURCES = ['demo-shop', 'demo-api', 'demo-blog'] as const;
export type DemoSource = (typeof DEMO_SOURCES)[number];

/** Requests per second at an average hour. */
const RATES: Readonly<Record<DemoSource, number>> = { 'demo-shop': 14, 'demo-api': 9, 'demo-blog': 2 };
const MAKERS: Readonly<Record<DemoSource, (x: Exchange) => string>> = {
  'demo-shop': nginxJson,
  'demo-api': haproxy,
  'demo-blog': combined,
};

interface Exchange {
  /** ms since the epoch. */
  at: number;
  random: () => number;
  fault: Fault | undefined;
}

/** The lines of one second, `offset` seconds after the demo began. */
export function linesOf(source: DemoSource, second: number, offset: number): string[] {
  const random = randomOf(second * 31 + DEMO_SOURCES.indexOf(source));
  const fault = faultAt(offset);
  const surge = fault?.kind === 'limited' && source === 'demo-shop' ? 2.5 : 1;
  const mean = RATES[source] * load(second) * surge;
  const count = Math.floor(mean * (0.7 + 0.6 * random()) + random());
  const times = Array.from({ length: count }, () => second * 1000 + Math.floor(random() * 1000)).sort((a, b) => a - b);
  return times.map((at) => MAKERS[source]({ at, random, fault }));
}

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)];
const client = (random: () => number): string => `203.0.113.${Math.floor(random() ** 2 * 250) + 1}`;
const seconds = (ms: number): string => (ms / 1000).toFixed(3);
/** Most are quick, a few are slow: ms around `typical`. */
const timeTaken = (random: () => number, typical: number): number =>
  Math.round(typical * (0.4 + random() + 4 * random() ** 12));

// ---- demo-shop: nginx, JSON with the upstream variables ----

const SHOP_INSTANCES = ['10.0.0.2:8080', '10.0.0.3:8080', '10.0.0.4:8080'];
const SHOP_PATHS = [
  '/',
  '/',
  '/products',
  '/search?q=lamp',
  '/cart',
  '/checkout',
  '/account/orders',
  '/static/app.css',
  '/static/app.js',
];

function nginxJson({ at, random, fault }: Exchange): string {
  const product = random() < 0.35;
  const path = product ? `/products/${1000 + Math.floor(random() * 400)}` : pick(random, SHOP_PATHS);
  const method = /^\/(cart|checkout)$/.test(path) && random() < 0.6 ? 'POST' : 'GET';
  const upstream = pick(random, SHOP_INSTANCES);
  const took = timeTaken(random, 40);
  const line = (
    status: number,
    up: { addr: string; status: string; connect: string; header: string; response: string },
    limit = 'PASSED',
  ) =>
    JSON.stringify({
      time_iso8601: new Date(at).toISOString(),
      remote_addr: client(random),
      host: 'shop.demo.example',
      request_method: method,
      request_uri: path,
      status,
      body_bytes_sent: status >= 500 ? 157 : 500 + Math.floor(random() * 30_000),
      request_time: up.response === '-' ? '0.000' : up.response,
      upstream_addr: up.addr,
      upstream_status: up.status,
      upstream_connect_time: up.connect,
      upstream_header_time: up.header,
      upstream_response_time: up.response,
      limit_req_status: limit,
    });
  if (fault?.kind === 'limited' && random() < 0.45)
    return line(503, { addr: '-', status: '-', connect: '-', header: '-', response: '-' }, 'REJECTED');
  if (fault?.kind === 'refused' && upstream === SHOP_INSTANCES[1])
    return line(502, { addr: upstream, status: '502', connect: '-', header: '-', response: '0.001' });
  const status =
    random() < 0.0008
      ? 500
      : random() < 0.02
        ? 404
        : random() < 0.04
          ? 304
          : path === '/checkout' && method === 'POST'
            ? 303
            : 200;
  return line(status, {
    addr: upstream,
    status: String(status),
    connect: '0.001',
    header: seconds(took - 1),
    response: seconds(took),
  });
}

// ---- demo-api: HAProxy, HTTP log with timers and termination state ----

const API_ROUTES = ['/v1/items', '/v1/items/7', '/v1/users/42', '/v1/orders', '/v1/reports/daily', '/v1/health'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');
const clfDate = (d: Date): string =>
  `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;

function haproxy({ at, random, fault }: Exchange): string {
  const path = pick(random, API_ROUTES);
  const method = path === '/v1/orders' && random() < 0.5 ? 'POST' : 'GET';
  const server = `app${1 + Math.floor(random() * 2)}`;
  const accepted = new Date(at);
  const line = (status: number, wait: string, state: string) =>
    `${client(random)}:${20_000 + Math.floor(random() * 40_000)} [${clfDate(accepted)}.${String(accepted.getUTCMilliseconds()).padStart(3, '0')}] ` +
    `public api/${server} ${wait} ${status} ${status >= 500 ? 194 : 300 + Math.floor(random() * 9000)} - - ${state} 12/12/3/1/0 0/0 "${method} ${path} HTTP/1.1"`;
  // A slow database: the reports time out first, then more and more of the rest.
  if (
    fault?.kind === 'slow' &&
    random() < (path === '/v1/reports/daily' ? 0.3 + 0.7 * fault.progress : 0.35 * fault.progress)
  )
    return line(504, '0/0/1/-1/30001', 'sH--');
  const took = timeTaken(random, fault?.kind === 'slow' ? 40 + 900 * fault.progress : 25);
  const timers = `0/0/1/${took}/${took + 1}`;
  if (fault?.kind === 'broken' && path === '/v1/orders' && random() < 0.8) return line(500, timers, '----');
  const status =
    random() < 0.0008 ? 500 : random() < 0.015 ? 404 : random() < 0.01 ? 401 : method === 'POST' ? 201 : 200;
  return line(status, timers, '----');
}

// ---- demo-blog: Apache combined, which holds no evidence ----

const BLOG_PATHS = ['/', '/2026/01/hello-world', '/2026/03/on-lamps', '/feed.xml', '/favicon.ico', '/wp-login.php'];

function combined({ at, random }: Exchange): string {
  const path = pick(random, BLOG_PATHS);
  const status = path === '/wp-login.php' ? 404 : random() < 0.1 ? 304 : 200;
  return `${client(random)} - - [${clfDate(new Date(at))} +0000] "GET ${path} HTTP/1.1" ${status} ${Math.floor(random() * 20_000)} "-" "Mozilla/5.0 (demo)"`;
}
