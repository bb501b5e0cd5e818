// Everybody shortens nginx's $upstream_* variables in their own way: `ustat`, `ups_status`, `backendConnectTime`, `upstream_resp_t`.
// All are a word for the upstream and a word for what of it, so they are read as two words rather than listed.
import { CONNECT_TIME, HEADER_TIME, RESPONSE_TIME, UPSTREAM, UPSTREAM_BYTES, UPSTREAM_STATUS } from '../../core/hit.ts';

const STATUS = { field: UPSTREAM_STATUS, variable: 'upstreamstatus' } as const;
const ADDRESS = { field: UPSTREAM, variable: 'upstreamaddr' } as const;
const CONNECT = { field: CONNECT_TIME, variable: 'upstreamconnecttime' } as const;
const HEADER = { field: HEADER_TIME, variable: 'upstreamheadertime' } as const;
const RESPONSE = { field: RESPONSE_TIME, variable: 'upstreamresponsetime' } as const;
const BYTES = { field: UPSTREAM_BYTES, variable: 'upstreambytesreceived' } as const;

type UpstreamVariable =
  typeof STATUS | typeof ADDRESS | typeof CONNECT | typeof HEADER | typeof RESPONSE | typeof BYTES;

// (`uptime` and `up` alone are no upstream's)
const NAME =
  /^(?:u|ups?|upstr|upstreams?|backend|bknd)(?:(stat|status|statuscode|httpstatus|respstatus|responsestatus|responsecode|respcode)|(addr|address|server|peer|hostport)|(ct|conn|connect|connt|conntime|connecttime|ctime)|(ht|hdr|head|header|hdrt|hdrtime|headtime|headert|headertime|htime)|(rt|resp|response|respt|resptime|responset|responsetime|rtime|latency)|(br|bytes|bytesrecv|bytesreceived|recvbytes|receivedbytes))$/;

/** What a folded name (lower case, no `_` or `-`) is short for. */
export function upstreamVariable(folded: string): UpstreamVariable | undefined {
  const words = NAME.exec(folded);
  if (words === null) return undefined;
  const at = words.findIndex((word, i) => i > 0 && word !== undefined);
  return [STATUS, ADDRESS, CONNECT, HEADER, RESPONSE, BYTES][at - 1];
}

/** A name as compared: lower case, without `_`, `-`, spaces and the signs that senders put before names (`@timestamp`, `:method`, `$status`). */
export function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_\-@:$%()]/g, '');
}
