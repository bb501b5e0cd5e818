// What every cause promises, walked over shared/causes/index.ts. A new cause is tested by its own examples; each failure here says what
// to change in its file.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TRAITS, type Cause, type Failures } from '#shared/causes/cause.ts';
import { SIZES_COMPARED_OF } from '#shared/causes/exchange-facts.ts';
import { causeById, causes } from '#shared/causes/index.ts';
import { CULPRITS, PROXIES, type Evidence, type Proxy } from '#shared/exchange.ts';
import { causeOf, causeOfExchange } from '../../server/core/cause.ts';
import { evidenceOf } from '../../server/core/exchange.ts';
import { exchanges } from './exchanges.ts';
import { hitOf } from './hit-of.ts';

const all: readonly Evidence[] = [
  ...causes.flatMap((cause) => [...cause.examples]),
  ...exchanges.map(({ exchange }) => exchange),
];
const told = (x: Evidence): string => JSON.stringify(x);
const idOf = (index: number): string => causes[index - 1]?.id ?? 'nothing wrong';
const isSuccess = ({ code }: Evidence): boolean => code >= 100 && code < 400;

const TIMES = ['connectMs', 'headerMs', 'responseMs', 'queueMs'] as const;
const SIZES = ['durationMs', 'bytes'] as const;
const ALWAYS_READABLE: ReadonlySet<string | symbol> = new Set<keyof Evidence>([
  'proxy',
  'code',
  'method',
  'upstream',
  'upstreamStatus',
  'upstreamAttempts',
  'upstreamBytes',
  'upstreamLength',
  'termination',
  'flags',
  'details',
  'result',
  'retries',
  'limit',
  ...TIMES,
  'durationMs',
  'bytes',
]);
/** Small and large, around the limits that proxies have by default. */
const NUMBERS = [0, 1, 11, 49, 51, 900, 1_100, 4_900, 5_100, 9_990, 10_001, 30_001, 60_001, 3_600_000];

const comparesNumbers = (cause: Cause, proxy: Proxy): boolean =>
  (cause.comparesNumbersOf ?? []).includes(proxy) || (SIZES_COMPARED_OF as readonly Proxy[]).includes(proxy);

/** Of numbers a cause may always ask this much (server/core/cause-key.ts). */
const sameClass = (field: string, a: number, b: number): boolean =>
  field === 'bytes' ? (a === 0) === (b === 0) : !TOOK_LONG.has(field) || a >= 1000 === b >= 1000;
const TOOK_LONG: ReadonlySet<string> = new Set(['durationMs', 'responseMs']);

const failuresOf = (sample: Evidence | undefined): Failures => ({
  proxy: sample?.proxy ?? 'unknown',
  code: sample?.code ?? 502,
  hits: 3,
  total: 4,
  sample,
  upstream: sample?.upstream ?? undefined,
  durationsMs: [],
  limitMs: undefined,
  answering: undefined,
});

/** The exchange, and the names of what is read of it. */
function recorded(x: Evidence): { x: Evidence; read: Set<string | symbol> } {
  const read = new Set<string | symbol>();
  const proxied = new Proxy(x, {
    get(target, name) {
      read.add(name);
      return Reflect.get(target, name);
    },
    has(target, name) {
      read.add(name);
      return Reflect.has(target, name);
    },
  });
  return { x: proxied, read };
}

/** The exchange with one field changed, each in turn. */
function* mutants(x: Evidence): Generator<Evidence> {
  for (const field of Object.keys(x))
    if (field !== 'proxy' && field !== 'code') {
      const { [field as keyof Evidence]: _, ...rest } = x;
      yield rest as Evidence;
    }
  for (const field of [...TIMES, ...SIZES, 'upstreamBytes', 'upstreamLength', 'retries'] as const)
    for (const value of NUMBERS) yield { ...x, [field]: value };
  for (const field of [...TIMES, 'upstream', 'upstreamBytes'] as const) yield { ...x, [field]: null };
  for (const code of isSuccess(x) ? [200, 206, 301, 302, 304] : [0, 404, 429, 499, 500, 502, 503, 504])
    yield { ...x, code };
  for (const method of ['GET', 'POST']) yield { ...x, method };
  for (const status of [[], [0], [200], [503], [502, 200]]) yield { ...x, upstreamStatus: status };
  for (const text of ['-', 'Z'])
    for (const field of ['termination', 'flags', 'details', 'result', 'limit'] as const) yield { ...x, [field]: text };
}

