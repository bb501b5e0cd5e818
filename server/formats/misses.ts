// The values that say why a line gave no hit, made once each.
import type { Miss } from './format.ts';

/** The text of each id; `{}` stands for what varies. */
const texts = new Map<string, string>();

/** `varies`: what the text says in place of its `{}`. Throws when the id has another text already. */
const missOf =
  (kind: Miss['kind']) =>
  (id: string, text: string, varies?: string): Miss => {
    if ((texts.get(id) ?? text) !== text) throw new Error(`two reasons have the id ${id}`);
    texts.set(id, text);
    return varies === undefined
      ? Object.freeze({ kind, id, text })
      : Object.freeze({ kind, id: `${id} ${varies}`, text: filled(text, varies) });
  };

export const skipped = missOf('skipped');
export const rejected = missOf('rejected');

/** The text of a stored id, as it is worded now; of what no reader names (a text from an old version), itself. */
export function textOf(id: string): string {
  const blank = id.indexOf(' ');
  const text = texts.get(blank === -1 ? id : id.slice(0, blank));
  if (text === undefined) return id;
  return blank === -1 ? text : filled(text, id.slice(blank + 1));
}

const filled = (text: string, varies: string): string => text.replace('{}', () => varies);

export const LINE_TOO_LONG = skipped('line-too-long', 'line over 64 KiB');
/** A record of the right shape whose status is "-": no response was sent, or none was logged. */
export const NO_STATUS = skipped('status-dash', 'no status code: "-" stands in its place');
export const BAD_STATUS = rejected('bad-status', 'status is not a code from 0 to 999');
export const BAD_TIME = rejected('bad-time', 'time cannot be read');
export const DOUBLED = rejected('doubled-quotes', 'the request stands in doubled quotes, as in CSV');
export const SSL_LOG = skipped('apache-ssl-log', 'an Apache ssl_request_log line, which has no status');
/** Of a line with more keys than any record has, only the first were looked at, and they make no record. */
export const TOO_MANY_KEYS = rejected('too-many-keys', 'more keys than a record has: only the first were looked at');

export const SECURITY_EVENT = skipped(
  'security-event',
  'a firewall event about a request that the access log holds, too; counted only where the format is other-stages',
);
export const HEALTH_PROBE = skipped(
  'health-probe',
  'a health probe of a load balancer, not a request served; counted only where the format is other-stages',
);
export const GATEWAY_EVENT = skipped(
  'outgoing-gateway',
  'a request of a user to elsewhere, as a gateway saw it; counted only where the format is other-stages',
);
/** Records of another stage about a request: not counted unless their source is told to, whatever they come in. */
export const OTHER_STAGES: ReadonlySet<Miss> = new Set([SECURITY_EVENT, HEALTH_PROBE, GATEWAY_EVENT]);
