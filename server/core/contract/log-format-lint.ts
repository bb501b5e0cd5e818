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

/** Says which line a place is on; asked for one place after the other. */
function linesOf(text: string): (at: number) => number {
  let line = 1,
    next = text.indexOf('\n');
  return (at) => {
    for (; next !== -1 && next < at; line++) next = text.indexOf('\n', next + 1);
    return line;
  };
}

/** Every format in the configuration; empty when it is none of the three kinds. */
export function lintConfiguration(text: string): FormatAdvice[] {
  const found = [...nginxFormats(text), ...haproxyFormats(text), ...apacheFormats(text)];
  if (found.length <= FORMATS_MAX) return found;
  const { line } = found[FORMATS_MAX];
  return [
    ...found.slice(0, FORMATS_MAX),
    { what: 'the rest', line, missing: [], says: `only the first ${FORMATS_MAX} formats were looked at.`, paste: '' },
  ];
}

/** More than any configuration has. */
const FORMATS_MAX = 200;

/** An nginx log_format's text, as given with --format or in our own configuration. */
export function lintNginxFormat(format: string, what: string, line = 1): FormatAdvice {
  const has = (variable: string): boolean => hasVariable(format, variable);
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

/** `$status` and `${status}`, not `$status_code`. */
function hasVariable(format: string, variable: string): boolean {
  if (format.includes(`\${${variable.slice(1)}}`)) return true;
  let at = format.indexOf(variable);
  while (at !== -1 && /[a-z_]/.test(format.charAt(at + variable.length))) at = format.indexOf(variable, at + 1);
  return at !== -1;
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

const NGINX = /\blog_format\s+(\S+)\s+(?:escape=\w+\s+)?/g;
/** One word of the directive, in quotes or bare, or its end. A quote that nobody closed goes on to the end of the file. */
const TOKEN = /\s*(?:'((?:[^'\\]|\\[^])*)'?|"((?:[^"\\]|\\[^])*)"?|([^\s;'"]+)|(;))/y;
const NGINX_DEFAULT = /\baccess_log\s+(?!off\b)([^\s;]+)(?:\s+([\w-]+))?\s*;/g;

function nginxFormats(text: string): FormatAdvice[] {
  const uncommented = text.replace(/^[ \t]*#.*/gm, (comment) => ' '.repeat(comment.length));
  const found: FormatAdvice[] = [];
  let lineOf = linesOf(uncommented);
  NGINX.lastIndex = 0;
  for (let m = NGINX.exec(uncommented); m !== null; m = NGINX.exec(uncommented)) {
    const { format, end } = directiveAt(uncommented, NGINX.lastIndex);
    if (format !== undefined) found.push(lintNginxFormat(format, `log_format ${m[1]}`, lineOf(m.index)));
    NGINX.lastIndex = end;
    if (found.length > FORMATS_MAX) return found;
  }
  lineOf = linesOf(uncommented);
  const hasMain = found.some((f) => f.what === 'log_format main');
  for (const m of uncommented.matchAll(NGINX_DEFAULT)) {
    if (found.length > FORMATS_MAX) break;
    if (m[2] !== undefined && m[2] !== 'combined' && m[2] !== 'main') continue;
    if (m[2] === 'main' && hasMain) continue;
    found.push({
      ...lintNginxFormat(
        '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
        'log_format fivealarm',
        lineOf(m.index),
      ),
      what: `access_log ${m[1]} (combined)`,
    });
  }
  return found.map((f) =>
    f.what.startsWith('access_log') ? { ...f, says: f.says.replace('log_format fivealarm', f.what) } : f,
  );
}

/** The words of the directive from `at` on, put together, and where it ends; no format when it has no end. */
function directiveAt(text: string, at: number): { format?: string; end: number } {
  const words: string[] = [];
  TOKEN.lastIndex = at;
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    at = TOKEN.lastIndex;
    if (token[4] !== undefined) return { format: words.join(''), end: at };
    words.push(token[1] ?? token[2] ?? token[3]);
  }
  return { end: at };
}

/** A section's first line and what stands below it, indented. */
interface Section {
  head: string;
  body: string;
  at: number;
}

function sectionsOf(text: string): Section[] {
  const heads = [...text.matchAll(/^\S.*/gm)];
  return heads.map(({ 0: head, index: at }, i) => ({
    head,
    body: text.slice(at + head.length, heads[i + 1]?.index),
    at,
  }));
}

const TCP = /^[ \t]*mode\s+tcp\b/m,
  HTTPLOG = /^[ \t]*option\s+httplog\b/m,
  LOG_FORMAT = /^[ \t]*log-format[ \t]+(.+)/m;

function haproxyFormats(text: string): FormatAdvice[] {
  if (!/^[ \t]*(backend|frontend|defaults|listen)\b/m.test(text) || !/^[ \t]*(bind|server|mode|timeout)\s/m.test(text))
    return [];
  const found: FormatAdvice[] = [];
  const sections = sectionsOf(text),
    lineOf = linesOf(text);
  const defaults = sections
    .filter(({ head }) => /^defaults\b/.test(head))
    .map(({ body }) => body)
    .join('\n');
  for (const { head, body: section, at } of sections) {
    if (!/^(?:frontend|listen)\b/.test(head) || found.length > FORMATS_MAX) continue;
    if (TCP.test(section) || (TCP.test(defaults) && !/^[ \t]*mode\s+http\b/m.test(section))) continue;
    const what = head.trim(),
      line = lineOf(at);
    const custom = LOG_FORMAT.exec(section) ?? LOG_FORMAT.exec(defaults);
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
    } else if (HTTPLOG.test(section) || HTTPLOG.test(defaults)) {
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
  const lineOf = linesOf(text);
  return [...text.matchAll(/^[ \t]*LogFormat\s+"((?:[^"\\]|\\.)*)"(?:\s+(\S+))?/gm)]
    .slice(0, FORMATS_MAX + 1)
    .map((m) => {
      const what = `LogFormat ${m[2] ?? ''}`.trim(),
        line = lineOf(m.index);
      const namesWorker = [...m[1].matchAll(/%\{([^{}]*)\}/g)].some(([, name]) => /backend|worker/i.test(name));
      const missing = [
        ['%>s', /%>?s/.test(m[1])],
        ['%D', /%\{?[DT]/.test(m[1])],
        ['%{BALANCER_WORKER_NAME}e', namesWorker],
      ]
        .filter(([, is]) => is === false)
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
