// Whether a log format can tell who failed: reads the formats out of an nginx, HAProxy or Apache configuration and says what to add.

export interface FormatAdvice {
  /** "log_format main" */
  what: string;
  line: number;
  /** Nothing to add when empty. */
  missing: readonly string[];
  says: string;
  /** The line to paste instead; '' when all is there. */
  paste: string;
}

interface Wanted {
  variable: string;
  why: string;
  /** Its name in text ("uc=") and in JSON. */
  short: string;
}

/** Without these a 502 or 504 made by nginx looks like one that the upstream sent. */
const NEEDED: readonly Wanted[] = [
  { variable: '$upstream_addr', why: 'which instance, and whether one was tried', short: 'ua' },
  { variable: '$upstream_status', why: 'what each attempt gave', short: 'us' },
  { variable: '$upstream_connect_time', why: 'whether a connection stood', short: 'uc' },
  { variable: '$upstream_header_time', why: 'whether the upstream answered', short: 'uh' },
];
const USEFUL: readonly Wanted[] = [
  { variable: '$upstream_bytes_received', why: 'closed, broken or oversized header', short: 'ub' },
  { variable: '$upstream_response_time', why: 'timeouts of single attempts', short: 'ut' },
  { variable: '$request_time', why: 'slow or timed out', short: 'rt' },
  { variable: '$host', why: 'one host or all', short: 'host' },
  { variable: '$limit_req_status', why: 'a limit or an outage', short: 'lr' },
];

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** Every format in the configuration; empty when it is none of the three kinds. */
export function lintConfiguration(text: string): FormatAdvice[] {
  return [...nginxFormats(text), ...haproxyFormats(text), ...apacheFormats(text)];
}

/** An nginx log_format's text, as given with --format or in our own configuration. */
export function lintNginxFormat(format: string, what: string, line = 1): FormatAdvice {
  const has = (variable: string): boolean =>
    new RegExp(`\\${variable}(?![a-z_])|\\$\\{${variable.slice(1)}\\}`).test(format);
  if (!has('$status'))
    return {
      what,
      line,
      missing: ['$status'],
      says: `${what} has no $status: nothing can be counted from it.`,
      paste: '',
    };
  const needed = NEEDED.filter((w) => !has(w.variable));
  const useful = USEFUL.filter(
    (w) => !has(w.variable) && !(w.variable === '$host' && (has('$http_host') || has('$server_name'))),
  );
  if (needed.length === 0 && useful.length === 0)
    return { what, line, missing: [], says: `${what} can tell who failed.`, paste: '' };
  const missing = [...needed, ...useful];
  const says =
    needed.length > 0
      ? `${what} cannot tell your 502 from your app's: add ${list(needed)}${useful.length > 0 ? ` (and, for more: ${list(useful)})` : ''}.`
      : `${what} can tell who failed; more would be known with ${list(useful)} (${useful.map((w) => w.why).join('; ')}).`;
  return { what, line, missing: missing.map((w) => w.variable), says, paste: extended(format, what, missing) };
}

/** `label:value` between tabs, written as such or as \t. */
const LTSV = /^\s*[\w.-]+:[^\t]*?(?:\\t|\t)[\w.-]+:/;

const list = (wanted: readonly Wanted[]): string =>
  wanted.map((w) => w.variable).join(wanted.length === 2 ? ' and ' : ', ');

function extended(format: string, what: string, missing: readonly Wanted[]): string {
  const name = /^log_format (\S+)/.exec(what)?.[1] ?? 'fivealarm';
  const json = /^\s*\{[\s\S]*\}\s*$/.exec(format);
  if (json)
    return `log_format ${name} escape=json '${format.trimEnd().slice(0, -1)}${missing.map((w) => `,"${w.variable.slice(1)}":"${w.variable}"`).join('')}}';`;
  if (LTSV.test(format))
    return `log_format ${name} '${format.trimEnd()}${missing.map((w) => `\\t${w.variable.slice(1)}:${w.variable}`).join('')}';`;
  return `log_format ${name} '${format.trimEnd()}${missing.map((w) => ` ${w.short}="${w.variable}"`).join('')}';`;
}

