// A sentence in which some parts are more than text: a link, a time, a word that stands out. It is data, so that each language
// puts the parts where its grammar wants them; components/rich-text.svelte draws them.
export type Part =
  | { kind: 'strong' | 'code' | 'key'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'time'; at: number; as: TimeStyle };
export type TimeStyle = 'short' | 'ago' | 'clock';
export type RichText = readonly (string | Part)[];

/** rich`Send ${strong('one line')}, or ${link('/setup', 'try a format')}.` An optional clause is a rich text itself, or ''. */
export const rich = (texts: TemplateStringsArray, ...parts: (string | Part | RichText)[]): RichText =>
  texts.flatMap((text, i) => [text, parts[i] ?? ''].flat()).filter((part) => part !== '');

export const strong = (text: string): Part => ({ kind: 'strong', text });
export const code = (text: string): Part => ({ kind: 'code', text });
/** A key of the keyboard. */
export const key = (text: string): Part => ({ kind: 'key', text });
export const link = (href: string, text: string): Part => ({ kind: 'link', href, text });
/** ms since the epoch, shown in the zone that the visitor chose. */
export const time = (at: number, as: TimeStyle = 'short'): Part => ({ kind: 'time', at, as });
