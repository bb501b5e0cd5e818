// Finds text for people in the source of the dashboard: what is in the markup, in the attributes that are shown or read aloud, and
// strings in code that read like text. The compiler's own parser reads both kinds of file.
import { parse } from 'svelte/compiler';

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}
export interface Found {
  line: number;
  text: string;
}

/** Attributes whose value a person sees or hears. */
const SHOWN = /^(title|alt|label|placeholder|text|aria-(label|description|valuetext|roledescription))$/;
/** Properties and variables whose value is shown sooner or later. */
const TEXT_NAME =
  /^(text|title|label|detail|note|where|what|hint|message|sentence|heading|meaning|summary|description)$|(Text|Title|Label)$/;
/** Calls whose strings are selectors, queries, events or types. */
const TECHNICAL_CALL =
  /^(querySelector|querySelectorAll|matches|closest|matchMedia|getContext|createElement|addEventListener|execCommand)$/;
const hasLetter = (text: string): boolean => /\p{L}/u.test(text);
const readsLikeText = (text: string): boolean => /\p{L}{2}[,:;.!?]?\s+\p{L}{2}|^\s*\p{Lu}\p{Ll}/u.test(text);

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';
const childrenOf = (node: Node): [string, Node][] =>
  Object.entries(node)
    .filter(([key]) => key !== 'loc' && key !== 'metadata' && key !== 'parent')
    .flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).filter(isNode).map((child): [string, Node] => [key, child]),
    );

/** The text of a string or template literal; `${…}` is left out. */
function literalText(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral')
    return (node.quasis as { value: { cooked: string } }[]).map((q) => q.value.cooked).join('…');
  return null;
}

/** The literals that an expression may come out as: not what it compares, calls or looks up. */
function outcomes(node: Node): Node[] {
  const of = (...names: string[]) => names.flatMap((name) => (isNode(node[name]) ? outcomes(node[name]) : []));
  const all = (name: string) => (node[name] as (Node | null)[]).filter(isNode).flatMap(outcomes);
  switch (node.type) {
    case 'Literal':
      return [node];
    case 'TemplateLiteral':
      return [node, ...all('expressions')];
    case 'ConditionalExpression':
    case 'IfStatement':
      return of('consequent', 'alternate');
    case 'SwitchStatement':
      return all('cases');
    case 'SwitchCase':
      return all('consequent');
    case 'LogicalExpression':
      return node.operator === '&&' ? of('right') : of('left', 'right');
    case 'BinaryExpression':
      return node.operator === '+' ? of('left', 'right') : [];
    case 'CallExpression':
      return [...of('callee'), ...(node.arguments as Node[]).filter((a) => /Function/.test(a.type)).flatMap(outcomes)];
    case 'MemberExpression':
      return of('object');
    case 'ObjectExpression':
      return all('properties');
    case 'Property':
      return of('value');
    case 'ArrayExpression':
      return all('elements');
    case 'ArrowFunctionExpression':
      return of('body');
    case 'BlockStatement':
      return all('body');
    case 'ReturnStatement':
      return of('argument');
    default:
      return of('expression'); // parentheses, `as`, `satisfies`, `!`
  }
}

const nameOf = (node: unknown): string =>
  isNode(node) ? String(node.name ?? node.value ?? (isNode(node.property) ? node.property.name : '')) : '';

/** Literals of a script that are texts by their place (a property `title`, a function `stateText`) or by their look. */
function inCode(node: Node, report: (node: Node) => void): void {
  if (/^(Import|ExportAll|TS(?!As|Satisfies|NonNull))/.test(node.type)) return;
  const text = literalText(node);
  if (text !== null && readsLikeText(text)) report(node);
  const name = nameOf(node.type === 'Property' ? node.key : (node.id ?? node.left));
  const value = node.type === 'FunctionDeclaration' ? node.body : (node.value ?? node.init ?? node.right);
  if (/^(Property|VariableDeclarator|FunctionDeclaration|AssignmentExpression|AssignmentPattern)$/.test(node.type))
    if (TEXT_NAME.test(name) && isNode(value))
      outcomes(value)
        .filter((n) => hasLetter(literalText(n) ?? ''))
        .forEach(report);
  for (const [key, child] of childrenOf(node)) {
    const isCompared = node.type === 'BinaryExpression' && node.operator !== '+';
    const isLabel = (key === 'key' && node.computed !== true) || (node.type === 'SwitchCase' && key === 'test');
    const isTechnical = key === 'arguments' && TECHNICAL_CALL.test(nameOf(node.callee)) && literalText(child) !== null;
    if (!(isCompared && literalText(child) !== null) && !isLabel && !isTechnical) inCode(child, report);
  }
}

function inMarkup(node: Node, report: (node: Node) => void): void {
  if (node.type === 'RegularElement' && node.name === 'kbd') return; // the keys of a keyboard
  if (node.type === 'Text' && hasLetter(String(node.data))) report(node);
  if (node.type === 'ExpressionTag')
    outcomes(node.expression as Node)
      .filter((n) => hasLetter(literalText(n) ?? ''))
      .forEach(report);
  for (const [key, child] of childrenOf(node)) {
    if (key === 'attributes') inAttribute(node.type === 'Component', child, report);
    else if (!/(Expression|Literal|Identifier)$/.test(child.type)) inMarkup(child, report);
    else if (node.type !== 'ExpressionTag') inCode(child, report);
  }
}

function inAttribute(ofComponent: boolean, node: Node, report: (node: Node) => void): void {
  if (node.type === 'Attribute' && SHOWN.test(String(node.name)))
    for (const value of [node.value].flat().filter(isNode)) inMarkup(value, report);
  else if (node.type === 'Attribute' && ofComponent)
    for (const value of [node.value].flat().filter(isNode)) {
      if (value.type === 'Text' && readsLikeText(String(value.data))) report(value);
      else if (isNode(value.expression)) inCode(value.expression, report);
    }
  else if (node.type === 'Attribute' && String(node.name).startsWith('on') && isNode(node.value))
    inCode(node.value, report);
}

/** Texts for people in a component, or in a module. */
export function literalsIn(source: string, kind: 'svelte' | 'ts'): Found[] {
  const whole = kind === 'svelte' ? source : `<script lang="ts">${source}</script>`;
  const ast = parse(whole, { modern: true }) as unknown as Record<'fragment' | 'instance' | 'module', Node | null>;
  const found = new Map<number, Found>();
  const report = (node: Node) =>
    found.set(node.start, {
      line: whole.slice(0, node.start).split('\n').length,
      text: (node.type === 'Text' ? String(node.data) : (literalText(node) ?? '')).replace(/\s+/g, ' ').trim(),
    });
  if (ast.fragment) inMarkup(ast.fragment, report);
  for (const script of [ast.instance, ast.module]) if (script) inCode(script.content as Node, report);
  return [...found.values()];
}
