// The catalogue is the only place of texts: a literal elsewhere would stay English in every language.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { texts } from '../../web/src/texts/index.ts';
import { pluralIn } from '../../web/src/texts/plural.ts';
import { link, rich, strong } from '../../web/src/texts/rich.ts';
import { literalsIn } from './literals.ts';

const root = join(import.meta.dirname, '..', '..', 'web', 'src');
const sources = globSync(['**/*.svelte', 'lib/**/*.ts', '*.ts'], { cwd: root }).map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}));

/** What is the same in every language. An entry that allows nothing any more fails the test. */
const SAME_EVERYWHERE: { file: RegExp; text: RegExp; why: string }[] = [
  { file: /./, text: /^[Ff]ivealarm$|· Fivealarm$/, why: 'the name of the product' },
  { file: /./, text: /^\dxx$/, why: 'the name of a class of codes' },
  { file: /./, text: /^npm start -- --\w+( \d+)?$/, why: 'a command' },
  { file: /./, text: /^(Mod\+.+|Space|Enter|Escape)$/, why: 'a key, as the code names it' },
  { file: /^lib\/snippets\.ts$/, text: /./, why: 'configuration and commands of other programs' },
  { file: /^lib\/locate\.ts$/, text: /^[A-Z][a-z]{2}$/, why: 'a month, as logs name it' },
  { file: /^lib\/firing-badge\.ts$/, text: /^bold …px system-ui, sans-serif$/, why: 'a font' },
  { file: /^views\/setup\.svelte$/, text: /^(\$remote_addr|203\.0\.113\.)/, why: 'a log format, and its lines' },
];

test('no component and no module holds a text for people outside of the catalogue', () => {
  const found = sources.flatMap(({ file, text }) =>
    literalsIn(text, file.endsWith('.svelte') ? 'svelte' : 'ts').map((literal) => ({ file, ...literal })),
  );
  const allows = (same: (typeof SAME_EVERYWHERE)[number], { file, text }: (typeof found)[number]) =>
    same.file.test(file) && same.text.test(text);
  assert.deepEqual(
    found
      .filter((literal) => !SAME_EVERYWHERE.some((same) => allows(same, literal)))
      .map(({ file, line, text }) => `${file}:${line} ${text}`),
    [],
    'move these texts to web/src/texts/en.ts',
  );
  assert.deepEqual(
    SAME_EVERYWHERE.filter((same) => !found.some((literal) => allows(same, literal))).map(({ why }) => why),
    [],
    'nothing needs these exceptions',
  );
});

test('a text is found in the markup, in attributes, in expressions and in code', () => {
  const component = `<script lang="ts">
    import Note from './Some Note.svelte';
    const state = 'firing', glyph = { title: 'queue' };
    function stateText(n: number) { switch (n) { case 0: return 'none'; default: return \`\${n} more\`; } }
    const message = 'It is late.';
    document.querySelector('main input');
    if (state === 'Not shown') throw new Error('Nobody sees \\u0061 state');
  </script>
  <p class="wide open" title="Hover">Hello {state === 'firing' ? 'world' : \`all \${state}\`}, {['rows'].join(' or ')}</p>
  <Note as="ago" title={state || 'Unknown'} head="Two words" onclick={() => say('Well done')} />
  {#if state === 'pending state'}<input placeholder="Filter" aria-label="by {state}" alt="" /><kbd>Esc</kbd>{/if}
  <style>p { font-family: Two Words; }</style>`;
  assert.deepEqual(
    literalsIn(component, 'svelte').map(({ text }) => text),
    [
      ...['Hover', 'Hello', 'world', 'all …', 'rows', 'Unknown', 'Two words', 'Well done', 'Filter', 'by'],
      ...['queue', 'none', '… more', 'It is late.', 'Nobody sees a state'],
    ],
  );
  assert.deepEqual(
    literalsIn("type Kind = 'Two words';\nexport const hint = 'reload';\nconst kind: Kind = pick('a', 'b');", 'ts'),
    [{ line: 2, text: 'reload' }],
  );
});

test('every text of the catalogue is used', () => {
  const code = sources.map(({ text }) => text).join('\n');
  /** Read by its name, or with others of its group by a value: `states[incident.state]`. */
  const isUsed = (name: string, group: string) =>
    new RegExp(`\\.${name}\\b`).test(code) || new RegExp(`\\.${group}(\\)|\\s+as [^)]+\\))?\\[`).test(code);
  const unused = (node: object, group: string, path: string): string[] =>
    Object.entries(node).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? unused(value, name, `${path}${name}.`)
        : isUsed(name, group)
          ? []
          : [path + name],
    );
  assert.deepEqual(unused(texts, '', ''), []);
});

test('a number takes the plural form of its language', () => {
  const english = pluralIn('en');
  const lines = { one: 'line', other: 'lines' };
  assert.deepEqual(
    [0, 1, 2, 1284].map((n) => english(n, lines)),
    ['0 lines', '1 line', '2 lines', '1,284 lines'],
  );
  const polish = pluralIn('pl');
  const linie = { one: 'linia', few: 'linie', many: 'linii', other: 'linii' };
  assert.deepEqual(
    [1, 2, 5, 22].map((n) => polish(n, linie)),
    ['1 linia', '2 linie', '5 linii', '22 linie'],
  );
});

test('a sentence with a link in it stays in order, whatever its clauses are', () => {
  const clause = rich` or ${strong('two')}`;
  assert.deepEqual(rich`Send ${link('/setup', 'one')}${clause}${''}.`, [
    'Send ',
    { kind: 'link', href: '/setup', text: 'one' },
    ' or ',
    { kind: 'strong', text: 'two' },
    '.',
  ]);
});
