// Records spread over lines, in arrays and lists.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

test('records in an array spread over lines are read one by one', () => {
  const lines = [
    '[',
    '  {"status":502,"method":"GET","path":"/a"},',
    '  {"status":200,"method":"GET","path":"/b"}',
    ']',
  ];
  assert.deepEqual(
    parsed(lines.join('\n')).map((row) => row.code),
    [undefined, 502, 200, undefined],
  );
});

test('records that an export spread over lines are read where they end', () => {
  const records = [
    { status: 502, request: { method: 'GET', path: '/}"{' } },
    { status: 200, method: 'GET', path: '/b', took: 3, tags: [[], { x: 1 }] },
  ];
  const spread = `${JSON.stringify(records, undefined, 2)}\n${JSON.stringify({ records }, undefined, 4)}\n${JSON.stringify(records[0])}`;
  assert.deepEqual(
    parsed(spread)
      .map((row) => row.code)
      .filter((found) => found !== undefined),
    [502, 200, 502, 200, 502],
  );
});

test('records in a list that stands behind other things are read too, spread over lines or not', () => {
  const record = { method: 'GET', path: '/a', status: 502, time: '2026-01-02T15:04:05Z' };
  const spread = JSON.stringify(
    { messageType: 'DATA_MESSAGE', subscriptionFilters: ['f'], logEvents: [record, { ...record, status: 200 }] },
    undefined,
    2,
  );
  assert.deepEqual(
    parsed(spread)
      .map((row) => row.code)
      .filter((found) => found !== undefined),
    [502, 200],
  );
});

test('a bracket that is never closed swallows no lines', () => {
  const access = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157 "-" "-"';
  assert.deepEqual(
    parsed(['{', access, '{', '{"status":500,"method":"GET","path":"/"}', '{', '"a": 1,', access].join('\n')).map(
      (row) => row.code,
    ),
    [undefined, 502, undefined, 500, undefined, undefined, 502],
  );
});
