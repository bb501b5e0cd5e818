// An nginx log_format, pasted as it stands in the configuration (directive, quotes, several lines, JSON-shaped) or bare, as a template.
import { evidence, evidenceList, templateOf, type Slot, type Template, type Use } from '../layout/template.ts';

const seconds: Use = { as: 'duration', unitMs: 1000 };

/** nginx's variables that tell something about an exchange. Anything else is skipped over. */
const VARIABLES = new Map<string, Use>(
  Object.entries({
    status: { as: 'status' },
    request: { as: 'request' },
    request_method: { as: 'method' },
    request_uri: { as: 'url' },
    uri: { as: 'url' },
    document_uri: { as: 'url' },
    time_local: { as: 'clf' },
    time_iso8601: { as: 'iso' },
    msec: { as: 'epoch' },
    host: { as: 'host' },
    http_host: { as: 'host' },
    server_name: { as: 'host' },
    remote_addr: { as: 'client' },
    realip_remote_addr: { as: 'client' },
    proxy_protocol_addr: { as: 'client' },
    http_x_real_ip: { as: 'client' },
    http_x_forwarded_for: { as: 'client' },
    proxy_add_x_forwarded_for: { as: 'client' },
    http_cf_connecting_ip: { as: 'client' },
    http_true_client_ip: { as: 'client' },
    request_time: seconds,
    request_time_s: seconds,
    body_bytes_sent: { as: 'size' },
    bytes_sent: { as: 'size' },
    upstream_addr: evidenceList('upstream'),
    upstream_status: evidenceList('upstreamStatus'),
    upstream_connect_time: evidenceList('connectTime'),
    upstream_header_time: evidenceList('headerTime'),
    upstream_response_time: evidenceList('responseTime'),
    upstream_bytes_received: evidenceList('upstreamBytes'),
    upstream_response_length: evidenceList('upstreamLength'),
    proxy_host: evidence('upstream'),
    upstream_name: evidence('upstream'),
    proxy_upstream_name: evidence('upstream'),
    limit_req_status: evidence('limit'),
    limit_conn_status: evidence('limit'),
    upstream_cache_status: evidence('result'),
    http_user_agent: evidence('userAgent'),
  } satisfies Record<string, Use>),
);

/** When several variables fill the same field, the one named first here is read and the others are skipped over. */
const PREFERENCES: readonly (readonly string[])[] = [
  [
    'remote_addr',
    'http_x_real_ip',
    'http_cf_connecting_ip',
    'http_true_client_ip',
    'http_x_forwarded_for',
    'proxy_add_x_forwarded_for',
    'realip_remote_addr',
    'proxy_protocol_addr',
  ],
  ['body_bytes_sent', 'bytes_sent'],
  ['host', 'http_host', 'server_name'],
  ['upstream_addr', 'upstream_name', 'proxy_upstream_name', 'proxy_host'],
  ['msec', 'time_iso8601', 'time_local'],
  ['request', 'request_uri', 'uri', 'document_uri'],
  ['request', 'request_method'],
  ['limit_req_status', 'limit_conn_status'],
];
/** Lists that stand unquoted in front of a blank hold blanks themselves, so they are delimited as lists even when nobody reads them. */
const LISTS = new Set(['upstream_bytes_sent', 'upstream_first_byte_time', 'upstream_session_time']);

/** Variables of a map or of Lua that may hold the time, or a part of it. */
const OWN_TIME = /time|date|stamp|now|msec|millis|usec|year|month|day|hour|minute|second|^ts$/i,
  NOT_OWN = /^(?:request|upstream|http|sent_http|cookie|arg|ssl|tcpinfo|connection|session|proxy|fastcgi)_/;
/** What stands between the parts of one. */
const BETWEEN_PARTS = /^[-.,: T/]?$/;

/** Variables that only the stream module has, and such as it has not. */
const STREAM = /^(?:session_time|protocol|bytes_received|ssl_preread_\w+)$/,
  HTTP = /^(?:request\w*|uri|document_uri|http_\w+|body_bytes_sent|server_protocol)$/;

