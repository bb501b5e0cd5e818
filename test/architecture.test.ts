// The shape of the house: which folder may know which, read from the import lines themselves.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { causes } from '#shared/causes/index.ts';

const root = join(import.meta.dirname, '..');

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\s(?:[^'";=]*?\sfrom\s+)?['"]([^'"\n]+)['"];?\s*$|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/gm,
    ),
  ].map((m) => m[1] ?? m[2]);
}

/** Repository path of an import, or the package's name. */
function resolve(file: string, spec: string): string {
  if (spec.startsWith('#shared/')) return `shared/${spec.slice(8)}`;
  return spec.startsWith('.') ? normalize(join(dirname(file), spec)) : spec;
}

function offenders(pattern: string, isAllowed: (target: string) => boolean): string[] {
  return globSync(pattern, { cwd: root }).flatMap((file) =>
    importsOf(file)
      .map((spec) => resolve(file, spec))
      .filter((target) => !isAllowed(target))
      .map((target) => `${file} → ${target}`),
  );
}

test('the core imports only the core and what both sides share', () => {
  assert.deepEqual(
    offenders('server/core/**/*.ts', (t) => t.startsWith('server/core/') || t.startsWith('shared/')),
    [],
  );
});

test('the core has no clock and no chance in it', () => {
  const found = globSync('server/core/**/*.ts', { cwd: root }).filter((file) =>
    /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|setTimeout\(|process\./.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  );
  assert.deepEqual(found, []);
});

test('shared code imports nothing but shared code and the schema library', () => {
  assert.deepEqual(
    offenders('shared/**/*.ts', (t) => t.startsWith('shared/') || t === 'typebox'),
    [],
  );
});

test('the core knows no cause by its id: what is special about one is in its file', () => {
  const ids = new RegExp(`['"\`](${causes.map(({ id }) => id).join('|')})['"\`]`);
  const found = globSync('server/core/**/*.ts', { cwd: root }).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      // "unknown" is also what a program is called that no format names
      .filter((line) => ids.test(line.replaceAll("'unknown'", '')))
      .map((line) => `${file}: ${line.trim()}`),
  );
  assert.deepEqual(found, []);
});

test('formats know the core, never the store, the server or the network', () => {
  assert.deepEqual(
    offenders('server/formats/**/*.ts', (t) =>
      ['server/formats/', 'server/core/', 'shared/'].some((p) => t.startsWith(p)),
    ),
    [],
  );
});

/** The rooms of formats, each of which knows only itself and those before it. */
const ROOMS = ['seam', 'bytes', 'keyed', 'wrapping', 'clf', 'layout', 'declared', 'known', 'top'];
/** What a format is, why a line gave no hit, what is a request served: every room speaks of these. */
const SEAM = ['format.ts', 'misses.ts', 'served.ts'];

function roomOf(file: string): number {
  const [first, ...rest] = file.slice('server/formats/'.length).split('/');
  return ROOMS.indexOf(rest.length > 0 ? first : SEAM.includes(first) ? 'seam' : 'top');
}

/** For each file of the formats, those of them that it imports. */
const formatImports = new Map(
  globSync('server/formats/**/*.ts', { cwd: root }).map((file) => [
    file,
    importsOf(file)
      .map((spec) => resolve(file, spec))
      .filter((target) => target.startsWith('server/formats/')),
  ]),
);

const short = (file: string): string => file.slice('server/formats/'.length);

test('a room of the formats knows only those below it', () => {
  const upward = [...formatImports].flatMap(([file, targets]) =>
    targets.filter((t) => roomOf(t) > roomOf(file)).map((t) => `${short(file)} → ${short(t)}`),
  );
  assert.deepEqual(upward, []);
  assert.ok([...formatImports.keys()].every((file) => roomOf(file) !== -1));
});

test('the files of the formats import each other in no circle', () => {
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const visit = (file: string): void => {
      for (const target of formatImports.get(file) ?? [])
        if (!seen.has(target)) {
          seen.add(target);
          visit(target);
        }
    };
    visit(from);
    return seen;
  };
  const reached = new Map([...formatImports.keys()].map((file) => [file, reach(file)]));
  const circles = new Set(
    [...reached]
      .filter(([file, seen]) => seen.has(file))
      .map(([file, seen]) =>
        [...seen]
          .filter((other) => reached.get(other)?.has(file))
          .map(short)
          .sort()
          .join(' '),
      ),
  );
  assert.deepEqual([...circles].sort(), []);
});

test('the dashboard reaches the server over its API only', () => {
  assert.deepEqual(
    offenders('web/src/**/*.{ts,svelte}', (t) => !t.startsWith('server/')),
    [],
  );
});

test('texts know how numbers are written, and nothing else of the dashboard', () => {
  assert.deepEqual(
    offenders(
      'web/src/texts/*.ts',
      (t) => t.startsWith('web/src/texts/') || t.startsWith('shared/') || t === 'web/src/lib/format.ts',
    ),
    [],
  );
  assert.deepEqual(
    offenders('web/src/lib/format.ts', (t) => t.startsWith('shared/')),
    [],
  );
});

/** Files of `pattern`, but for `readers`, whose text has `what`. */
const reading = (pattern: string, what: RegExp, readers: RegExp): string[] =>
  globSync(pattern, { cwd: root }).filter(
    (file) => !readers.test(file) && what.test(readFileSync(join(root, file), 'utf8')),
  );

test('one file on each side reads the time of day', () => {
  const clock = /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)/;
  assert.deepEqual(reading('{server,shared}/**/*.{ts,mjs}', clock, /^server\/main\.ts$/), []);
  assert.deepEqual(reading('web/src/**/*.{ts,svelte}', clock, /^web\/src\/lib\/clock\.svelte\.ts$/), []);
});

test('only the composition root and the commands read the process', () => {
  const process = /process\.(argv|env|exit|on\()/;
  assert.deepEqual(reading('server/**/*.ts', process, /^server\/(main\.ts|commands\/)/), []);
});

test('untrusted text never becomes markup', () => {
  const found = globSync('web/src/**/*.{ts,svelte}', { cwd: root }).filter((file) =>
    /\{@html|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(found, []);
});
