// nginx: its error log, on by default at /var/log/nginx/error.log, says in words why an attempt failed.
import type { Check } from '../causes/cause.ts';
import { grepped, type ProxyGuide } from './guide.ts';
import { stepsWithWords } from './nginx-words.ts';

const ERROR_LOG = '/var/log/nginx/error.log';
const CONFIG = 'nginx -T 2>/dev/null';

const OWN: Readonly<Partial<Record<string, readonly Check[]>>> = {
  upstream_connection_refused: [
    {
      say: 'Is this still the address of that name? nginx resolves a name in its configuration once, at start; `nginx -s reload` resolves it again.',
      run: `${CONFIG} | grep -nE "proxy_pass|fastcgi_pass|server .*;|resolver"`,
    },
    {
      say: 'PHP-FPM on a full socket: its log says "reached pm.max_children".',
      run: 'grep -h max_children /var/log/php*-fpm.log | tail -5',
      when: (f) => f.upstream?.startsWith('unix:') ?? false,
    },
    {
      say: 'Local ports or file descriptors used up?',
      run: 'ss -s; cat /proc/sys/net/ipv4/ip_local_port_range',
      when: (f) => f.answering === true,
    },
  ],
  upstream_connect_timeout: [
    { say: 'Which limit is set for connecting?', run: `${CONFIG} | grep -nE "_connect_timeout"` },
  ],
  upstream_response_timeout: [
    { say: 'Which limit is set for responses?', run: `${CONFIG} | grep -nE "_(read|send)_timeout"` },
  ],
  upstream_header_too_big: [
    {
      say: 'How large are the buffers?',
      run: `${CONFIG} | grep -nE "(proxy|fastcgi|uwsgi|grpc)_(buffer_size|buffers|busy_buffers_size)"`,
    },
  ],
  upstream_name_unresolved: [
    { say: 'Which names and resolvers are configured?', run: `${CONFIG} | grep -nE "resolver|_pass"` },
  ],
  upstream_invalid_response: [
    {
      say: 'Do scheme and protocol match the port? gRPC needs grpc_pass; TLS needs https:// in proxy_pass.',
      run: `${CONFIG} | grep -nE "(proxy|grpc|fastcgi|uwsgi)_pass"`,
    },
  ],
  upstream_tls_failure: [
    {
      say: 'Which name and protocols does nginx offer to the upstream?',
      run: `${CONFIG} | grep -nE "proxy_ssl_(name|server_name|protocols|verify|trusted)"`,
    },
  ],
  proxy_rate_limited: [
    { say: 'Which limits are set, and with which status?', run: `${CONFIG} | grep -nE "limit_(req|conn)"` },
  ],
  proxy_internal_error: [
    { say: 'Is the configuration valid, and what changed?', run: 'nginx -t; git -C /etc log --oneline -5' },
    { say: 'How many files may a worker open?', run: `${CONFIG} | grep -nE "worker_(rlimit_nofile|connections)"` },
  ],
  no_route: [{ say: 'What does nginx match?', run: `${CONFIG} | grep -nE "server_name|location"` }],
  request_too_large: [
    {
      say: 'Which limits are set?',
      run: `${CONFIG} | grep -nE "client_max_body_size|large_client_header_buffers|client_header_buffer_size"`,
    },
  ],
  client_too_slow: [
    { say: 'Which limits are set for receiving?', run: `${CONFIG} | grep -nE "client_(header|body)_timeout"` },
  ],
  bad_request: [
    {
      say: 'Does the listener expect the PROXY protocol? The sender in front must agree.',
      run: `${CONFIG} | grep -nE "listen|set_real_ip_from|proxy_protocol"`,
    },
  ],
  redirect_drops_method: [
    { say: 'Where is the redirect set?', run: `${CONFIG} | grep -nE "return 30[12]|rewrite .* (permanent|redirect)"` },
  ],
};

export const nginx: ProxyGuide = {
  proxy: 'nginx',
  name: 'nginx',
  log: { say: "Read nginx's error log at that time.", run: `tail -n 50 ${ERROR_LOG}` },
  steps: stepsWithWords(
    (said) => ({ say: `Find it in nginx's error log: ${said.words}.`, run: grepped(ERROR_LOG, said.pattern) }),
    OWN,
  ),
};
