// Puts an incident's own values into commands to copy. The values come from log lines, so anyone can have written them: each is
// quoted for a shell.

export type Values = ReadonlyMap<string, string>;

const SAFE = /^[A-Za-z0-9_.:@%+=,/[\]~-]+$/;
/** Letters of control, and those that turn the direction of text round so that a command reads as another. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g;
const VALUE_MAX = 200;

export const printable = (text: string, max = VALUE_MAX): string => text.replace(CONTROL, '').slice(0, max);

/** One shell word. */
export function quoted(text: string): string {
  const word = printable(text);
  return SAFE.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A word of the command with its values in it, quoted as a whole: http://{upstream}{path} → 'http://10.0.0.3:8080/a b'. */
const WORD = /[^\s"';|&()]+/g;
const NAME = /\{([a-z]+)\}/g;

/** The command with its values; undefined when it asks for one that is not known. */
export function fill(command: string, values: Values): string | undefined {
  let known = true;
  const text = command.replace(WORD, (word) => {
    const filled = word.replace(NAME, (whole, name: string) => {
      if (!NAMES.has(name)) return whole;
      const value = values.get(name);
      if (value === undefined || value === '') known = false;
      return value ?? '';
    });
    return filled === word ? word : quoted(filled);
  });
  return known ? text : undefined;
}

/** Braces of awk, curl and Caddy are left alone. */
const NAMES = new Set(['upstream', 'backend', 'host', 'route', 'path', 'client', 'source', 'code', 'from', 'to']);
