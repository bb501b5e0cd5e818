// A format that somebody declares as text: nginx's log_format, Apache's LogFormat or a GoAccess log-format. Told apart by their signs.
import { compileApache, looksLikeApache } from './compile-apache.ts';
import { compileGoAccess, looksLikeGoAccess } from './compile-goaccess.ts';
import { compileNginx, looksLikeNginx } from './compile-nginx.ts';
import type { Format } from './format.ts';
import { suppliesOf, TemplateReader, type Template } from './template.ts';

/** Longer than any log_format. */
const SOURCE_CHARS_MAX = 16 * 1024;

/** A Format that reads lines of the declared shape, or why there is none. */
export function compileFormat(source: string): Format | string {
  if (source.length > SOURCE_CHARS_MAX) return 'a format of more than 16 KiB is not a format';
  const [kind, title, proxy, compile] = dialectOf(source);
  if (kind === undefined) return 'neither the name of a format nor a log_format ($status …), LogFormat (%>s …) or GoAccess log-format (%h %^[%d:%t %^] …)';
  const template: Template | string = compile(source);
  if (typeof template === 'string') return template;
  return { name: kind, title, proxy, supplies: suppliesOf(template), samples: [], open: () => new TemplateReader(template) };
}

type Dialect = [kind: string, title: string, proxy: Format['proxy'], compile: (source: string) => Template | string];

function dialectOf(source: string): Dialect | [undefined, '', 'unknown', typeof compileNginx] {
  if (looksLikeGoAccess(source) && !/%\{|%[<>]s/.test(source)) return ['goaccess-format', 'a GoAccess log-format', 'unknown', compileGoAccess];
  if (looksLikeNginx(source)) return ['log_format', 'an nginx log_format', 'nginx', compileNginx];
  if (looksLikeApache(source)) return ['LogFormat', 'an Apache LogFormat', 'apache', compileApache];
  return [undefined, '', 'unknown', compileNginx];
}