export const looksLikeNginx = (source: string): boolean => /\$\{?[a-z_][a-z0-9_]*/i.test(source);

/** The format's text, as nginx sees it after its own quoting (and a shell's, which writes `\\$` into a configuration). */
function nginxText(pasted: string): { text: string; json: boolean } {
  const source = pasted.replaceAll('\\$', '$');
  const directive = /(?:^|[\s;'"])log_format\s+(\S+)\s+([^]*)/.exec(source);
  let rest = (directive === null ? source : directive[2]).trim();
  const escape = /^escape=(\w+)\s+/.exec(rest);
  if (escape !== null) rest = rest.slice(escape[0].length);
  rest = closed(rest);
  const quoted = directive !== null || rest[0] === "'" || /^"(?:[^"\\]|\\[^])*"\s*;?$/.test(rest);
  const bare = rest.replace(/;\s*$/, '').replace(/\\(["t])/g, (_, c: string) => (c === 't' ? '\t' : c));
  const text = quoted ? tokensOf(rest).join('') : bare;
  return { text, json: escape?.[1] === 'json' || /^\s*\{\s*"/.test(text) };
}

/** A quote lost in copying, at either end, is put back. */
function closed(text: string): string {
  if (text.split("'").length !== 2) return text;
  const trimmed = text.trimEnd(),
    end = trimmed.endsWith(';') ? trimmed.slice(0, -1).trimEnd() : text;
  return text[0] === "'" ? `${end}'` : end.endsWith("'") ? `'${end}` : text;
}

/** nginx's own tokens: quoted strings with their escapes undone, bare words, up to the semicolon. */
function tokensOf(source: string): string[] {
  const tokens: string[] = [];
  for (const [, single, double, word] of source.matchAll(
    /'((?:[^'\\]|\\[^])*)'?|"((?:[^"\\]|\\[^])*)"?|(;|#[^\n]*|[^\s;'"]+)/g,
  )) {
    if (word === ';') break;
    if (word?.startsWith('#')) continue;
    tokens.push(
      (single ?? double ?? word).replace(/\\(["'\\trn])/g, (_, c: string) => ({ t: '\t', r: '\r', n: '\n' })[c] ?? c),
    );
  }
  return tokens;
}

const TIMES: ReadonlySet<string> = new Set<Use['as']>(['clf', 'iso', 'epoch', 'strptime']);

/** `[$time_p1.$millis$time_p2]`: of a format without nginx's own time, the first variables that may hold one. */
function withOwnTime(slots: readonly Slot[]): Slot[] {
  const isTime = ({ name, use }: Slot): boolean =>
    use.as === 'nothing' && OWN_TIME.test(name) && !NOT_OWN.test(name.slice(1));
  const first = slots.findIndex(isTime);
  if (first === -1) return [...slots];
  let last = first;
  while (last + 1 < slots.length && BETWEEN_PARTS.test(slots[last].literal) && isTime(slots[last + 1])) last++;
  const { literal } = slots[last];
  return [
    ...slots.slice(0, first),
    { name: slots[first].name, use: { as: 'time' }, literal },
    ...slots.slice(last + 1),
  ];
}

/** The template of a log_format, or why it is of no use. */
export function compileNginx(source: string): Template | string {
  const { text, json } = nginxText(source);
  const pieces = text.split(/\$(?:\{(\w+)\}|(\w+))/g); // literal, ${name}, $name, literal, …
  const names: string[] = [];
  for (let i = 1; i < pieces.length; i += 3) names.push(pieces[i] ?? pieces[i + 1]);
  if (!names.includes('status')) {
    return `this log_format has no $status${names.includes('upstream_status') ? ' ($upstream_status is not what the client got)' : ''}: add $status to it`;
  }
  if (names.some((name) => STREAM.test(name)) && !names.some((name) => HTTP.test(name)))
    return "this is a log_format of nginx's stream module: its $status is that of a TCP or UDP session, no HTTP status";
  const spare = new Set(PREFERENCES.flatMap((list) => list.filter((name) => names.includes(name)).slice(1)));
  const slots = names.map((name, i): Slot => {
    const known = VARIABLES.get(name);
    const isList = LISTS.has(name) || (known?.as === 'evidence' && known.list);
    const again = spare.has(name) || names.indexOf(name) < i;
    return {
      name: `$${name}`,
      use: known === undefined || again ? { as: 'nothing', list: isList } : known,
      literal: pieces[3 * i + 3],
    };
  });
  return templateOf(pieces[0], slots.some(({ use }) => TIMES.has(use.as)) ? slots : withOwnTime(slots), json);
}
