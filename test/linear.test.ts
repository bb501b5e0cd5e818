// Every regular expression of the server is linear in what it is tried on: a stranger's header is tried on many of them.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';
import { slowText } from './support/regexp-paths.ts';

/** Those that are not, and what bounds the text they are tried on. */
const BOUNDED: readonly { file: string; source: string; why: string }[] = [
  {
    file: 'server/formats/bytes/scalars.ts',
    source: '(\\d+(?:\\.\\d+)?) ?(ns|us|µs|μs|ms|sec|s|m|h)',
    why: 'a duration of at most 40 bytes, which is known to be made of nothing else',
  },
  {
    file: 'server/receive/log-path.ts',
    source: '(\\.(log|json|jsonl|ndjson|txt|out))+$',
    why: 'the last 255 characters of a name',
  },
  {
    file: 'server/receive/log-path.ts',
    source: '^(.+?)[.-](\\d[\\d._T:Z-]*|old|bak|prev)$',
    why: 'a name in a directory: file systems take 255 bytes',
  },
  {
    file: 'server/receive/log-path.ts',
    source: '^(.+?)[._-](\\d{4}-?\\d\\d-?\\d\\d[\\d._T:Z-]*?)(\\.[A-Za-z]\\w*)$',
    why: 'a name in a directory: file systems take 255 bytes',
  },
];

interface Found {
  file: string;
  line: number;
  source: string;
  flags: string;
}

/** The text of a string that is written out. */
function written(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  const isRaw =
    ts.isTaggedTemplateExpression(node) &&
    node.tag.getText() === 'String.raw' &&
    ts.isNoSubstitutionTemplateLiteral(node.template);
  return isRaw ? (node.template as ts.NoSubstitutionTemplateLiteral).rawText : undefined;
}

function regexpsIn(file: string): Found[] {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push({ file, line, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp') {
      const pattern = written(node.arguments?.[0]),
        flags = written(node.arguments?.[1]);
      assert.ok(
        pattern !== undefined && flags !== undefined,
        `${file}:${line}: an expression that is put together cannot be looked at; write it out`,
      );
      found.push({ file, line, source: pattern, flags });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = globSync('{server,shared}/**/*.{ts,mjs}', { cwd: new URL('..', import.meta.url).pathname });
const found = files.flatMap((file) => regexpsIn(file));

test('no regular expression takes more than linear time, whatever it is tried on', () => {
  assert.ok(found.length > 300, 'the walk finds them');
  const slow = found
    .filter(({ file, source }) => !BOUNDED.some((b) => b.file === file && b.source === source))
    .flatMap(({ file, line, source, flags }) => {
      const text = slowText(source, flags);
      return text === undefined
        ? []
        : [`${file}:${line}: /${source}/${flags} is slow on repeated ${JSON.stringify(text)}`];
    });
  assert.deepEqual(slow, []);
});

test('each exception is one that is still needed', () => {
  for (const { file, source } of BOUNDED) {
    const there = found.find((f) => f.file === file && f.source === source);
    assert.ok(there !== undefined && slowText(there.source, there.flags) !== undefined, `${file}: /${source}/`);
  }
});

test('the check tells slow expressions from linear ones', () => {
  const slow = [
    /\s*,\s*/g,
    /\s+$/,
    /^(?:a*)*b/,
    /^(a|a)*$/,
    /^(a+)+$/,
    /^\s*x/m,
    /"(?:[^"\\]|\\.)*"/g,
    /%\{([^}]*)\}t/g,
    /(?:^|\n)\s*format/,
    /^\S+\s.*\s(\d+)\s.*x/,
    /([^/]*)\/*$/,
    /a(?:a+b)?/g,
    /\b(\w+)=/,
    /^(?:[^,]*,?)*;/,
    /[\w.-]+\.log/,
  ];
  const linear = [
    /\d+/g,
    /^\s*x\s*y/,
    /^a*b*c/,
    /;\s*$/,
    /"(?:[^"\\]|\\.)*"?/g,
    /%\{([^{}]*)\}t/g,
    /(?:^|\n)[ \t]*format/,
    /(?<!\w)(\w+)=/,
    /^[^,]*,[^,]*;/,
    /([A-Za-z])\1*/g,
    /[ab]{1,60}c/,
    /^(["'])([^]*)\1$/,
    /^(?:a|b)*$/,
  ];
  for (const { source, flags } of slow) assert.notEqual(slowText(source, flags), undefined, source);
  for (const { source, flags } of linear) assert.equal(slowText(source, flags), undefined, source);
});
