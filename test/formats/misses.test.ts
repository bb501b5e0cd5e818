// What the reasons of lines without a hit are stored and shown as.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { rejected, skipped, textOf } from '../../server/formats/misses.ts';
import { Hit } from '../../server/core/hit.ts';
import { chunkOf } from './parsed.ts';
import '../../server/compose.ts'; // every reader and receiver
import '../../server/receive/syslog.ts';

test('the text of an id is that of the reason, with what varies in it', () => {
  const lines = ['', '# x', '{"a":1}', '[24/Jan/2022:16:51:02 +0000] x', '1,2,3', 'GET /x'];
  for (const format of ['auto', 'combined', 'envoy', '[$time_local] $status "$request"', 'x$status'])
    for (const line of lines) {
      const miss = openLineReader(format).read(chunkOf(line), 0, line.length, new Hit())!;
      assert.equal(textOf(miss.id), miss.text);
      assert.match(miss.id, /^[a-z0-9-]+(?: |$)/);
    }
  const { id, text } = rejected('other-format', 'a line of another format: {}', 'a $& {} name');
  assert.equal(text, 'a line of another format: a $& {} name');
  assert.equal(textOf(id), text);
});

test('two reasons cannot have one id, and an id that is gone is shown as it is', () => {
  assert.throws(() => skipped('blank', 'something else'), /two reasons/);
  assert.equal(textOf('words that no version wrote'), 'words that no version wrote');
  assert.equal(textOf('other'), 'other');
});

test('every id that texts of old versions become is one that a reader gives', () => {
  const sql = readFileSync(new URL('../../migrations/sqlite/0010_reason_ids.sql', import.meta.url), 'utf8');
  const ids = [...sql.matchAll(/, '(?:skipped|rejected):([a-z0-9-]+)'\)/g)].map(([, id]) => id);
  assert.ok(ids.length > 80);
  for (const id of ids) assert.notEqual(textOf(id), id, id);
  for (const id of ['other-format', 'no-prefix', 'field-end', 'field-missing']) assert.match(textOf(id), /\{\}/);
});
