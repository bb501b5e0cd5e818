// Codes that no RFC has, and that logs hold all the same: made by proxies, CDNs and frameworks.
import { NO_RETRY, NOT_CACHED, type CodeEntry } from './code.ts';

const entry = (code: number, name: string, meaning: string, madeBy: string, retry: string, source: string): CodeEntry =>
  ({ code, name, official: false, meaning, madeBy, retry, caching: NOT_CACHED, source });

const LATER = 'Yes, with backoff.';
const LOGGED = 'Nothing was answered: it stands in the log only.';
const CLOUDFLARE = 'Cloudflare';
const CF_SOURCE = 'Cloudflare documentation, 5xx errors';

export const unofficial: readonly CodeEntry[] = [
  entry(0, 'No status', 'The exchange ended before there was a code, mostly because the client left. Also written 000.', 'Envoy, Squid (000), CloudFront (000), HAProxy (-1).', LOGGED, 'Envoy access log; Squid access.log'),
  entry(9, 'HTTP/0.9 taken for an answer', 'nginx logs 009 when what came back does not begin with "HTTP/1.": it passes the bytes on as a headerless HTTP/0.9 body. The port speaks another protocol.', 'nginx, in the log only.', NO_RETRY, 'nginx: "upstream sent no valid HTTP/1.0 header"'),
  entry(218, 'This is fine', 'Apache lets a failing backend\'s body through under this code when ProxyErrorOverride is on.', 'Apache httpd.', LATER, 'Apache mod_proxy'),
  entry(419, 'Page Expired', 'The form\'s CSRF token is missing or too old.', 'Laravel.', 'After reloading the form.', 'Laravel'),
  entry(420, 'Enhance Your Calm', 'An old form of 429.', 'Twitter\'s first API.', 'After waiting.', 'Twitter API v1'),
  entry(430, 'Request Header Fields Too Large / security rejection', 'Shopify refuses the request as suspicious, or rate-limits it.', 'Shopify.', 'Slower.', 'Shopify'),
  entry(440, 'Login Time-out', 'The session has expired.', 'IIS, Outlook on the web.', 'After logging in again.', 'Microsoft IIS'),
  entry(444, 'No Response', 'nginx closed the connection without a word, because the configuration says so: for scanners and unknown hosts.', 'nginx, in the log only.', LOGGED, 'nginx: return 444'),
  entry(449, 'Retry With', 'Send it again with what is asked for in the answer.', 'IIS and Microsoft clients.', 'With the missing information.', 'Microsoft [MS-WDVSE]'),
  entry(450, 'Blocked by Windows Parental Controls', 'A parental filter on the client\'s machine said no.', 'Windows.', NO_RETRY, 'Microsoft'),
  entry(460, 'Client closed the connection', 'The client hung up before the load balancer\'s idle timeout: 499 by another name.', 'AWS Application Load Balancer.', LOGGED, 'AWS ALB troubleshooting'),
  entry(463, 'Too many X-Forwarded-For addresses', 'X-Forwarded-For holds more than 30 addresses.', 'AWS Application Load Balancer.', NO_RETRY, 'AWS ALB troubleshooting'),
  entry(464, 'Incompatible protocol versions', 'The client\'s HTTP version does not fit the target group\'s.', 'AWS Application Load Balancer.', NO_RETRY, 'AWS ALB troubleshooting'),
  entry(494, 'Request Header Too Large', 'A header line or all of them over the buffers. The client gets 400.', 'nginx.', 'With smaller cookies.', 'nginx: ngx_http_request.h'),
  entry(495, 'SSL Certificate Error', 'The client\'s certificate was not accepted. The client gets 400.', 'nginx with ssl_verify_client.', 'With a valid certificate.', 'nginx'),
  entry(496, 'SSL Certificate Required', 'The client sent no certificate. The client gets 400.', 'nginx with ssl_verify_client.', 'With a certificate.', 'nginx'),
  entry(497, 'HTTP Request Sent to HTTPS Port', 'Plain HTTP on a TLS port. The client gets 400 unless error_page 497 redirects it.', 'nginx.', 'With https.', 'nginx'),
  entry(498, 'Invalid Token', 'The token has expired or is invalid.', 'Esri ArcGIS.', 'With a new token.', 'ArcGIS'),
  entry(499, 'Client Closed Request', 'The client left before the answer. Alone harmless; together with rising durations it is a slow backend, seen from the other side.', 'nginx, Traefik, Caddy; in the log only.', LOGGED, 'nginx: ngx_http_request.h'),
  entry(509, 'Bandwidth Limit Exceeded', 'The hosting plan\'s traffic is used up.', 'cPanel and Apache hosters.', 'Next month, or with a larger plan.', 'cPanel'),
  entry(520, 'Web server returned an unknown error', 'The origin\'s answer was empty, broken, or its header over 16 KB; or the process crashed while answering.', CLOUDFLARE, LATER, CF_SOURCE),
  entry(521, 'Web server is down', 'The origin refused the connection: down, or its firewall blocks Cloudflare.', CLOUDFLARE, LATER, CF_SOURCE),
  entry(522, 'Connection timed out', 'The origin did not answer the TCP handshake in time, or stopped acknowledging.', CLOUDFLARE, LATER, CF_SOURCE),
  entry(523, 'Origin is unreachable', 'No route to the origin: usually a wrong or old DNS record.', CLOUDFLARE, LATER, CF_SOURCE),
  entry(524, 'A timeout occurred', 'Connected, and no answer within 100 s.', CLOUDFLARE, 'Safe methods, sparingly; long work should be asynchronous.', CF_SOURCE),
  entry(525, 'SSL handshake failed', 'No TLS session with the origin: no certificate, no common cipher, or not TLS.', CLOUDFLARE, 'Not until the origin is repaired.', CF_SOURCE),
  entry(526, 'Invalid SSL certificate', 'The origin\'s certificate is expired, self-signed or for another name, and the zone is set to Full (strict).', CLOUDFLARE, 'Not until the certificate is renewed.', CF_SOURCE),
  entry(527, 'Railgun error', 'The connection to Railgun failed. Railgun is no longer offered.', CLOUDFLARE, LATER, 'Cloudflare (historic)'),
  entry(529, 'Site is overloaded', 'Too much load; a 503 by another name.', 'Some hosters and APIs.', LATER, 'Qualys, Pantheon and others'),
  entry(530, 'Cloudflare 1xxx error', 'The body holds a 1xxx code that says what it is; most often 1016, the origin\'s name does not resolve.', CLOUDFLARE, 'Not until DNS is repaired.', CF_SOURCE),
  entry(540, 'Temporarily Disabled', 'The shop or endpoint is switched off.', 'Shopify.', 'Later.', 'Shopify'),
  entry(561, 'Unauthorized', 'The identity provider answered the load balancer\'s login with an error.', 'AWS Application Load Balancer.', 'After logging in again.', 'AWS ALB troubleshooting'),
  entry(598, 'Network read timeout', 'A proxy waited for the next hop\'s answer in vain.', 'Some proxies and HTTP clients.', 'Safe methods.', 'informal convention'),
  entry(599, 'Network connect timeout', 'A proxy or client could not connect in time.', 'Some proxies and HTTP clients.', LATER, 'informal convention'),
  entry(783, 'Unexpected Token', 'The request holds JSON that does not parse.', 'Shopify.', NO_RETRY, 'Shopify'),
  entry(999, 'Request Denied', 'LinkedIn takes the client for a robot.', 'LinkedIn.', NO_RETRY, 'LinkedIn'),
];
