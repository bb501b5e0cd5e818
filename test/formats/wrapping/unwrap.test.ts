// What shippers wrap round a line comes off again, whatever the line.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { Envelope } from '../../../server/formats/wrapping/envelope.ts';
import { formats } from '../../../server/formats/index.ts';
import { unwrapPrefix, unwrapRecord } from '../../../server/formats/wrapping/unwrap.ts';
import { chunkOf, parsed } from '../parsed.ts';
import { AT, WRAPS } from '../wraps.ts';

const json = JSON.stringify;

interface Inside {
  line: string;
  ts: number;
  host?: string;
  program?: string;
}

function unwrapped(text: string): Inside | undefined {
  const chunk = chunkOf(text);
  const envelope = new Envelope();
  const end = chunk.bytes.length;
  if (!unwrapPrefix(chunk, 0, end, envelope) && !unwrapRecord(chunk, 0, end, envelope)) return undefined;
  return {
    line: envelope.chunk.bytes.toString('utf8', envelope.start, envelope.end),
    ts: envelope.ts,
    host: envelope.host,
    program: envelope.program,
  };
}

const LINE = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /a?b=\\x22 HTTP/1.1" 502 157 "-" "curl/8.5.0"';

for (const [name, { wrap, ts, host, program }] of Object.entries(WRAPS)) {
  test(`${name}: the line, its time, host and program come out`, () => {
    let inside = unwrapped(wrap(LINE))!;
    if (inside.line.startsWith('{')) inside = { ...inside, line: unwrapped(inside.line)!.line };
    assert.equal(inside.line.trimEnd(), LINE);
    assert.equal(Number.isNaN(inside.ts) ? undefined : inside.ts, ts);
    if (host !== undefined) assert.equal(inside.host, host);
    if (program !== undefined) assert.equal(inside.program, program);
  });
  test(`${name}: what the line says is read, and its own time counts`, () => {
    const [hit] = parsed(wrap(LINE));
    assert.deepEqual(
      { code: hit.code, method: hit.method, ts: hit.ts, client: hit.client },
      { code: 502, method: 'GET', ts: AT, client: '192.0.2.7' },
    );
  });
}

const naughty = (
  JSON.parse(readFileSync(new URL('../../fixtures/formats/naughty-strings.json', import.meta.url), 'utf8')) as string[]
).filter((text) => text.length > 8 && text.length < 1000 && !/[\r\n]/.test(text));

test('any text comes out of any record as it went in (law)', () => {
  const records = Object.entries(WRAPS).filter(([, { wrap }]) => wrap('x').startsWith('{'));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ minLength: 8, unit: 'grapheme' }),
        fc.string({ minLength: 8, unit: 'binary' }),
        fc.constantFrom(...naughty),
      ),
      fc.constantFrom(...records),
      (text, [name, { wrap }]) => {
        const want = Buffer.from(text).toString();
        if (Buffer.byteLength(want) < 8) return;
        assert.equal(unwrapped(wrap(text))?.line.replace(name === "Docker's json-file" ? /\n$/ : /$^/, ''), want);
      },
    ),
    { numRuns: 200 },
  );
});

