// The contract every format keeps, walked over the list of formats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hit, UPSTREAM } from '../../server/core/hit.ts';
import { combined } from '../../server/formats/clf/combined.ts';
import { lineFormat } from '../../server/formats/declared/line-format.ts';
import { Detector } from '../../server/formats/detect.ts';
import type { Format, Sample } from '../../server/formats/format.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { chunkOf, parsed } from './parsed.ts';

/** The line a sample is judged by comes last. */
const stream = (sample: Sample): string => [...(sample.before ?? []), sample.line].join('\n');

test('formats that know their lines come before those that read whatever has a request and a status', () => {
  const firstLoose = formats.findIndex((format) => 'isLoose' in format);
  assert.ok(firstLoose !== -1 && formats.slice(firstLoose).every((format) => 'isLoose' in format));
});

test('a format stands before those that it narrows, and names them rightly', () => {
  const names: readonly string[] = formats.map(({ name }) => name);
  for (const [i, { name, narrows = [] }] of (formats as readonly Format[]).entries())
    for (const other of narrows) assert.ok(names.indexOf(other) > i, `${name} narrows ${other}`);
});

test('a line goes to the format that knows more of it, whichever read the line before', () => {
  const tower = lineFormat({
    name: 'tower',
    title: 'Tower',
    proxy: 'nginx',
    lines: [
      '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$host" via $upstream_addr',
    ],
    samples: [],
    narrows: ['combined'],
  });
  const detector = new Detector([tower, combined], { isTimed: false });
  const plain = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 502 12 "-" "curl"';
  const hit = new Hit();
  for (const [line, format, upstream] of [
    [plain, 'combined', undefined],
    [`${plain} "a.example" via 10.0.0.1:80`, 'tower', '10.0.0.1:80'],
    [plain, 'combined', undefined],
    [`${plain} colour=red`, 'combined', undefined],
    [`${plain} upstream_addr=10.0.0.2:80 rt=0.1`, 'combined', '10.0.0.2:80'],
  ]) {
    assert.equal(detector.read(chunkOf(line!), 0, line!.length, hit), undefined, line);
    assert.deepEqual([detector.format, hit.text(UPSTREAM)], [format, upstream], line);
  }
});

test('a loose format that read a line is not asked first for the next', () => {
  const loose = '2026-01-02 15:04:05,250 web 192.0.2.7 "POST /pay HTTP/1.1" 504 0';
  const known = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 200 12 "-" "curl"';
  const reader = openLineReader();
  for (const [line, name] of [
    [loose, 'access'],
    [known, 'combined'],
  ]) {
    reader.read(chunkOf(line), 0, line.length, new Hit());
    assert.equal(reader.format, name);
  }
});

for (const format of formats) {
  for (const sample of format.samples as readonly Sample[]) {
    const shown = sample.line.slice(0, 60);
    test(`${format.name} reads its sample ${shown}`, () => {
      assert.deepEqual(parsed(stream(sample), format.name).at(-1), sample.hit);
    });
    test(`detection gives ${shown} to ${format.name} and reads the same`, () => {
      assert.deepEqual(parsed(stream(sample)).at(-1), sample.hit);
      const reader = openLineReader();
      for (const line of stream(sample).split('\n')) reader.read(chunkOf(line), 0, Buffer.byteLength(line), new Hit());
      assert.equal(reader.format, format.name);
    });
  }
}
