// A number with its noun, in the plural categories that a language has: two in English and German, up to six elsewhere.
import { count } from '../lib/format.ts';

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** `pluralIn('en')(2, { one: 'line', other: 'lines' })` → "2 lines" */
export function pluralIn(language: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  return (n, forms) => `${count(n)} ${forms[rules.select(n)] ?? forms.other}`;
}
