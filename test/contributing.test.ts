// CONTRIBUTING.md says how to add things to those who have not seen the code: what it names must exist.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { causes } from '#shared/causes/index.ts';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');

test('every file and directory that CONTRIBUTING.md names is there', () => {
  const named = [...text.matchAll(/`((?:server|shared|web|test|migrations)\/[^`\s]*|\w+\.md|\.[\w-]{4,})`/g)].map(
    ([, path]) => path,
  );
  assert.ok(named.length > 30);
  // a name in capitals is for the reader to fill in
  assert.deepEqual(
    named.filter((path) => !/\b[A-Z]{4,}\b(?!\.md)/.test(path) && !existsSync(join(root, path))),
    [],
  );
});

test('every npm script that CONTRIBUTING.md names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...text.matchAll(/npm (?:run ([\w:]+)|(test))/g)].map(([, script, test]) => script ?? test);
  assert.deepEqual(
    named.filter((name) => !(name in scripts)),
    [],
  );
});

test('the tables of a cause list its fields, all of them and no others', () => {
  const [, section] = /## Adding a cause\n(.*?)\n## /s.exec(text)!;
  const listed = [...section.matchAll(/^ *\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/\w+/g)].map(([name]) => name),
  );
  const fields = new Set(causes.flatMap((cause) => Object.keys(cause)));
  assert.deepEqual(listed.sort(), [...fields].sort());
});