const NGINX = /\blog_format\s+(\S+)\s+(?:escape=\w+\s+)?((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s;'"]+|\s+)+);/g;
const NGINX_DEFAULT = /\baccess_log\s+(?!off\b)([^\s;]+)(?:\s+([\w-]+))?\s*;/g;

function nginxFormats(text: string): FormatAdvice[] {
  const uncommented = text.replace(/^\s*#.*$/gm, (comment) => ' '.repeat(comment.length));
  const found = [...uncommented.matchAll(NGINX)].map((m) => {
    const format = [...m[2].matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s'"]+)/g)]
      .map((part) => part[1] ?? part[2] ?? part[3])
      .join('');
    return lintNginxFormat(format, `log_format ${m[1]}`, lineOf(uncommented, m.index));
  });
  for (const m of uncommented.matchAll(NGINX_DEFAULT)) {
    if (m[2] !== undefined && m[2] !== 'combined' && m[2] !== 'main') continue;
    if (m[2] === 'main' && found.some((f) => f.what === 'log_format main')) continue;
    found.push({
      ...lintNginxFormat(
        '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
        'log_format fivealarm',
        lineOf(uncommented, m.index),
      ),
      what: `access_log ${m[1]} (combined)`,
    });
  }
  return found.map((f) =>
    f.what.startsWith('access_log') ? { ...f, says: f.says.replace('log_format fivealarm', f.what) } : f,
  );
}

const HAPROXY_SECTION = /^(defaults|frontend|listen)\b.*$/gm;

function haproxyFormats(text: string): FormatAdvice[] {
  if (!/^\s*(backend|frontend|defaults|listen)\b/m.test(text) || !/^\s*(bind|server|mode|timeout)\s/m.test(text))
    return [];
  const found: FormatAdvice[] = [];
  const defaults = [...text.matchAll(/^defaults\b[\s\S]*?(?=^\S|$(?![\s\S]))/gm)].map((m) => m[0]).join('\n');
  for (const m of text.matchAll(HAPROXY_SECTION)) {
    if (m[1] === 'defaults') continue;
    const rest = text.slice(m.index + m[0].length);
    const section = rest.slice(0, /^\S/m.exec(rest.replace(/^\n/, ' '))?.index ?? rest.length);
    if (
      /^\s*mode\s+tcp\b/m.test(section) ||
      (/^\s*mode\s+tcp\b/m.test(defaults) && !/^\s*mode\s+http\b/m.test(section))
    )
      continue;
    const what = m[0].trim(),
      line = lineOf(text, m.index);
    const custom = /^\s*log-format\s+(.+)$/m.exec(section) ?? /^\s*log-format\s+(.+)$/m.exec(defaults);
    if (custom) {
      const missing = [
        ['%ts', /%tsc?\b/],
        ['%ST', /%ST\b/],
        ['%b/%s', /%s\b/],
        ['%TR/%Tw/%Tc/%Tr/%Ta', /%Tc\b/],
      ]
        .filter(([, is]) => !(is as RegExp).test(custom[1]))
        .map(([name]) => name as string);
      found.push({
        what,
        line,
        missing,
        says:
          missing.length === 0
            ? `${what}: its log-format can tell who failed.`
            : `${what}: its log-format lacks ${missing.join(', ')}; without them a 502, 503 or 504 has no author.`,
        paste: missing.length === 0 ? '' : '    option httplog',
      });
    } else if (/^\s*option\s+httplog\b/m.test(section) || /^\s*option\s+httplog\b/m.test(defaults)) {
      found.push({ what, line, missing: [], says: `${what} can tell who failed (option httplog).`, paste: '' });
    } else
      found.push({
        what,
        line,
        missing: ['option httplog'],
        says: `${what} does not log HTTP: no status, no termination state. Add "option httplog".`,
        paste: '    option httplog',
      });
  }
  return found;
}

function apacheFormats(text: string): FormatAdvice[] {
  return [...text.matchAll(/^\s*LogFormat\s+"((?:[^"\\]|\\.)*)"(?:\s+(\S+))?/gm)].map((m) => {
    const what = `LogFormat ${m[2] ?? ''}`.trim(),
      line = lineOf(text, m.index);
    const missing = [
      ['%>s', /%>?s/],
      ['%D', /%\{?[DT]/],
      ['%{BALANCER_WORKER_NAME}e', /BALANCER_WORKER_NAME|%\{.*(backend|worker).*\}/i],
    ]
      .filter(([, is]) => !(is as RegExp).test(m[1]))
      .map(([name]) => name as string);
    return {
      what,
      line,
      missing,
      says:
        missing.length === 0
          ? `${what} has what Apache can log; who failed behind mod_proxy stands in the error log (AH numbers).`
          : `${what} lacks ${missing.join(', ')}: with mod_proxy it cannot say which backend failed. The reason itself stands in the error log (AH numbers).`,
      paste:
        missing.length === 0
          ? ''
          : `LogFormat "${m[1]}${missing
              .filter((v) => v !== '%>s')
              .map((v) => ` ${v}`)
              .join('')}" ${m[2] ?? 'fivealarm'}`,
    };
  });
}
