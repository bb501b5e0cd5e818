// A format that somebody declares as text: nginx's log_format, Apache's LogFormat, a GoAccess, HAProxy, Envoy, Caddy or Squid format. Told apart by their signs.
import { compileApache, looksLikeApache } from './apache.ts';
import { compileCaddy, looksLikeCaddy } from './caddy.ts';
import { compileEnvoy, looksLikeEnvoy } from './envoy.ts';
import { compileGoAccess, looksLikeGoAccess } from './goaccess.ts';
import { compileHaproxy, looksLikeHaproxy } from './haproxy.ts';
import { compileNginx, looksLikeNginx } from './nginx.ts';
import { compileSquid, looksLikeSquid } from './squid.ts';
import { patternIn } from './configured.ts';
import type { Format } from '../format.ts';
import { plainText } from '../wrapping/typeset.ts';
import { templateReaderOf } from './reordered-json.ts';
import type { Template } from '../layout/template.ts';

/** Longer than any log_format. */
const SOURCE_CHARS_MAX = 16 * 1024;
/** Variables, and the letters of their times: each is compared with those before it. */
const SIGNS_MAX = 512;

/** A Format that reads lines of the declared layout, or why there is none. */
export function compileFormat(pasted: string): Format | string {
  if (pasted.length > SOURCE_CHARS_MAX) return 'a format of more than 16 KiB is not a format';
  if (pasted.split(/[$%{]/, SIGNS_MAX + 1).length > SIGNS_MAX)
    return `a format with more than ${SIGNS_MAX} variables is not a format`;
  const source = patternIn(pasted),
    plain = plainText(source);
  const syntax = syntaxes.find(({ looksLike }) => looksLike(plain));
  if (syntax === undefined)
    return 'neither the name of a format nor a log_format ($status …), LogFormat (%>s …) or GoAccess log-format (%h %^[%d:%t %^] …)';
  // (that a pattern is written for XML tells whose it is)
  const template = syntax.compile(syntax.name === 'LogFormat' ? plainText(source, false) : plain);
  if (typeof template === 'string') return template;
  const { name, title, proxy } = syntax;
  return { name, title, proxy, samples: [], open: () => templateReaderOf(template) };
}

interface FormatSyntax {
  name: string;
  title: string;
  proxy: Format['proxy'];
  looksLike(source: string): boolean;
  /** A template, or why none can be made. */
  compile(source: string): Template | string;
}

/** The plainest signs first: `%s` alone may be Apache's or GoAccess's. */
const syntaxes: readonly FormatSyntax[] = [
  {
    name: 'envoy-format',
    title: 'an Envoy access log format',
    proxy: 'envoy',
    looksLike: looksLikeEnvoy,
    compile: compileEnvoy,
  },
  {
    name: 'haproxy-format',
    title: 'a HAProxy log-format',
    proxy: 'haproxy',
    looksLike: looksLikeHaproxy,
    compile: compileHaproxy,
  },
  {
    name: 'squid-format',
    title: 'a Squid logformat',
    proxy: 'squid',
    looksLike: looksLikeSquid,
    compile: compileSquid,
  },
  {
    name: 'goaccess-format',
    title: 'a GoAccess log-format',
    proxy: 'unknown',
    looksLike: (source) => looksLikeGoAccess(source) && !/%\{|%[<>]s/.test(source),
    compile: compileGoAccess,
  },
  {
    name: 'log_format',
    title: 'an nginx log_format',
    proxy: 'nginx',
    looksLike: (source) => looksLikeNginx(source) && !/^[ \t]*(?:LogFormat|CustomLog)\s/im.test(source),
    compile: compileNginx,
  },
  {
    name: 'caddy-format',
    title: 'a Caddy line format',
    proxy: 'caddy',
    looksLike: looksLikeCaddy,
    compile: compileCaddy,
  },
  {
    name: 'LogFormat',
    title: 'an Apache LogFormat',
    proxy: 'apache',
    looksLike: looksLikeApache,
    compile: compileApache,
  },
];
