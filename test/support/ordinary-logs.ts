// Lines that programs log on their own account, filled in at random from templates of real ones: of clients, databases, test runners, mail
// and what else speaks of methods, paths and status codes. None is an access record.
import { readFileSync } from 'node:fs';

const TEMPLATES = readFileSync(new URL('../fixtures/formats/ordinary-logs.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

/** mulberry32: the same lines for the same seed. */
function chance(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), seed | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What stands in the templates between braces. */
function fillings(seed: number): Readonly<Record<string, () => string>> {
  const random = chance(seed);
  const int = (from: number, to: number): string => String(from + Math.floor(random() * (to - from + 1)));
  const one = (words: string): string => words.split('|')[Math.floor(random() * words.split('|').length)];
  const two = (from: number, to: number): string => int(from, to).padStart(2, '0');
  const clock = (): string => `${two(0, 23)}:${two(0, 59)}:${two(0, 59)}`;
  const day = (): string => `2026-0${int(1, 9)}-${two(1, 28)}`;
  const path = (): string => one('/api/users|/v1/orders/42|/|/health|/api/v2/items?limit=200|/login|/a/500/b|/graphql');
  const code = (): string => one('200|201|204|301|302|304|400|401|403|404|409|422|429|500|502|503|504');
  return {
    iso: () => `${day()}T${clock()}.${int(100, 999)}Z`,
    ts: () => `${day()} ${clock()},${int(100, 999)}`,
    day: () => `${day()} ${clock()}`,
    sys: () => `${one('Jan|Oct|Nov')} ${two(1, 28)} ${clock()}`,
    clf: () => `${two(1, 28)}/Oct/2026:${clock()} +0000`,
    clock,
    ep: () => int(1_780_000_000, 1_789_999_999),
    epms: () => int(1_780_000_000_000, 1_789_999_999_999),
    m: () => one('GET|POST|PUT|DELETE|PATCH|HEAD'),
    me: () => one('get|post|put|delete'),
    path,
    url: () =>
      one('https://api.example.com|http://10.0.0.5:8080|http://localhost:3000|https://registry.example.org') + path(),
    host: () => one('api.example.com|auth.internal|db-01|redis.cache.svc.cluster.local'),
    ip: () => `${int(1, 223)}.${int(0, 255)}.${int(0, 255)}.${int(1, 254)}`,
    port: () => int(1024, 65000),
    code,
    n: () => int(0, 5000),
    n3: () => int(100, 599),
    ms: () => int(1, 3000),
    f: () => (random() * 10).toFixed(3),
    id: () =>
      Math.floor(random() * 1e9)
        .toString(16)
        .padStart(8, '0'),
    word: () => one('cache|queue|worker|index|session|bucket|tenant'),
    phrase: () =>
      one('OK|Not Found|Bad Gateway|Internal Server Error|Service Unavailable|Unauthorized|Too Many Requests'),
    lvl: () => one('INFO|WARN|ERROR|DEBUG'),
    lv: () => one('info|warn|error|debug'),
    cls: () => one('com.acme.shop.OrderService|o.s.web.client.RestTemplate|c.a.p.PaymentGateway|org.apache.http.wire'),
    thr: () => one('main|http-nio-8080-exec-3|pool-2-thread-7|worker-4|scheduling-1'),
  };
}

/** So many lines, each template in turn. */
export function ordinaryLines(count: number, seed = 1): string[] {
  const fill = fillings(seed);
  return Array.from({ length: count }, (_, i) =>
    TEMPLATES[i % TEMPLATES.length].replace(/\{(\w+)\}/g, (all, name: string) => fill[name]?.() ?? all),
  );
}
