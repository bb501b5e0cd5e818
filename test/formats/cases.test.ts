// Cases of lines as people posted them, each standing for its kind: what `parse` must read from them, field by field.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parsed } from './parsed.ts';

const ROOT = new URL('../fixtures/cases/', import.meta.url);
const NOT_FIELDS = new Set(['soft', 'usHas', 'orNone']);

interface Expected {
  line: number;
  /** The line is no access record. */
  none?: boolean;
  [field: string]: unknown;
}

for (const name of readdirSync(ROOT)) {
  const text = (file: string): string => readFileSync(new URL(`${name}/${file}`, ROOT), 'utf8');
  test(`the lines of ${name} are read as they mean`, () => {
    const format = existsSync(new URL(`${name}/format.txt`, ROOT)) ? text('format.txt').trimEnd() : 'auto';
    const rows = parsed(text('input.log').trimEnd(), format);
    for (const line of text('expected.jsonl').trim().split('\n')) {
      const { line: number, none, ...fields } = JSON.parse(line) as Expected;
      const row = rows[number - 1];
      const label = `line ${number}: ${JSON.stringify(row)}`;
      if (none === true) assert.equal(row.code, undefined, label);
      for (const [field, wanted] of Object.entries(fields)) {
        if (NOT_FIELDS.has(field)) continue;
        const any = (wanted as { any?: unknown[] }).any ?? [wanted];
        assert.ok(any.includes(row[field]), `${label}: ${field} is ${JSON.stringify(wanted)}`);
      }
    }
  });
}
