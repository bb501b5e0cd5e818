// What applications log is not an access log, however much it speaks of methods, paths and status codes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordinaryLines } from '../support/ordinary-logs.ts';
import { parsed } from './parsed.ts';

const LINES = 20_000;

test('of the lines that applications, clients, databases and test runners log, none is counted', () => {
  const lines = ordinaryLines(LINES);
  const counted = parsed(lines.join('\n')).flatMap((row, i) => (row.code === undefined ? [] : [lines[i]]));
  assert.deepEqual(counted.slice(0, 5), []);
});

test('nor is one in an envelope that says when it was', () => {
  const lines = ordinaryLines(1_000, 7).flatMap((line) => [
    JSON.stringify({ log: line, stream: 'stdout', time: '2026-01-02T15:04:05.123Z' }),
    `<14>Jan  2 15:04:05 web1 app[12]: ${line}`,
    `2026-01-02T15:04:05.123456789Z ${line}`,
  ]);
  const counted = parsed(lines.join('\n')).flatMap((row, i) => (row.code === undefined ? [] : [lines[i]]));
  assert.deepEqual(counted, []);
});
