// The steps that an operator is sent to: for each cause, and each program whose log can show it, the words and the places of that program.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Failures } from '#shared/causes/cause.ts';
import { causes } from '#shared/causes/index.ts';
import { PROXIES, type Evidence } from '#shared/exchange.ts';
import { checksOf, guideOf, guides } from '#shared/proxies/index.ts';
import { diagnose } from '../../server/core/diagnose/evidence.ts';
import { causeOfExchange } from '../../server/core/cause.ts';
import { nginxLike } from '#shared/causes/exchange-facts.ts';
import { exchanges } from './exchanges.ts';

const all: readonly Evidence[] = [...causes.flatMap((c) => [...c.examples]), ...exchanges.map((e) => e.exchange)];
const failures = (x: Evidence): Failures => ({
  proxy: nginxLike(x) ? 'nginx' : x.proxy,
  code: x.code,
  hits: 30,
  total: 30,
  sample: x,
  upstream: x.upstream ?? undefined,
  durationsMs: [],
  limitMs: undefined,
  answering: undefined,
});

/** What belongs to one program, and may not be said of the log of another. */
const OWN: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\/var\/log\/nginx|nginx -T|nginx -t\b|nginx's error log/, ['nginx']],
  [/haproxy\.cfg|admin\.sock|haproxy\.log/, ['haproxy']],
  [/localhost:9901|istioctl/, ['envoy']],
  [/docker logs traefik|serversTransport/, ['traefik']],
  [/journalctl -u caddy/, ['caddy']],
  [/AH0\d{4}|apachectl/, ['apache', 'unknown']],
  [/\baws (elbv2|cloudfront|apigateway|logs)\b/, ['alb', 'elb', 'cloudfront', 'apigateway']],
  [/HTTPERR/, ['iis']],
];

test('every program that writes access logs has a guide', () => {
  for (const proxy of PROXIES) assert.equal(guideOf(proxy).proxy, proxy);
});

test('a guide names causes that exist', () => {
  const ids = new Set<string>(causes.map((c) => c.id));
  for (const guide of guides)
    for (const cause of Object.keys(guide.steps)) assert.ok(ids.has(cause), `${guide.name}: ${cause}`);
});

test('the steps for a failure are of the program that logged it, and of no other', () => {
  for (const x of all) {
    const cause = causeOfExchange(x);
    if (cause === undefined) continue;
    const f = failures(x);
    const checks = checksOf(cause, f);
    assert.ok(checks.length > 0, `${cause.id} of ${x.proxy} has no step`);
    for (const { say, run = '' } of checks)
      for (const [own, proxies] of OWN)
        if (own.test(`${say} ${run}`))
          assert.ok(
            proxies.includes(f.proxy),
            `${cause.id} of ${f.proxy} is sent to another program's place: ${say} ${run}`,
          );
  }
});

test('a fault of the proxy or on the way to the upstream leads to what that proxy has to say of it', () => {
  for (const x of all) {
    const cause = causeOfExchange(x);
    if (cause === undefined || cause.culprit === 'app' || cause.culprit === 'client') continue;
    const f = failures(x);
    const guide = guideOf(f.proxy);
    const own = [...(guide.steps[cause.id] ?? []), guide.log].map(({ say }) => say);
    assert.ok(
      checksOf(cause, f).some(({ say }) => own.includes(say)),
      `${cause.id} of ${f.proxy}`,
    );
  }
});

test('ingress-nginx is asked in Kubernetes, not in files of the host', () => {
  for (const cause of causes) {
    const x: Evidence = { proxy: 'nginx', code: 502 };
    for (const { run = '' } of checksOf(cause, failures(x), true))
      assert.doesNotMatch(run, /\/var\/log\/nginx|nginx -T/, `${cause.id}: ${run}`);
  }
});

