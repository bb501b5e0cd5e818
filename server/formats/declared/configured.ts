// A declared format with YAML or properties round it: an ingress controller's `log-format-upstream: '…'`, Istio's `accessLogFormat: |`,
// Spring's `server.tomcat.accesslog.pattern=…`.

/** Keys whose value is a format and nothing else. */
const KEY =
  /(?:^|\n)([ \t]*)(?:- )?["']?(?:log-format-upstream|(?:https?|tcp)-log-format|accessLogFormat|inline_string|text_format|format|pattern|[\w.-]+\.(?:pattern|format))["']?[ \t]*[:=][ \t]*/;
const BLOCK = /^([|>])[-+]?[ \t]*\n/;

/** The format inside, its quotes and indentation taken off; the text as it is when no such key is in it. */
export function patternIn(source: string): string {
  const key = KEY.exec(source);
  if (key === null) return source;
  // Quarkus writes the time of `%t` without brackets
  return key[0].includes('quarkus.') ? valueIn(source, key).replace(/%t\b/g, '%{begin}t') : valueIn(source, key);
}

function valueIn(source: string, key: RegExpExecArray): string {
  const value = source.slice(key.index + key[0].length);
  const block = BLOCK.exec(value);
  if (block !== null) return linesBelow(value.slice(block[0].length), key[1].length, block[1] === '|' ? '\n' : ' ');
  const [whole, single, double] = /^'((?:[^']|'')*)'|^"((?:[^"\\]|\\[^])*)"|^[^\n]*/.exec(value)!;
  if (single !== undefined) return single.replaceAll("''", "'");
  return double === undefined
    ? whole.trim()
    : double.replace(/\\([^])/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c).trim();
}

/** The lines that are indented deeper than their key, without what they are indented by. */
function linesBelow(text: string, indent: number, join: string): string {
  const lines = text.split('\n');
  const deep = lines.findIndex((line) => line.trim() !== '' && /^[ \t]*/.exec(line)![0].length <= indent);
  return (deep === -1 ? lines : lines.slice(0, deep))
    .map((line) => line.trim())
    .join(join)
    .trim();
}
