// An Apache LogFormat (or CustomLog) as it stands in the configuration, or bare, as a template. Tomcat's, Jetty's, lighttpd's, varnishncsa's and
// Python servers' patterns are the same language.
import { fromJava, isJavaTime } from './java-time.ts';
import { evidence, NOTHING, templateOf, type Slot, type Template, type Use } from '../layout/template.ts';

const NICKNAMES: Readonly<Record<string, string>> = {
  vhost_combined: '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"',
  combinedio: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %I %O',
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
};

// %…: modifiers, an argument in braces, the letter (^ti and the like are two-letter)
const DIRECTIVE = /%(?:[!\d,<>]*)(?:\{([^{}]*)\})?([<>]?)(\^\w{2}|[a-zA-Z])/g;
const CLIENT_HEADERS = new Set(['x-forwarded-for', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip']);
const MS_OF: Readonly<Record<string, number>> = { ms: 1, us: 0.001, s: 1000 };
/** `%>s` is what the client got; `%s` and `%<s` are what the request had before a redirect inside Apache. */
const FINAL_STATUS = /^%[!\d,]*>/;

export const looksLikeApache = (source: string): boolean =>
  /%>?s/.test(source) || /%[hlutrbDTvmUq]\b|%\{|%\([a-zA-Z]\)s|%\(request_line\)s/.test(source) || /%%s/.test(source);

/** Gunicorn and Hypercorn write `%(h)s` for `%h`, and have letters of their own; uvicorn has names. */
const GUNICORN: Readonly<Record<string, string>> = {
  t: '[%{begin}t]',
  f: '%{Referer}i',
  a: '%{User-Agent}i',
  M: '%{ms}T',
  L: '%{sec}T',
  Uq: '%U%q',
  client_addr: '%a',
  request_line: '%r',
  status_code: '%>s %{phrase}x',
  asctime: '%{%Y-%m-%d %H:%M:%S,%L}t',
};
const fromGunicorn = (text: string): string =>
  text.replace(/%\((?:(\w+)|(\{[^{}]*\}[ioe]))\)s/g, (_, name?: string, header?: string) =>
    name === undefined ? `%${header}` : (GUNICORN[name] ?? (name.length === 1 ? `%${name}` : `%{${name}}x`)),
  );

/** Undertow (WildFly, Quarkus) has long names for the letters, and puts the kind of an argument before it: `%{i,User-Agent}`. */
const UNDERTOW: Readonly<Record<string, string>> = {
  REQUEST_LINE: '%r',
  RESPONSE_CODE: '%s',
  METHOD: '%m',
  REQUEST_URL: '%U',
  BYTES_SENT: '%b',
  RESPONSE_TIME: '%{ms}T',
  REMOTE_IP: '%a',
  REMOTE_HOST: '%h',
  DATE_TIME: '%{begin}t',
};
const fromUndertow = (text: string): string =>
  text.replace(
    /%\{(?:([ioc]),([^{}]*)|([A-Z_]+))\}(?![a-zA-Z])/g,
    (_, kind?: string, argument?: string, name?: string) =>
      kind === undefined ? (UNDERTOW[name!] ?? `%{${name}}x`) : `%{${argument}}${kind}`,
  );

/** In front of a pattern, in configurations and command lines. */
const DIRECTIVE_NAME =
  /(?:^|\n)[ \t]*(?:LogFormat|CustomLog|TransferLog|GlobalLog|accesslog\.format\s*=|access_log_format\s*[=:])\s*([^]*)|(?:^|\s)--access-logformat[ =]\s*([^]*)/i;
const VARNISH = /\bvarnishncsa\b([^]*)/i,
  VARNISH_OPTION = /^[^\n]*?\s-F\s*([^]*)/;
/** Texts in single quotes, one after the other: Python's and shells'. */
const SINGLE_QUOTED = /^\(?\s*((?:'(?:[^'\\]|\\[^])*'\s*)+)/;

/** The pattern between the quotes, with the escapes of Apache's, lighttpd's, Python's, systemd's (%%) or Tomcat's (XML) configuration undone. */
function apacheText(text: string): string {
  const valve = /\spattern="([^"]*)"/.exec(text);
  const plain = (valve?.[1] ?? text).replaceAll('&quot;', '"');
  const source = fromGunicorn(
    /%%[a-z{]/i.test(plain) && !/(?:^|[^%])%[a-z{<>(]/i.test(plain) ? plain.replaceAll('%%', '%') : plain,
  );
  const directive = DIRECTIVE_NAME.exec(source);
  const named = directive?.[1] ?? directive?.[2] ?? VARNISH_OPTION.exec(VARNISH.exec(source)?.[1] ?? '')?.[1];
  const rest = (named ?? source).trim();
  const single = SINGLE_QUOTED.exec(rest);
  if (single !== null)
    return unescaped([...single[1].matchAll(/'((?:[^'\\]|\\[^])*)'?/g)].map(([, inside]) => inside).join(''));
  const strings = [...rest.matchAll(/"((?:[^"\\]|\\[^])*)("?)/g)]
    .filter(([, , end]) => end !== '')
    .map(([, inside]) => inside);
  // Of a directive the quoted text with a status in it is the pattern; a bare pattern may hold plain quotes itself.
  const quoted =
    named !== undefined ||
    (/^"[^]*"$/.test(rest) && strings.length === 1 && rest.length > 2) ||
    /^"(?:[^"\\]|\\[^])*"\s+[\w-]+$/.test(rest);
  const pattern = quoted ? (strings.find((text) => text.includes('%')) ?? rest) : rest;
  return unescaped(pattern);
}

const unescaped = (text: string): string =>
  text.replace(/\\(["'\\tn])/g, (_, c: string) => (c === 't' ? '\t' : c === 'n' ? '\n' : c));

/** What only Tomcat has in a pattern: attributes, the session, and XML around it. Its `%D` is ms up to version 9. */
const TOMCAT = /%\{[^{}]*\}[sr](?![a-zA-Z])|%S(?![a-zA-Z])|&quot;|<Valve\b|AccessLogValve/;

export function compileApache(source: string): Template | string {
  const text = NICKNAMES[source.trim()] ?? fromUndertow(apacheText(source));
  const slots: Slot[] = [];
  const isTomcat = TOMCAT.test(source);
  let prefix = '',
    last = 0,
    status = false;
  const literal = (end: number): void => {
    const between = text.slice(last, end).replaceAll('%%', '%');
    if (slots.length === 0) prefix += between;
    else slots[slots.length - 1].literal += between;
  };
  for (const match of text.matchAll(DIRECTIVE)) {
    const [whole, argument, , letter] = match;
    if (text[match.index - 1] === '%' && text[match.index - 2] !== '%') continue; // %%s is a percent sign and an s
    literal(match.index);
    last = match.index + whole.length;
    status ||= letter === 's' && argument === undefined;
    // `%t` stands for the time in brackets; Logback's, which stands in brackets already, for the time alone
    const isBracketed =
      letter === 't' &&
      (argument === undefined || argument === '') &&
      !(text[match.index - 1] === '[' && text[last] === ']');
    if (isBracketed) bracket(slots, (text_) => (prefix += text_));
    slots.push({ name: whole, use: useOf(letter, argument, isTomcat), literal: isBracketed ? ']' : '' });
  }
  literal(text.length);
  if (!status) return 'this LogFormat has no %s: add %>s, the final status';
  return templateOf(prefix, onceEach(slots));
}

function bracket(slots: Slot[], toPrefix: (text: string) => void): void {
  if (slots.length === 0) toPrefix('[');
  else slots[slots.length - 1].literal += '[';
}

function useOf(letter: string, argument: string | undefined, isTomcat: boolean): Use {
  // Tomcat's attributes of the session and of the request
  if (argument !== undefined && (letter === 's' || letter === 'r')) return NOTHING;
  switch (letter) {
    case 's':
      return { as: 'status' };
    case 'h':
    case 'a':
      return { as: 'client' };
    case 'r':
      return { as: 'request' };
    case 'm':
      return { as: 'method' };
    case 'U':
      return { as: 'url' };
    case 'v':
    case 'V':
      return { as: 'host' };
    case 'b':
    case 'B':
    case 'O':
      return { as: 'size' };
    case 'D':
      return { as: 'duration', unitMs: isTomcat ? 1 : 0.001 };
    case 'T':
      return { as: 'duration', unitMs: MS_OF[argument ?? 's'] ?? 1000 };
    case 't':
      return timeOf(argument);
    case 'i':
      return headerOf((argument ?? '').toLowerCase());
    case 'e':
    case 'n':
      return argument === 'BALANCER_WORKER_NAME' ? { as: 'service' } : NOTHING;
    default:
      return NOTHING;
  }
}

function headerOf(name: string): Use {
  if (name === 'host' || name === 'x-forwarded-host') return { as: 'host' };
  if (name === 'user-agent') return evidence('userAgent');
  return CLIENT_HEADERS.has(name) ? { as: 'client' } : NOTHING;
}

function timeOf(argument: string | undefined): Use {
  const format = argument?.replace(/^(?:begin|end):/, '') ?? '';
  if (format === '' || format === 'begin' || format === 'end') return { as: 'clf' };
  if (format === 'sec' || format === 'msec' || format === 'usec') return { as: 'epoch' };
  if (format === 'msec_frac') return { as: 'strptime', format: '%L' };
  if (format === 'usec_frac') return { as: 'strptime', format: '%f' };
  return { as: 'strptime', format: isJavaTime(format) ? fromJava(format) : format };
}

/** The first of several fields that say the same is read; of clients the first, of sizes %b before %O, of statuses the final one. */
function onceEach(slots: Slot[]): Slot[] {
  const seen = new Set<string>();
  const hasFinal = slots.some(({ name }) => FINAL_STATUS.test(name));
  return slots.map((slot) => {
    const { as } = slot.use;
    if (as === 'status' && hasFinal && !FINAL_STATUS.test(slot.name)) return { ...slot, use: NOTHING };
    if (as === 'nothing' || as === 'strptime' || as === 'evidence') return slot;
    if (seen.has(as) || ((as === 'method' || as === 'url') && slots.some(({ use }) => use.as === 'request')))
      return { ...slot, use: NOTHING };
    seen.add(as);
    return slot;
  });
}
