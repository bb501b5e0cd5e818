import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LINE_BYTES_MAX } from '../../server/receive/body-kind.ts';
import { Framer } from '../../server/receive/framing.ts';

/** What a body is cut into: records as text, `#quoted`, `!too long`, blank lines as ''. */
function frames(body: string | Buffer, cuts: number[] = []): string[] {
  const bytes = Buffer.from(body as string);
  const out: string[] = [];
  const framer = new Framer({
    record: (chunk, start, end) => {
      assert.equal(chunk.text.slice(start, end), chunk.bytes.toString('latin1', start, end));
      out.push(chunk.bytes.toString('utf8', start, end));
    },
    quoted: (text) => out.push(`#${text}`),
    tooLong: (beginning) => out.push(`!${beginning.slice(0, 20)}`),
    blank: () => out.push(''),
  });
  let from = 0;
  for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    framer.write(Buffer.from(bytes.subarray(from, cut)));
    from = cut;
  }
  framer.end();
  return out;
}

test('lines end in \\n, \\r\\n or nothing, and blank ones hold their number', () => {
  assert.deepEqual(frames('a\nb\r\n\n \nc'), ['a', 'b', '', '', 'c']);
});

test('a byte order mark is no part of the first line', () => {
  assert.deepEqual(frames('\ufeffa\nb'), ['a', 'b']);
  assert.deepEqual(frames('\ufeff[{"a":1},{"b":2}]'), ['{"a":1}', '{"b":2}']);
});

test('one JSON object a line is read as lines, a broken one among them', () => {
  assert.deepEqual(frames('{"a":1}\n{"b":\n{"c":3}\n'), ['{"a":1}', '{"b":', '{"c":3}']);
  assert.deepEqual(frames('{"a":\n{"b":2}\n{"c":3}\n'), ['{"a":', '{"b":2}', '{"c":3}']);
});

test('a JSON array gives its elements, strings among them as lines', () => {
  assert.deepEqual(frames(' [ {"a":[1,{"x":"]}"}]} , {"b":2},"l\\"1", 3 ] '), [
    '{"a":[1,{"x":"]}"}]}',
    '{"b":2}',
    '#l"1',
    '3',
  ]);
  assert.deepEqual(frames('[]'), []);
});

test('objects end to end, comma-separated, NUL-separated or pretty-printed are records', () => {
  assert.deepEqual(frames('{"a":1}{"b":"}{"}{"c":3}'), ['{"a":1}', '{"b":"}{"}', '{"c":3}']);
  assert.deepEqual(frames('{"a":1},{"b":2}'), ['{"a":1}', '{"b":2}']);
  assert.deepEqual(frames('{"a":1}\0{"b":2}\0'), ['{"a":1}', '{"b":2}']);
  assert.deepEqual(frames('{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n{\n "d": 3\n}'), [
    '{   "a": 1,   "b": {     "c": 2   } }',
    '{  "d": 3 }',
  ]);
});

test('wrappers around the array are taken off, whatever follows the array', () => {
  assert.deepEqual(frames('{"data":[{"a":1},{"b":2}],"more":{"x":["]}",1]}}'), ['{"a":1}', '{"b":2}']);
  assert.deepEqual(
    frames('{ "records" : [ {"value":{"a":1}}, {"value": "text \\" x" } ] }\n{"records":[{"value":{"b":2} }]}'),
    ['{"a":1}', '#text " x', '{"b":2}'],
  );
});

test('of wrappers with an array behind other things only those that are known are taken off', () => {
  assert.deepEqual(frames('{"messageType":"DATA_MESSAGE","subscriptionFilters":["f"],"logEvents":[{"a":1},{"b":2}]}'), [
    '{"a":1}',
    '{"b":2}',
  ]);
  const worker = '{"outcome":"ok","logs":[{"message":["x"]}],"event":{"response":{"status":200}}}';
  assert.deepEqual(frames(worker), [worker]);
});

test('text that begins with a bracket is lines', () => {
  assert.deepEqual(frames('[2016-04-15T20:17:00.310Z] "POST /x"\n[Mon Jan 01] error\n'), [
    '[2016-04-15T20:17:00.310Z] "POST /x"',
    '[Mon Jan 01] error',
  ]);
});

test('a line of 64 KiB is taken, a longer one is skipped and the rest goes on', () => {
  const most = 'x'.repeat(LINE_BYTES_MAX);
  assert.deepEqual(frames(`a\n${most}\r\nb\n${most}y\nc`), ['a', most, 'b', `!${'x'.repeat(20)}`, 'c']);
  assert.deepEqual(frames(`[{"a":1},{"b":"${most}"},{"c":3}]`), ['{"a":1}', '!{"b":"xxxxxxxxxxxxxx', '{"c":3}']);
});

test('any cut of a body into chunks gives the same records', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    '\n',
    '\r\n',
    ' ',
    '\0',
    'a',
    '1',
    '{"a":1}',
    '"x"',
    '{"data":[',
    '{"records":[',
    '{"value":',
    'é',
    '\ufeff',
    '\\"',
    '\\\\',
  );
  const body = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((p) => p.join('')),
    fc
      .tuple(
        fc.array(fc.json({ depthSize: 'small' }), { maxLength: 6 }),
        fc.constantFrom('\n', '', ',', ' ', '\n\n'),
        fc.constantFrom('', '[', '{"data":['),
      )
      .map(([values, between, open]) => open + values.join(between) + (open === '' ? '' : open === '[' ? ']' : ']}')),
  );
  fc.assert(
    fc.property(body, fc.array(fc.nat(500), { maxLength: 8 }), (text, cuts) => {
      assert.deepEqual(frames(text, cuts), frames(text));
    }),
    { numRuns: 3000 },
  );
});

test('over-long lines are the same in any cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('x', '{"a":"', '\r', '\\'), fc.nat(70_000)), { maxLength: 4 }),
      fc.array(fc.nat(300_000), { maxLength: 6 }),
      (parts, cuts) => {
        const body = parts.map(([text, n]) => text.repeat(Math.ceil(n / text.length))).join('\n');
        assert.deepEqual(frames(body, cuts), frames(body));
      },
    ),
    { numRuns: 60 },
  );
});

test('valid JSON arrays give each element whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(500)),
      fc.constantFrom(undefined, 2),
      (values, cuts, indent) => {
        const seen = frames(JSON.stringify(values, null, indent), cuts).map((text) => JSON.parse(text));
        assert.deepEqual(seen, JSON.parse(JSON.stringify(values)));
      },
    ),
  );
});

test('cutting JSON is linear in a body, in whatever pieces it comes', () => {
  const took = (body: Buffer): number => {
    let least = Infinity;
    for (let run = 0; run < 5; run++) {
      const framer = new Framer({ record: () => {}, quoted: () => {}, tooLong: () => {}, blank: () => {} });
      const began = performance.now();
      framer.write(body);
      framer.end();
      least = Math.min(least, performance.now() - began);
    }
    return least;
  };
  for (const record of ['{}', '{"a":"b"},', '{"a":1}', '1,']) {
    const [once, twice, fourTimes] = [1, 2, 4].map((n) =>
      took(Buffer.from(`[{"a":1},${record.repeat((n * 50_000) / record.length)}`)),
    );
    assert.ok(
      Math.min(twice / once, fourTimes / twice) <= 2.5,
      `${record}: ${once.toFixed(2)}, ${twice.toFixed(2)}, ${fourTimes.toFixed(2)} ms`,
    );
  }
});
