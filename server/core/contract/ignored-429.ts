// 429 ignored: clients that are told to slow down and come back at once, or all together.
import { count, percent, plural } from '#shared/numbers.ts';
import { seconds } from '../words.ts';
import { Bounded, largest } from './bounded.ts';
import { extend, include, span, type ContractCheck, type Span } from './check.ts';

const CLIENTS_MAX = 5000;
/** Retry-After counts in whole seconds: who is back sooner cannot have honoured one. */
const SOON_MS = 1000;
const REFUSED_MIN = 20;
/** Seconds of which the refusals are remembered, to see waves. */
const WAVE_SECONDS = 900;
const WAVE_CLIENTS_MIN = 10;

interface Client {
  refused: Span;
  soon: number;
  lastRefusedAt: number;
}

export const ignored429: ContractCheck = {
  id: 'ignored-429',
  title: '429 ignored',
  level: 'problem',
  rule: 'RFC 6585, 4 and RFC 9110, 10.2.3: 429 should say Retry-After, and a client should wait that long. Retries without backoff and jitter are load by themselves.',
  fix: 'Send Retry-After with the 429, spread over clients. In your own clients: exponential backoff with jitter. Block the worst at the proxy.',
  watch() {
    const clients = new Bounded<Client>(CLIENTS_MAX);
    const perSecond = new Map<number, Set<string>>();
    let all = 0,
      first = '',
      several = false;
    return {
      see(s) {
        all += s.weight;
        if (s.client === '') return;
        if (first === '') first = s.client;
        else if (s.client !== first) several = true;
        if (s.code !== 429) {
          const known = clients.get(s.client);
          if (known) back(known, s.at);
          return;
        }
        const c = clients.of(s.client, () => ({ refused: span(), soon: 0, lastRefusedAt: -Infinity }));
        back(c, s.at);
        extend(c.refused, s.at, s.weight);
        c.lastRefusedAt = s.at;
        const second = Math.floor(s.at / 1000);
        const seen = perSecond.get(second) ?? new Set<string>();
        if (seen.size < 1000) seen.add(s.client);
        perSecond.set(second, seen);
        if (perSecond.size > WAVE_SECONDS) perSecond.delete(perSecond.keys().next().value!);
      },
      // A single address behind everything is a load balancer, not a client.
      found: () => (several ? [...early(clients, all), ...waves(perSecond)] : []),
    };
  },
};

function back(c: Client, at: number): void {
  const after = at - c.lastRefusedAt;
  if (after >= 0 && after < SOON_MS) c.soon++;
  c.lastRefusedAt = -Infinity;
}

function early(clients: Bounded<Client>, all: number) {
  const deaf = [...clients].filter(([, c]) => c.refused.hits >= REFUSED_MIN && c.soon / c.refused.hits >= 0.5);
  if (deaf.length === 0) return [];
  const sum = span();
  let soon = 0;
  for (const [, c] of deaf) {
    include(sum, c.refused);
    soon += c.soon;
  }
  const worst = largest(deaf, 3, ([, c]) => c.refused.hits);
  return [
    {
      subject: 'early',
      codes: [429],
      ...sum,
      title: `${deaf.length === 1 ? `Client ${deaf[0][0]} does` : `${count(deaf.length)} clients do`} not slow down on 429`,
      evidence: [
        `After ${count(soon)} of ${count(sum.hits)} refusals the client was back within a second, sooner than any Retry-After of 1 s or more allows.`,
        `The worst: ${worst.map(([name, c]) => `${name} (${plural(c.refused.hits, 'refusal')}, back at once ${plural(c.soon, 'time')})`).join(', ')}.`,
        `What it costs: ${percent(Math.min(1, sum.hits / Math.max(all, 1)))} of all requests are these refusals.`,
      ],
    },
  ];
}

/** Seconds in which many clients at once are refused, at equal distances: they all wait the same time, without jitter. */
function waves(perSecond: ReadonlyMap<number, ReadonlySet<string>>) {
  const crests = [...perSecond]
    .filter(([, seen]) => seen.size >= WAVE_CLIENTS_MIN)
    .map(([second, seen]) => ({ second, clients: seen.size }))
    .sort((a, b) => a.second - b.second);
  const between = crests
    .slice(1)
    .map((c, i) => c.second - crests[i].second)
    .filter((gap) => gap > 1);
  if (between.length < 3) return [];
  const sorted = [...between].sort((a, b) => a - b);
  const usual = sorted[sorted.length >> 1];
  if (between.filter((gap) => Math.abs(gap - usual) <= 1).length / between.length < 0.7) return [];
  return [
    {
      subject: 'waves',
      codes: [429],
      hits: crests.reduce((n, c) => n + c.clients, 0),
      firstAt: crests[0].second * 1000,
      lastAt: crests[crests.length - 1].second * 1000,
      title: `Refused clients come back in waves, every ${seconds(usual * 1000)}`,
      evidence: [
        `${between.length + 1} waves of up to ${Math.max(...crests.map((c) => c.clients))} clients within the same second, about ${usual} s apart: they all wait equally long, and return together.`,
      ],
    },
  ];
}