test('any printable text comes out of any prefix as it went in (law)', () => {
  const prefixes = Object.entries(WRAPS).filter(
    ([, { wrap }]) => !wrap('x').startsWith('{') && !wrap('x').endsWith('}') && !wrap('x').includes('msg='),
  );
  fc.assert(
    fc.property(
      fc
        .string({ minLength: 1 })
        .filter((text) => /^[a-z0-9"[{]/i.test(text) && !/^\S*:/.test(text) && !/^\d+ </.test(text)),
      fc.constantFrom(...prefixes),
      (text, [, { wrap }]) => {
        assert.equal(unwrapped(wrap(text))?.line, text);
      },
    ),
    { numRuns: 200 },
  );
});

test('a line in a cell of CSV is read, its quotes halved', () => {
  const cell = (line: string): string => `"${line.replaceAll('"', '""')}"`;
  const haproxy =
    '192.0.2.7:33317 [02/Jan/2026:15:04:05.250] http-in static/srv1 10/0/30/69/109 503 2750 - - ---- 1/1/1/1/0 0/0 "GET /a HTTP/1.1"';
  for (const line of [LINE, haproxy, json({ status: 503, method: 'GET', path: '/a', client_ip: '192.0.2.7' })]) {
    const [bare] = parsed(line);
    for (const wrap of [
      `2026-01-02 15:04:05.000,${cell(line)}`,
      `${cell(line)},"2026-01-02T15:04:05.000+0000",web1,"/var/log/access.log"`,
      `web1;${cell(line)};7`,
      `"","x"\t${cell(line)}`,
    ]) {
      const { ts: _ts, ...hit } = parsed(wrap)[0],
        { ts: _own, ...want } = bare;
      assert.deepEqual(hit, want, wrap);
    }
  }
  const silent = json({ status: 503, method: 'GET', path: '/a' });
  assert.equal(
    parsed(`2026-01-02 15:04:05.250,${cell(silent)}`)[0].ts,
    AT + 250,
    'a line without a time has that of its row',
  );
  assert.equal(parsed('"a ""b"" c","d"')[0].code, undefined);
  assert.equal(parsed('1,"say ""GET /x HTTP/1.1"" and wait",2')[0].code, undefined);
});

test('a record behind a time and a host, its brace set off by blanks, is read', () => {
  const line =
    '2026-01-02T15:04:06.613304+00:00 192.0.2.1  {     "timestamp": "2026-01-02T15:04:05+0000",     "client_ip": "192.0.2.7",     "url": "/a",     "request_method": "GET",     "response_status": 404   }';
  assert.deepEqual(parsed(line), [{ ts: AT, code: 404, method: 'GET', path: '/a', client: '192.0.2.7' }]);
});

test('an HAProxy line in a record is read from the record, whatever holds it', () => {
  const line =
    '192.0.2.7:33317 [02/Jan/2026:15:04:05.250] http-in static/srv1 10/0/30/69/109 503 2750 - - ---- 1/1/1/1/0 0/0 "GET /a HTTP/1.1"';
  for (const key of ['_raw', 'log', 'message'])
    assert.deepEqual(parsed(json({ [key]: line, host: 'web1' })), parsed(line));
});

test('envelopes in envelopes are opened, three deep', () => {
  const syslog = `<190>Jan 02 15:04:05 web1 nginx: ${LINE}`;
  const docker = json({ log: `${syslog}\n`, stream: 'stdout', time: '2026-01-02T15:04:06Z' });
  assert.equal(parsed(docker)[0].code, 502);
  assert.equal(parsed(json({ message: docker }))[0].code, 502);
  assert.equal(
    parsed(
      `2026-01-02T15:04:06.1Z stdout F ${json({ log: `${json({ status: 502, method: 'GET', path: '/' })}\n` })}`,
    )[0].code,
    502,
  );
});

test('the time of the envelope counts when the line has none', () => {
  const line = json({ method: 'GET', path: '/x', status: 404 });
  assert.equal(parsed(json({ log: line, time: '2026-01-02T15:04:05.250Z' }))[0].ts, AT + 250);
  assert.equal(parsed(`<190>1 2026-01-02T15:04:05Z web1 app - - - ${line}`)[0].ts, AT);
  assert.equal(parsed(`<190>Jan 02 15:04:05 web1 app: ${line}`)[0].ts, undefined, 'a time without a year is no time');
});

test('pieces of a line that CRI cut are joined', () => {
  const lines = [
    `2026-01-02T15:04:05Z stdout P ${LINE.slice(0, 30)}`,
    `2026-01-02T15:04:05Z stdout P ${LINE.slice(30, 60)}`,
    `2026-01-02T15:04:05Z stdout F ${LINE.slice(60)}`,
    `2026-01-02T15:04:05Z stdout F ${LINE}`,
  ];
  assert.deepEqual(
    parsed(lines.join('\n')).map((row) => row.code ?? Object.keys(row)[0]),
    ['skipped', 'skipped', 502, 502],
  );
  const blank = LINE.indexOf(' HTTP/1.1') + 1;
  assert.equal(
    parsed(
      `2026-01-02T15:04:05Z stdout P ${LINE.slice(0, blank)}\n2026-01-02T15:04:05Z stdout F ${LINE.slice(blank)}`,
    )[1].path,
    parsed(LINE)[0].path,
    'cut at a blank',
  );
});

test('lines that only look wrapped are read as they are', () => {
  // an ELB line begins with an ISO time, as `docker logs -t` does
  const elb =
    '2015-05-13T23:39:43.945958Z my-lb 192.0.2.7:2817 10.0.0.1:80 0.000073 0.001048 0.000057 502 200 0 29 "GET http://a.example:80/ HTTP/1.1" "curl/7.38.0" - -';
  assert.equal(parsed(elb)[0].code, 502);
  assert.equal(parsed('Jan  2 15:04:05 something happened 500 times')[0].code, undefined);
  assert.equal(parsed('<5>')[0].code, undefined);
});

test('any bytes give no exception (law)', () => {
  const token = fc.constantFrom(
    '<190>',
    '1 ',
    'Jan  2 15:04:05 ',
    'web1 ',
    'nginx: ',
    '- ',
    '[a b="',
    '"] ',
    '{"log":"',
    '"}',
    'msg=',
    '"',
    '\\',
    '2026-01-02T15:04:05Z ',
    'stdout ',
    'P ',
    'F ',
    '\u001b[',
    'm',
    '| ',
    '[pod/',
    '] ',
    LINE,
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      parsed(tokens.join(''));
    }),
    { numRuns: 300 },
  );
});

test('every line reads in a record as it does bare (law)', () => {
  const records: ((line: string) => unknown)[] = [
    (message) => ({ '@timestamp': '2031-01-02T03:04:05.123Z', message, host: { name: 'h' } }),
    (line) => ({ log: `${line}\n`, stream: 'stdout', time: '2031-01-02T03:04:05.123Z' }),
    (event) => ({ time: 1930000000.123, host: 'h', event }),
  ];
  for (const { name, samples } of formats) {
    // of counts a line is many requests; columns are known by their header
    if (name === 'counts' || name === 'columns') continue;
    for (const { line } of samples) {
      const [bare] = parsed(line);
      for (const record of records) {
        const [read] = parsed(JSON.stringify(record(line)));
        assert.deepEqual(
          bare.ts === undefined ? { ...read, ts: undefined } : read,
          bare.ts === undefined ? { ...bare, ts: undefined } : bare,
          line,
        );
      }
    }
  }
});

test('the line is found under any name, and where its quotes break the JSON', () => {
  const line = '203.0.113.5 - - [02/Jan/2024:03:04:05 +0000] "GET /a HTTP/1.1" 502 12 "-" "curl"';
  for (const record of [
    JSON.stringify({ time: '2024-01-02T03:04:06Z', someKey: line }),
    JSON.stringify({ time: '2024-01-02T03:04:06Z', message: 'forwarded', deep: { inside: line } }),
    `{"time":"2024-01-02T03:04:06Z","resultDescription":"${line}","properties":{}}`,
  ]) {
    const [row] = parsed(record);
    assert.deepEqual([row.code, row.path, row.client, row.ts], [502, '/a', '203.0.113.5', 1704164645000], record);
  }
});
