// A log like a busy site's, and its JSON twin: the same requests in nginx's combined format and as nginx JSON.
import { closeSync, openSync, writeSync } from 'node:fs';

/** Requests a second in the log: a million lines are some eight minutes. */
const PER_SECOND = 2000;
const START = Date.UTC(2024, 9, 3, 12, 0, 0);
const CODES = [
  [200, 900],
  [304, 40],
  [301, 15],
  [404, 25],
  [403, 5],
  [499, 3],
  [500, 4],
  [502, 5],
  [503, 2],
  [504, 1],
] as const;
const WORDS = [
  'api',
  'users',
  'orders',
  'items',
  'cart',
  'search',
  'login',
  'static',
  'images',
  'blog',
  'posts',
  'admin',
  'reports',
  'v1',
  'v2',
  'export',
];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36',
  'curl/8.5.0',
  'python-requests/2.32.3',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15',
  'kube-probe/1.30',
];

/** mulberry32: the same log every time. */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function writeLogs(combined: string, json: string, lines: number): void {
  const random = randomFrom(42);
  const int = (n: number): number => Math.floor(random() * n);
  const codes = CODES.flatMap(([code, weight]) => Array.from({ length: weight }, () => code));
  const routes = Array.from({ length: 250 }, () =>
    Array.from({ length: 1 + int(3) }, () => WORDS[int(WORDS.length)]).join('/'),
  );
  const [a, b] = [openSync(combined, 'w'), openSync(json, 'w')];
  let plain: string[] = [],
    objects: string[] = [];
  for (let i = 0; i < lines; i++) {
    const at = new Date(START + Math.floor(i / PER_SECOND) * 1000);
    const iso = at.toISOString();
    // Squared: a few routes and clients make most of the traffic.
    const route = routes[Math.floor(random() ** 2 * routes.length)];
    const path = `/${route}${i % 3 === 0 ? `/${int(100_000)}` : ''}${i % 7 === 0 ? `?page=${int(50)}` : ''}`;
    const client = Math.floor(random() ** 2 * 50_000);
    const ip = `10.${client >> 14}.${(client >> 7) & 127}.${client & 127}`;
    const code = codes[int(codes.length)],
      bytes = int(50_000),
      agent = AGENTS[int(AGENTS.length)];
    const method = i % 10 === 0 ? 'POST' : 'GET',
      seconds = (random() ** 4 * 2).toFixed(3);
    const time = `${iso.slice(8, 10)}/Oct/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
    plain.push(
      `${ip} - - [${time}] "${method} ${path} HTTP/1.1" ${code} ${bytes} "https://www.example.com/${route}" "${agent}"\n`,
    );
    objects.push(
      `{"time_iso8601":"${iso.slice(0, 19)}+00:00","remote_addr":"${ip}","request_method":"${method}","request_uri":"${path}","server_protocol":"HTTP/1.1",` +
        `"status":"${code}","body_bytes_sent":"${bytes}","request_time":"${seconds}","host":"www.example.com","upstream_addr":"10.1.0.${(i % 8) + 1}:8080",` +
        `"upstream_status":"${code}","upstream_response_time":"${seconds}","http_referer":"https://www.example.com/${route}","http_user_agent":"${agent}"}\n`,
    );
    if (plain.length === 20_000 || i === lines - 1) {
      writeSync(a, plain.join(''));
      writeSync(b, objects.join(''));
      plain = [];
      objects = [];
    }
  }
  closeSync(a);
  closeSync(b);
}
