// What is exported is imported: by another file of the product, or by a test of it. (Types that only name what a function takes may
// be exported for whoever needs them.)
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '..');
const IMPORT =
  /\b(?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?(?:\{([^}]*)\}|\*(?:\s+as\s+\w+)?)\s+from\s+['"]([^'"]+)['"]/g;
const DYNAMIC =
  /(?:\{([^}]*)\}|\w+)\s*=\s*(?:\(?await )?import\(\s*['"]([^'"]+)['"]\s*\)|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
/** The first of a list of constants, `export const A = 0,`, is one of them. */
const VALUE = /^export (?:async )?(?:const|let|function\*?|class) (\w+)\b(?! = \S+,$)/gm;

const all = new Map(
  globSync('{server,shared,web/src,test}/**/*.{ts,svelte,mjs}', { cwd: root }).map((file) => [
    file,
    readFileSync(join(root, file), 'utf8'),
  ]),
);

const targetOf = (file: string, spec: string): string =>
  spec.startsWith('#shared/') ? `shared/${spec.slice(8)}` : normalize(join(dirname(file), spec));

/** By file, the names that others import from it; '*' for all. */
function importedNames(): Map<string, Set<string>> {
  const imported = new Map<string, Set<string>>();
  const take = (target: string, names: string | undefined): void => {
    const known = imported.get(target) ?? new Set();
    imported.set(target, known);
    for (const name of names?.split(',') ?? ['*'])
      known.add(
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+|\s*:\s*/)[0],
      );
  };
  for (const [file, text] of all) {
    for (const [, names, spec] of text.matchAll(IMPORT)) take(targetOf(file, spec), names);
    for (const [, names, spec, bare] of text.matchAll(DYNAMIC)) take(targetOf(file, spec ?? bare), names);
  }
  return imported;
}

test('every value that is exported is imported somewhere', () => {
  const imported = importedNames();
  const dead = [...all]
    .filter(([file]) => !file.endsWith('.test.ts'))
    .flatMap(([file, text]) => {
      const names = imported.get(file) ?? new Set();
      return [...text.matchAll(VALUE)]
        .filter(([, name]) => !names.has(name) && !names.has('*'))
        .map(([, name]) => `${file}: ${name}`);
    });
  assert.deepEqual(dead, []);
});
