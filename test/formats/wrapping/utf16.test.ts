// Bytes that are no plain lines: UTF-16, NULs, returns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hit, PATH } from '../../../server/core/hit.ts';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { Framer } from '../../../server/receive/framing.ts';

const line = (path: string): string =>
  `203.0.113.5 - - [10/Oct/2024:13:55:30 +0000] "GET ${path} HTTP/1.1" 502 157 "-" "curl"`;

/** The paths of a body's records, cut as a request's are. */
function pathsIn(body: Buffer): (string | undefined)[] {
  const reader = openLineReader(),
    hit = new Hit(),
    found: (string | undefined)[] = [];
  const put = (miss: object | undefined): void => void found.push(miss === undefined ? hit.text(PATH) : undefined);
  const framer = new Framer({
    record(chunk, start, end) {
      put(reader.read(chunk, start, end, hit));
      while (reader.hasMore) put(reader.more(hit));
    },
    quoted: () => assert.fail(),
    tooLong: () => assert.fail(),
    blank: () => {},
  });
  framer.write(body);
  framer.end();
  return found;
}

test('UTF-16 of either byte order is read, with and without a mark', () => {
  const text = ['/a', '/ü', '/b'].map((path) => `${line(path)}\r\n`).join('');
  for (const mark of ['\ufeff', '']) {
    const little = Buffer.from(mark + text, 'utf16le');
    assert.deepEqual(pathsIn(little), ['/a', '/ü', '/b'], `little ${mark}`);
    assert.deepEqual(pathsIn(Buffer.from(little).swap16()), ['/a', '/ü', '/b'], `big ${mark}`);
  }
});

test('NULs that a truncated file begins with cost no line, however many they are', () => {
  const nuls = Buffer.alloc(200_000);
  assert.deepEqual(pathsIn(Buffer.concat([nuls, Buffer.from(`${line('/a')}\n`), nuls, Buffer.from(line('/b'))])), [
    '/a',
    '/b',
  ]);
});

test('lines that end in a return alone are read one by one', () => {
  assert.deepEqual(pathsIn(Buffer.from([line('/a'), line('/b'), 'ready', line('/c')].join('\r'))), [
    '/a',
    '/b',
    undefined,
    '/c',
  ]);
});
