// Who may talk to us. Without a login, what keeps other web sites out of the page and the API is that a browser tells the
// truth in Host and Origin: a rebound DNS name shows in the one, a foreign page in the other.
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from './config.ts';

export interface Access {
  /** May a page be opened, the API read, under this Host? */
  hostAllowed(host: string | undefined): boolean;
  /** May a request with this Origin change something or open a WebSocket? Only browsers send one. */
  originAllowed(headers: IncomingHttpHeaders): boolean;
}

/** `trusted`: the network beyond this machine reaches us and is trusted, so names are checked more loosely. */
export function createAccess(options: { hosts: readonly string[]; trusted: boolean }): Access {
  const configured = new Set(options.hosts.map((host) => host.toLowerCase()));
  const nameAllowed = (name: string): boolean => {
    if (isLoopback(name) || name.endsWith('.localhost') || configured.has(name)) return true;
    // Rebinding needs a public name: an address, or a name without a dot (a container's), cannot be one.
    return options.trusted && (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || /^[a-z0-9_-]+$/.test(name));
  };
  return {
    hostAllowed: (host) => host !== undefined && nameAllowed(nameOf(host)),
    originAllowed(headers) {
      const site = headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
      const { origin } = headers;
      if (origin === undefined) return true;
      if (!URL.canParse(origin)) return false; // "null", of sandboxed frames
      const { host, hostname } = new URL(origin);
      return host === headers.host?.toLowerCase() || configured.has(hostname);
    },
  };
}

/** `Example.com:5500` → `example.com` */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '');

/** What data may be sent with. Who sends is said by the name, which stays when the secret is changed. */
export interface Token {
  secret: string;
  /** Without one, its sender is known as everyone without a name is, and as senders are where no token is needed. */
  name?: string;
}

/** Compares in constant time, and only hashes: neither length nor place of a difference shows. */
export class Tokens {
  readonly #known: readonly { hash: Buffer; sender: string }[];

  constructor(tokens: readonly Token[]) {
    this.#known = tokens.map(({ secret, name = '' }) => ({ hash: hash(secret), sender: name }));
  }

  get required(): boolean {
    return this.#known.length > 0;
  }

  /** The name of who sends with these headers, '' without one; undefined when the token is missing or wrong. */
  senderOf(headers: IncomingHttpHeaders): string | undefined {
    if (!this.required) return '';
    const given = tokenIn(headers);
    if (given === undefined) return undefined;
    const digest = hash(given);
    let found: string | undefined;
    for (const { hash: known, sender } of this.#known) if (timingSafeEqual(known, digest)) found = sender;
    return found;
  }
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** As the senders carry it: Bearer, Basic (the password), Splunk, Elasticsearch ApiKey, Firehose's and Datadog's own headers. */
function tokenIn(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-amz-firehose-access-key'] ?? headers['dd-api-key'];
  if (typeof own === 'string') return own;
  const [, scheme, value] = /^(\S+)\s+(\S+)\s*$/.exec(headers.authorization ?? '') ?? [];
  switch (scheme?.toLowerCase()) {
    case 'bearer':
    case 'splunk':
    case 'apikey':
      return value;
    case 'basic': {
      const [, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
      return password.join(':');
    }
    default:
      return undefined;
  }
}
