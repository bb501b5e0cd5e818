// Laws that hold for every format and every line: nothing throws, the work is linear, and what is printed is read back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Hit } from '../../server/core/hit.ts';
import type { Chunk, Sample } from '../../server/formats/format.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { parsed } from './parsed.ts';

const allSamples = formats.flatMap((format) =>
  (format.samples as readonly Sample[]).map((sample) => ({ format: format.name, sample })),
);
const NAUGHTY = [
  '',
  '\\',
  '"',
  '\\"',
  '\u0000',
  '\ufeff',
  '﷽',
  '𝕳',
  '%s%n',
  '{',
  '[',
  '${jndi:ldap://x}',
  '"""""""""',
  '[[[[[[[[[',
  '\\\\\\\\\\"',
  '- - - - -',
  '\t\t\t',
  ' '.repeat(99),
  '999',
  '-1',
  'HTTP/',
  ' HTTP/1.1',
];

test('mutated samples never throw, declared or detected, and a code is 0 to 999', () => {
  const mutation = fc.record({
    at: fc.nat(),
    cut: fc.nat(12),
    put: fc.oneof(fc.constantFrom(...NAUGHTY), fc.string({ unit: 'binary', maxLength: 9 })),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...allSamples),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      ({ format, sample }, mutations, declared) => {
        let { line } = sample;
        for (const { at, cut, put } of mutations) {
          const from = at % (line.length + 1);
          line = line.slice(0, from) + put + line.slice(from + cut);
        }
        for (const row of parsed([...(sample.before ?? []), line].join('\n'), declared ? format : 'auto')) {
          if (row.code !== undefined)
            assert.ok(Number.isInteger(row.code) && (row.code as number) >= 0 && (row.code as number) <= 999);
          else assert.ok(row.skipped !== undefined || row.rejected !== undefined);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test('each sample means the same alone and after each other', () => {
  const streamOf = ({ before, line }: Sample): string => [...(before ?? []), line].join('\n');
  for (const { sample, format } of allSamples) {
    const alone = parsed(streamOf(sample)).at(-1);
    for (const other of allSamples) {
      // a header holds for all lines of its format that follow
      if (other.format === format && other.sample.before !== undefined) continue;
      const row = parsed(`${streamOf(other.sample)}\n${streamOf(sample)}`).at(-1);
      assert.deepEqual(
        row,
        alone,
        `${format} after ${other.format}: ${sample.line}\nIf both read it and ${format} knows more of it, ${format} narrows ${other.format}.`,
      );
    }
  }
});

/** A text that counts how far searches scan. */
class CountingText extends String {
  scanned = 0;
  override indexOf(needle: string, from = 0): number {
    const found = super.indexOf(needle, from);
    this.scanned += (found === -1 ? this.length : found) - from + 1;
    return found;
  }
}

function scannedBy(lines: string): number {
  const bytes = Buffer.from(lines);
  const text = new CountingText(bytes.toString('latin1'));
  const chunk = { bytes, text } as unknown as Chunk;
  const reader = openLineReader();
  const hit = new Hit();
  for (let at = 0; at < bytes.length;) {
    const newline = String.prototype.indexOf.call(text, '\n', at);
    const end = newline === -1 ? bytes.length : newline;
    reader.read(chunk, at, end, hit);
    at = end + 1;
  }
  return text.scanned;
}

test('searches stay linear over chunks of lines that lack what is searched for', () => {
  const lines = [
    'plain words and nothing else',
    '192.0.2.1 - - [02/Jan/2026:15:04:05 +0000] "GET /',
    '"'.repeat(60),
    '['.repeat(60),
    '[a "b '.repeat(10),
    'x HTTP/1.1 '.repeat(6),
    ...allSamples.map(({ sample }) => sample.line.slice(0, -7).replaceAll('"', "'")),
    ...allSamples.map(({ sample }) => sample.line.slice(0, sample.line.length / 2)),
  ];
  for (const line of lines) {
    const short = scannedBy(`${line}\n`.repeat(200)),
      long = scannedBy(`${line}\n`.repeat(800));
    assert.ok(long <= 4.5 * short + 1000, `${line}: ${short} bytes scanned for 200 lines, ${long} for 800`);
  }
});

const token = fc.stringMatching(/^[a-z0-9/_.-]{1,20}$/);
const exchange = fc.record({
  client: fc.ipV4(),
  ts: fc.integer({ min: 1e9, max: 4e9 }),
  method: fc.constantFrom('GET', 'POST', 'PROPFIND', 'M-SEARCH'),
  path: token.map((text) => `/${text}`),
  code: fc.integer({ min: 100, max: 999 }),
  bytes: fc.nat(),
  upstreams: fc.array(
    fc.record({ addr: fc.ipV4().map((ip) => `${ip}:80`), code: fc.integer({ min: 100, max: 599 }) }),
    { minLength: 1, maxLength: 4 },
  ),
  ms: fc.integer({ min: 0, max: 99999 }),
  agent: fc.string({ maxLength: 30 }).map((text) => text.replace(/["\\\n\r]/g, '')),
});
type Exchange = typeof exchange extends fc.Arbitrary<infer T> ? T : never;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const clf = (ts: number): string => {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T(.{8})/.exec(new Date(ts * 1000).toISOString())!;
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
};

test('combined: what is printed is read back', () => {
  fc.assert(
    fc.property(exchange, (x) => {
      const line = `${x.client} - - [${clf(x.ts)}] "${x.method} ${x.path} HTTP/1.1" ${x.code} ${x.bytes} "-" "${x.agent}"`;
      assert.deepEqual(parsed(line), [
        { ts: x.ts * 1000, code: x.code, method: x.method, path: x.path, bytes: x.bytes, client: x.client },
      ]);
    }),
  );
});

const VALUES: Record<string, (x: Exchange) => string> = {
  remote_addr: (x) => x.client,
  time_local: (x) => clf(x.ts),
  time_iso8601: (x) => new Date(x.ts * 1000).toISOString().replace('.000Z', '+00:00'),
  msec: (x) => `${x.ts}.000`,
  request: (x) => `${x.method} ${x.path} HTTP/1.1`,
  status: (x) => String(x.code),
  body_bytes_sent: (x) => String(x.bytes),
  http_user_agent: (x) => x.agent,
  request_time: (x) => (x.ms / 1000).toFixed(3),
  upstream_addr: (x) => x.upstreams.map(({ addr }) => addr).join(', '),
  upstream_status: (x) => x.upstreams.map(({ code }) => code).join(', '),
  request_id: () => '752178adb17130b291aefd8c386279e7',
  server_port: () => '443',
};

test('any log_format with quotes or brackets round texts: what nginx prints is read back', () => {
  const names = fc
    .shuffledSubarray(Object.keys(VALUES).filter((name) => name !== 'status'))
    .chain((some) => fc.shuffledSubarray([...some, 'status'], { minLength: some.length + 1 }));
  fc.assert(
    fc.property(names, exchange, fc.constantFrom(' ', '|', '\t', ' - '), (chosen, x, gap) => {
      // nginx writes lists with ", " and its texts with blanks: quoted, as people do
      const quoted = (name: string): boolean =>
        name === 'request' || name === 'http_user_agent' || name === 'time_local';
      const part = (name: string, value: string): string =>
        name === 'time_local' ? `[${value}]` : quoted(name) ? `"${value}"` : value;
      const format = chosen.map((name) => part(name, `$${name}`)).join(gap);
      const [row] = parsed(chosen.map((name) => part(name, VALUES[name](x))).join(gap), format);
      assert.equal(row.code, x.code, `${format}: ${JSON.stringify(row)}`);
      if (chosen.includes('request')) assert.deepEqual([row.method, row.path], [x.method, x.path]);
      if (chosen.includes('upstream_status'))
        assert.deepEqual(
          row.upstreamStatus,
          x.upstreams.map(({ code }) => code),
        );
      if (chosen.includes('upstream_addr')) assert.equal(row.upstream, x.upstreams.at(-1)!.addr);
      if (chosen.some((name) => name === 'time_local' || name === 'time_iso8601' || name === 'msec'))
        assert.equal(row.ts, x.ts * 1000);
    }),
  );
});

test('of a line with more keys than any record has the first count, and it is said', () => {
  const pairs = Array.from({ length: 2000 }, (_, i) => [`made-up-${i}`, i] as const);
  const record = { time: '2026-01-02T15:04:05Z', method: 'GET', path: '/x', status: 502, client_ip: '192.0.2.7' };
  const logfmt = (entries: (readonly [string, unknown])[]): string =>
    entries.map(([key, value]) => `${key}=${String(value)}`).join(' ');
  const last = [...pairs, ...Object.entries(record)],
    first = [...Object.entries(record), ...pairs];
  for (const write of [
    (entries: typeof last) => JSON.stringify(Object.fromEntries(entries)),
    logfmt,
    (entries: typeof last) => entries.map(([key, value]) => `${key}:${String(value)}`).join('\t'),
  ]) {
    assert.equal(parsed(write(first))[0].code, 502);
    assert.match(String(parsed(write(last))[0].rejected), /more keys than a record has/);
  }
});
