// What people give Caddy to write lines instead of JSON: the transform encoder's `{request>uri}`, the first Caddy's `{uri}`, as a template.
import { evidence, isSaid, NOTHING, templateOf, type Slot, type Template, type Use } from '../layout/template.ts';

const COMMON =
  '{request>remote_ip} - {user_id} [{when}] "{request>method} {request>uri} {request>proto}" {status} {size}';
/** Placeholders that stand for several. */
const WHOLE: Readonly<Record<string, string>> = {
  common_log: COMMON,
  common: COMMON,
  combined: `${COMMON} "{>Referer}" "{>User-Agent}"`,
};

const PLACEHOLDERS = new Map<string, Use>(
  Object.entries({
    status: { as: 'status' },
    size: { as: 'size' },
    duration: { as: 'duration', unitMs: 1000 },
    latency_ms: { as: 'duration', unitMs: 1 },
    'request>remote_ip': { as: 'client' },
    'request>client_ip': { as: 'client' },
    'request>remote_addr': { as: 'client' },
    remote: { as: 'client' },
    'request>method': { as: 'method' },
    method: { as: 'method' },
    'request>uri': { as: 'url' },
    uri: { as: 'url' },
    'request>host': { as: 'host' },
    host: { as: 'host' },
    'request>headers>user-agent>[0]': evidence('userAgent'),
    '>user-agent': evidence('userAgent'),
    when: { as: 'clf' },
    when_iso: { as: 'iso' },
    when_unix: { as: 'epoch' },
  } satisfies Record<string, Use>),
);

export const looksLikeCaddy = (source: string): boolean =>
  /\{(?:common_log|combined|common|status|request>[^{}]*|when(?:_iso|_unix)?)\}/.test(source) && !/[$%]/.test(source);

export function compileCaddy(source: string): Template | string {
  const quoted = /(?:^|\s)transform\s+(?:`([^`]*)`|"((?:[^"\\]|\\.)*)")/.exec(source);
  const pattern = (
    quoted?.[1] ??
    quoted?.[2]?.replaceAll('\\"', '"') ??
    source.trim().replace(/^(["'`])([^]*)\1$/, '$2')
  ).replace(/\{(\w+)\}/g, (whole, name: string) => WHOLE[name] ?? whole);
  // {placeholder}, {placeholder:default}
  const pieces = pattern.split(/\{([^{}:"]+)(?::[^{}]*)?\}/g);
  const slots: Slot[] = [];
  for (let i = 1; i < pieces.length; i += 2) {
    const use = pieces[i] === 'ts' ? timeOf(source) : (PLACEHOLDERS.get(pieces[i].toLowerCase()) ?? NOTHING);
    slots.push({ name: `{${pieces[i]}}`, use: isSaid(slots, use) ? NOTHING : use, literal: pieces[i + 1] });
  }
  if (!slots.some(({ use }) => use.as === 'status')) return 'this format has no {status}: add it';
  return templateOf(pieces[0], slots);
}

/** The encoder's time_format, by Go's model time; seconds without one. */
function timeOf(source: string): Use {
  if (/02\/Jan\/2006/.test(source)) return { as: 'clf' };
  return /2006-01-02|iso8601|rfc3339/.test(source) ? { as: 'iso' } : { as: 'epoch' };
}