for (const cause of causes as readonly Cause[]) {
  const { id } = cause;

  test(`${id} is what its examples show, as exchanges and as log lines`, () => {
    for (const x of cause.examples) {
      const found = causeOfExchange(x);
      assert.ok(cause.matches(x), `${told(x)} is an example of ${id}, but its \`matches\` is false.`);
      assert.equal(
        found?.id,
        id,
        `${told(x)} also matches ${found?.id}, which comes before ${id} in index.ts. Move one of them, or let one match less.`,
      );
      const hit = hitOf(x);
      assert.deepEqual(evidenceOf(hit), x, `A log line cannot give ${told(x)}: a cause is judged on Evidence only.`);
      assert.equal(
        idOf(causeOf(hit)),
        id,
        isSuccess(x)
          ? `As a log line ${told(x)} is not matched against ${id}. Name in its \`onSuccess\` what of a success can show it.`
          : `As a log line ${told(x)} is judged by what is remembered of another: server/core/cause-key.ts lacks a field.`,
      );
    }
  });

  test(`${id} is judged only on what is always there to be judged`, () => {
    for (const example of all) {
      const { x, read } = recorded(example);
      cause.matches(x);
      cause.alternative?.(x, failuresOf(x));
      for (const name of read)
        assert.ok(ALWAYS_READABLE.has(name), `${id} reads ${String(name)}, which is not part of Evidence.`);
      if (comparesNumbers(cause, example.proxy)) continue;
      for (const field of [...TIMES, ...SIZES]) {
        const { [field]: value } = example;
        if (typeof value !== 'number') continue;
        for (const number of NUMBERS)
          if (sameClass(field, number, value))
            assert.equal(
              cause.matches({ ...example, [field]: number }),
              cause.matches(example),
              `${id} depends on the number ${field} of ${told(example)}. Name ${example.proxy} in its \`comparesNumbersOf\`.`,
            );
      }
    }
  });

  test(`${id} proves nothing from fields that are absent, and changes nothing`, () => {
    for (const code of [500, 502, 503, 504])
      assert.equal(cause.matches({ proxy: 'unknown', code }), cause === causes.at(-1), `${id} on a bare ${code}`);
    for (const x of all) {
      const before = told(x);
      assert.equal(cause.matches(x), cause.matches(structuredClone(x)), `${id} on ${before}`);
      assert.equal(told(x), before, `${id} changes the exchange it is asked about.`);
    }
  });

  test(`${id} declares nothing that no example needs`, () => {
    const { onSuccess, comparesNumbersOf = [], traits = [] } = cause;
    for (const [proxy, fields] of Object.entries(onSuccess?.fields ?? {}))
      for (const field of fields)
        assert.ok(
          cause.examples.some((x) => x.proxy === proxy && isSuccess(x) && x[field] !== undefined),
          `${id} needs an example of a success with ${field} of ${proxy}, as its \`onSuccess\` says.`,
        );
    for (const code of onSuccess?.codes ?? [])
      assert.ok(
        cause.examples.some((x) => x.code === code),
        `${id} needs an example with ${code}, as its \`onSuccess\` says.`,
      );
    for (const proxy of comparesNumbersOf)
      assert.ok(
        cause.examples.some((x) => x.proxy === proxy),
        `${id} needs an example of ${proxy}, as its \`comparesNumbersOf\` says.`,
      );
    for (const trait of traits) assert.ok(TRAITS.includes(trait), `${id}: there is no trait ${trait}.`);
  });

  test(`${id} says everything that the runbook needs`, () => {
    assert.match(id, /^[a-z]+(_[a-z]+)*$/);
    assert.equal(causeById(id), cause, `${id} is the id of two causes.`);
    assert.ok(CULPRITS.includes(cause.culprit), `${cause.culprit} is not a culprit.`);
    for (const x of cause.examples) assert.ok(PROXIES.includes(x.proxy), `${x.proxy} is not a program of PROXIES.`);
    for (const text of [cause.title, cause.meaning, cause.owner]) assert.ok(text.length > 3, id);
    assert.match(cause.headline, /^(\{app\} )?(\{upstream\}|[^{}])+(?<!\.)$/, id);
    assert.ok(cause.checks.length > 0 && cause.fixes.length > 0 && cause.references.length > 0, id);
    for (const { run = '' } of cause.checks) {
      // A value inside quotes would not be quoted again: it must stand outside of them.
      for (const [quoted] of run.matchAll(/"[^"]*"|'[^']*'/g))
        assert.doesNotMatch(quoted, PLACEHOLDER, `${id}: ${run}`);
      for (const [, name] of run.matchAll(/(?<![%$])\{([a-z]+)\}/g))
        assert.match(`{${name}}`, PLACEHOLDER, `${id}: nothing is filled in for {${name}}.`);
    }
    for (const sample of [undefined, ...cause.examples]) {
      const evidence = cause.evidence(failuresOf(sample));
      assert.match(
        evidence,
        /^3 of 4 \(75%\).*\.$/s,
        `The evidence of ${id} begins with of(hits, total), and is a sentence.`,
      );
      assert.doesNotMatch(evidence, /undefined|null|NaN|\[object/, id);
    }
  });
}

const PLACEHOLDER = /\{(upstream|backend|host|route|path|client|source|code|from|to)\}/;

test('no exchange is passed over, and none gets the verdict that is remembered of another', () => {
  for (const example of all) {
    causeOf(hitOf(example));
    for (const x of mutants(example)) {
      const hit = hitOf(x);
      const found = idOf(causeOf(hit)),
        id = causeOfExchange(evidenceOf(hit))?.id ?? 'nothing wrong';
      assert.equal(
        found,
        id,
        isSuccess(x) && found === 'nothing wrong'
          ? `${told(x)} matches ${id}, but has nothing that its \`onSuccess\` names: name more, or let it match less.`
          : `${told(x)} is ${id}, but was judged as ${told(example)} before it.`,
      );
    }
  }
});

test('unknown is asked last, and takes every failure', () => {
  assert.equal(causes.at(-1)!.culprit, 'unknown');
  assert.ok(causes.length < 255, 'a verdict is remembered in a byte');
  for (let code = 0; code < 1000; code++)
    assert.equal(causes.at(-1)!.matches({ proxy: 'unknown', code }), code < 100 || code >= 400);
});