test('no command quotes a value a second time, and each placeholder is one that is filled in', () => {
  const placeholder = /^(upstream|backend|host|route|path|client|source|code|from|to)$/;
  for (const guide of guides)
    for (const check of [guide.log, ...Object.values(guide.steps).flatMap((s) => s ?? [])]) {
      const { run = '' } = check;
      for (const [quoted] of run.matchAll(/"[^"]*"|'[^']*'/g))
        assert.doesNotMatch(quoted, /(?<![%${])\{(upstream|backend|host|route|path|client|from|to)\}/, run);
      for (const [, name] of run.replace(/"[^"]*"|'[^']*'/g, '').matchAll(/(?<![%${])\{([a-z]+)\}/g))
        assert.match(name, placeholder, run);
    }
});

test('what nginx writes to its error log is found by the patterns', () => {
  const lines: readonly (readonly [string, string])[] = [
    [
      'upstream_connection_refused',
      'connect() failed (111: Connection refused) while connecting to upstream, client: 1.1.1.1',
    ],
    [
      'upstream_connection_refused',
      'connect() to unix:/run/php.sock failed (11: Resource temporarily unavailable) while connecting to upstream',
    ],
    [
      'upstream_connection_refused',
      'connect() to 10.0.0.1:80 failed (99: Cannot assign requested address) while connecting to upstream',
    ],
    [
      'upstream_connection_refused',
      'SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream',
    ],
    ['upstream_connect_timeout', 'upstream timed out (110: Connection timed out) while connecting to upstream'],
    ['upstream_connect_timeout', 'connect() failed (113: No route to host) while connecting to upstream'],
    [
      'upstream_closed_before_response',
      'upstream prematurely closed connection while reading response header from upstream',
    ],
    [
      'upstream_closed_before_response',
      'recv() failed (104: Connection reset by peer) while reading response header from upstream',
    ],
    ['upstream_header_too_big', 'upstream sent too big header while reading response header from upstream'],
    [
      'upstream_response_timeout',
      'upstream timed out (110: Connection timed out) while reading response header from upstream',
    ],
    ['proxy_rate_limited', 'limiting requests, excess: 5.1 by zone "one", client: 1.1.1.1'],
    ['proxy_denied', 'ModSecurity: Access denied with code 403 (phase 2). Matched'],
    ['proxy_internal_error', 'socket() failed (24: Too many open files) while connecting to upstream'],
    ['proxy_internal_error', 'auth request unexpected status: 502 while sending to client'],
    ['upstream_name_unresolved', 'app.internal could not be resolved (3: Host not found)'],
  ];
  for (const [id, line] of lines) {
    const run = guideOf('nginx')
      .steps[id]?.map((check) => check.run ?? '')
      .find((r) => r.startsWith('grep'));
    const pattern = /^grep -E '(.*)' \/var/.exec(run ?? '')?.[1];
    assert.ok(pattern !== undefined, id);
    assert.match(line, new RegExp(pattern), id);
  }
});

/** Sentences that claim more than that a request failed, and what has to be in the log line for them. */
const CLAIMS: readonly (readonly [RegExp, (x: Evidence) => boolean])[] = [
  [/never accepted|no process listens on that port/, () => false],
  [
    /reached \S+ and got no first byte|: the connection was established/,
    (x) => typeof x.connectMs === 'number' || typeof x.headerMs === 'number' || /^[sS]H/.test(x.termination ?? ''),
  ],
  [/Not slow:/, (x) => (x.responseMs ?? x.durationMs ?? Infinity) < 1000],
  [
    /no upstream was contacted/,
    (x) => x.upstream === null || x.upstream === undefined || x.upstream.endsWith('<NOSRV>') || x.proxy !== 'haproxy',
  ],
  [/itself sent/, (x) => x.code >= 400],
  [/rejected at once|fail at once/, (x) => (x.responseMs ?? 0) < 1000],
];

test('a claim is made only where the fields of the exchange prove it', () => {
  for (const base of all)
    for (const x of variants(base)) {
      const cause = causeOfExchange(x);
      if (cause === undefined) continue;
      const d = diagnose({
        source: null,
        proxy: x.proxy,
        code: x.code,
        total: 100,
        hits: 30,
        from: 0,
        to: 60_000,
        causes: [
          {
            cause: cause.id,
            hits: 30,
            sample: x,
            durationsMs: Array.from({ length: took(x) === undefined ? 0 : 30 }, (_, i) => took(x)! + i / 100),
          },
        ],
        dimensions: {},
        series: [],
        deploys: [],
      });
      const [top] = d.causes;
      const text = [d.headline, ...top.evidence, top.meaning, ...top.notToConfuse, d.localCheck ?? ''].join('\n');
      for (const [claim, proven] of CLAIMS)
        if (claim.test(text)) assert.ok(proven(x), `${JSON.stringify(x)}\nclaims ${claim}:\n${text}`);
    }
});

const took = (x: Evidence): number | undefined => x.responseMs ?? x.durationMs;

/** The same exchange, quick and slow, with and without what a shorter log format leaves out. */
function* variants(x: Evidence): Generator<Evidence> {
  yield x;
  for (const ms of [0, 5, 900, 1100, 3050, 5000, 10_000, 30_000, 60_000])
    yield { ...x, durationMs: ms, ...(typeof x.responseMs === 'number' ? { responseMs: ms } : {}) };
  for (const field of [
    'connectMs',
    'headerMs',
    'responseMs',
    'upstream',
    'upstreamStatus',
    'upstreamBytes',
    'details',
    'flags',
  ] as const) {
    const { [field]: _, ...rest } = x;
    yield rest;
  }
  for (const status of [[], [x.code], [502, x.code]]) yield { ...x, upstreamStatus: status };
  for (const termination of x.termination === undefined ? [] : ['LH--', 'PH--', 'DH--', 'SC--', 'sC--', 'cD--', 'CD--'])
    yield { ...x, termination };
}
