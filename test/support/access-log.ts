// Access-log lines with the times of now, for tests that send traffic, and the sending of them.
import assert from 'node:assert/strict';

export interface Request {
  code?: number;
  path?: string;
  method?: string;
  host?: string;
  upstream?: string;
  at?: number;
  agent?: string;
  refused?: boolean;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number) => String(n).padStart(2, '0');

/** `[23/Nov/2026:02:14:07 +0000]` without its brackets. */
function clfTime(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000`;
}

export const combinedLine = ({
  code = 200,
  path = '/',
  method = 'GET',
  at = Date.now(),
  agent = 'test',
}: Request = {}): string => `203.0.113.7 - - [${clfTime(at)}] "${method} ${path} HTTP/1.1" ${code} 512 "-" "${agent}"`;

/** nginx in JSON, with the upstream variables that tell who failed. */
export const nginxLine = ({
  code = 200,
  path = '/',
  method = 'GET',
  host = 'shop.example',
  upstream = '10.0.0.1:8080',
  at = Date.now(),
  refused = false,
}: Request = {}): string =>
  JSON.stringify({
    time_iso8601: new Date(at).toISOString(),
    remote_addr: '203.0.113.7',
    request_method: method,
    request_uri: path,
    status: code,
    body_bytes_sent: 512,
    host,
    request_time: 0.012,
    upstream_addr: upstream,
    upstream_status: String(code),
    upstream_connect_time: refused ? '-' : '0.001',
    upstream_header_time: refused ? '-' : '0.011',
    upstream_response_time: refused ? '0.000' : '0.011',
    upstream_bytes_received: refused ? 0 : 700,
  });

/** POSTs lines; answers what the server said of them. */
export async function send(
  url: string,
  source: string,
  lines: readonly string[],
): Promise<{ accepted: number; rejected: number }> {
  const response = await fetch(`${url}/ingest/${encodeURIComponent(source)}`, {
    method: 'POST',
    body: lines.join('\n'),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as { accepted: number; rejected: number };
}
