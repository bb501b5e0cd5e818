// The names that people give to the fields of an access log when nobody prescribes them: nginx variables, Apache's, those of
// web frameworks and of Elastic's and OpenTelemetry's schemas. Best first; folded (keys.ts), so one spelling of each.
import type { DialectSpec } from './dialect.ts';
import { keys } from './line-values.ts';

/** Objects that only hold a record: what stands in them could as well stand at the top. */
const WRAPPERS = [
  'nginx', 'nginx.access', 'nginx_access', 'nginx.ingress_controller', 'access', 'access_log', 'apache', 'apache.access', 'apache2', 'apache2.access', 'httpd', 'httpd.access', 'traefik',
  'traefik.access', 'haproxy', 'caddy', 'envoy', 'iis', 'iis.access', 'json', 'data', 'fields', 'attributes', 'properties', 'json_payload', 'log', 'log_processed', 'payload', 'record',
  'records', 'parsed', 'transaction', 'http_message', 'state', 'meta', 'details', '_source', 'message', 'msg', 'body', 'structured', 'context', 'extra', 'result', 'event', 'event_data', 'access_log_entry', 'http_access', 'http_log', 'rest', 'span', 'rack', 'detail',
];
for (const name of WRAPPERS) keys.wrapper(name);

/** What the two halves of an exchange are called. */
for (const name of ['req', 'http_request', 'client_request', 'incoming_request', 'http.request']) keys.like(name, 'request');
for (const name of ['res', 'resp', 'http_response', 'client_response', 'http.response']) keys.like(name, 'response');

/** What stands in contracts and recordings of tests, in checks from outside, in alerts about requests, in metrics, and in what curl says of its own. */
export const STRANGE = [
  'provider_state', 'provider_states', 'expected_status', 'recorded_at', 'response.json_body', 'request.url_pattern', 'monitor.id', 'monitor.status', 'alert.signature', 'alert.signature_id', 'fileinfo.filename', 'metric', 'measurement', 'url_effective',
];

export const NAMES: DialectSpec['reads'] = {
  code: [
    'http.response.status_code', 'http_status_code', 'http.status_code', 'response_status_code', 'status_code', 'http_status', 'response_code', 'http_response_code', 'response_status',
    'http_response_status', 'http_code', 'sc_status', 'resp_status', 'resp_status_code', 'resp_code', 'res_status', 'status_code_sent', 'return_code?', 'response.status_code', 'response.status',
    'response.code', 'res.status_code', 'res.status', 'http.status', 'http.response.status', 'http.code', 'http_result_code?', 'request.status', 'req.status_code', 'resp.status', 'resp.status_code',
    'response.http_code', 'response.response_code', 'lb_status_code', 'lb_status', 'elb_status_code', 'http_statcode', 'api.status_code', 'http_response.status', 'http_response.status_code', 'http.response_code', 'http.response.code', 'pssc',
    'response_code_sent?', 'final_status', 'status?', 'response?', 'st?', 'sc?', 'code??',
  ],
  method: [
    'request_method', 'http_method', 'http.request.method', 'http.method', 'http.http_method', 'request.method', 'request.http_method', 'req.method', 'req_method', 'cs_method', 'method', 'verb',
    'http_verb', 'http.verb', 'request.verb', 'http_request_method', 'http.request_method', 'http.request.verb', 'request.request_method', 'cqhm', 'request_verb', 'http_request.http_method',
  ],
  path: [
    'request_uri', 'http.target', 'url.original', 'http.request.uri', 'http.request.path', 'request.uri', 'request.url', 'req.url', 'req.original_url', 'req.uri', 'req.path', 'request.path', 'original_uri',
    'original_url', 'uri', 'url', 'request_url', 'request_path', 'path', 'url.path', 'http.path', 'http.uri', 'http.url', 'url.full', 'uri_path', 'cs_uri_stem', 'full_path', 'http_path', 'http_url', 'http_uri',
    'url_path', 'requested_uri', 'target', 'request_target', 'endpoint', 'document_uri', 'req_path', 'req_url', 'req_uri', 'path_info', 'request.request_uri', 'request.raw_path', 'http.url_details.path', 'cquuc', 'cquc', 'cqup', 'url_stem', 'http.original_path', 'request.uri_path', 'http_request.uri', 'request.request_path', 'request.request_url', 'request.url.path', 'request.url.url_string', 'request.url.full', 'resource',
  ],
  request: ['request', 'request_line', 'http_request', 'req_line', 'requested_url', 'req', 'http_request_line', 'first_line', 'http.request_line', 'request.line', 'request.request_line', 'request.first_line'],
  host: [
    'http_host', 'request_host', 'vhost', 'virtual_host', 'authority', 'http.host', 'http.hostname', 'request.host', 'req.host', 'req.headers.host', 'request.headers.host', 'server_name', 'host', 'url.domain',
    'server.address', 'domain', 'cs_host', 'site', 'host_header', 'http_host_header', 'net.host.name', 'req_host', 'requested_host', 'request.hostname', 'host_name', 'x_host_header',
  ],
  client: [
    'client_ip', 'client.address', 'client.ip', 'http.client_ip', 'source.ip', 'source.address', 'remote_addr', 'remote_ip', 'clientip', 'client_address', 'client_addr', 'remote_address', 'remote_host', 'client',
    'ip', 'remote', 'src_ip', 'source_ip', 'c_ip', 'req.remote_address', 'req.ip', 'request.remote_ip', 'request.remote_addr', 'request.client_ip', 'request.ip', 'ip_address', 'user_ip', 'peer', 'real_ip',
    'x_forwarded_for', 'http_x_forwarded_for', 'forwarded_for', 'xff', 'net.peer.ip', 'addr', 'host_ip', 'network.client.ip', 'client_ip_address', 'forwarded_for_addr', 'request.client', 'chi', 'ip_client', 'src', 'caller_ip_address', 'cli_ip', 'client_host', 'user_addr', 'http_request.client_ip', 'request.remote_address', 'src_endpoint.ip', 'transaction.remote_address',
  ],
  userAgent: [
    'http_user_agent', 'user_agent.original', 'user_agent', 'agent', 'http.user_agent', 'http.http_user_agent', 'req.headers.user_agent', 'request.headers.user_agent', 'request.user_agent', 'cs_user_agent', 'browser',
    'http.request.headers.user_agent', 'http.request.header.user_agent', 'user_agent_string', 'http_useragent', 'request_user_agent', 'req_user_agent',
  ],
  time: [
    'time_iso8601', 'time_local', 'msec', 'start_utc', 'start_time', 'time', 'timestamp', 'ts', 'datetime', 'date_time', 'event_time', 'log_time', 'requested_at', 'request_started_at', 'timestamp_iso8601',
    'iso8601', 'local_time', 'access_time', 'time_stamp', 'log_timestamp', 'timestamp_ms', 'time_ms', 'time_unix', 'epoch', 'request_timestamp', 'logged_at', '@timestamp', 'received_at', 'created_at', 't', 'req_time_sec', 'event_timestamp', 'requestTimestamp', 'http_time', 'start', 'time_utc', 'utc_time', 'created', 'time_ngx', 'log_date', 'access_date', 'logtime', 'event.created', 'asctime', 'dt', 'transaction.time', '@t',
  ],
  date: ['date'],
  duration: [
    'request_time s', 'duration_ms ms', 'request_time_ms ms', 'request_duration_ms ms', 'latency_ms ms', 'elapsed_ms ms', 'took_ms ms', 'time_taken_ms ms', 'response_time_ms ms', 'generation_time_milli ms', 'duration_millis ms',
    'duration_us us', 'request_time_us us', 'duration_micros us', 'response_time_us us', 'request_duration_us us', 'duration_ns ns', 'event.duration ns', 'latency_ns ns', 'duration_seconds s', 'request_duration_seconds s', 'duration_s s',
    'latency_seconds s', 'request_duration', 'duration', 'latency', 'elapsed', 'elapsed_time', 'took', 'time_taken', 'response_time', 'process_time', 'processing_time', 'total_time', 'time_total', 'taken', 'runtime', 'reqtime s', 'rt s',
    'req_time s', 'elapsed_millis ms', 'elapsed_seconds s', 'serve_time', 'execution_time', 'http.duration', 'duration_in_ms ms', 'request_duration_in_ms ms', 'ttms ms', 'elapsed_milliseconds ms', 'elapsed_us us', 'time_micros us', 'durationMillis ms', 'request_processing_time s', 'responseTimeMs ms', 'latency_us us', 'http.response.duration', 'time_elapsed',
  ],
  size: [
    'body_bytes_sent', 'http.response.body.bytes', 'http.response.body.size', 'http.response.bytes', 'bytes_sent', 'bytes', 'size', 'response_size', 'bytes_out', 'body_bytes', 'body_sent.bytes', 'response_length', 'content_length', 'resp_size', 'response.bytes',
    'response.size', 'res.content_length', 'length', 'sent', 'bytes_written', 'response_bytes', 'sc_bytes', 'http.length', 'http.response_content_length', 'response_body_size', 'resp_length', 'body_size', 'size_bytes', 'resp_bytes', 'written_bytes', 'sent_bytes', 'bytes_tx', 'http.response.written', 'response.body_bytes', 'rsp_content_len', 'len_bytes', 'res_body_bytes', 'res_bytes', 'resp_body_size', 'byte',
  ],
  protocol: ['server_protocol', 'protocol', 'proto', 'http_version', 'http.version', 'request_proto', 'request_protocol', 'http.protocol', 'network.protocol.version', 'http.flavor', 'request.proto', 'cs_version', 'httpversion', 'request.protocol'],
  upstream: [
    'upstream_addr', 'upstream.addr', 'upstream.address', 'upstream_address', 'upstream', 'upstream_host', 'upstream_server', 'backend', 'backend_address', 'backend_addr', 'backend_host', 'upstream.host', 'uaddr', 'proxy_upstream_name', 'upstream_name',
    'upstream.name', 'origin_ip', 'backend_ip', 'upstream_ip', 'origin', 'upstream_host_port', 'upstream_uri', 'ups', 'target_ip',
  ],
  upstreamStatus: [
    'upstream_status', 'upstream.status', 'upstream.status_code', 'upstream_status_code', 'upstream_response_status', 'backend_status', 'backend_status_code', 'backend_response_code', 'origin_status', 'origin_status_code', 'target_status_code',
    'upstream_response_code', 'ustatus', 'us', 'origin_response_status', 'sssc', 'service_status', 'proxy_response.status', 'backend_response.status', 'upstream_response.status',
  ],
  connectTime: ['upstream_connect_time', 'upstream.connect_time', 'upstream_conn_time', 'uct', 'uc'],
  headerTime: ['upstream_header_time', 'upstream.header_time', 'uht', 'uh'],
  responseTime: ['upstream_response_time', 'upstream.response_time', 'upstream_time', 'upstream_resp_time', 'upstream.time', 'backend_time', 'backend_response_time', 'urt', 'ut', 'apptime', 'uresp', 'upstream_response_time_ms ms', 'upstream_taken_time', 'upstream_resp', 'upstream_latency'],
  upstreamBytes: ['upstream_bytes_received', 'upstream.bytes_received', 'ubr', 'ub'],
  upstreamLength: ['upstream_response_length', 'upstream.response_length', 'upstream_length'],
  termination: ['termination_state', 'term_state', 'haproxy.termination_state', 'haproxy.http.request.termination_state'],
  details: ['response_code_details', 'error_reason', 'status_details'],
  retries: ['retry_attempts', 'retries', 'retry_count'],
  limit: ['limit_req_status', 'limit_conn_status', 'limit_status'],
  route: ['http.route', 'route_pattern', 'path_template', 'http_route', 'url.template'],
  session: ['session_time', 'upstream_session_time'],
  direction: ['direction', 'span.kind', 'span_kind', 'otel.kind', 'kind'],
  level: ['level', 'severity', 'lvl', 'levelname', 'loglevel', 'log_level', 'log.level', 'severity_text', 'l'],
};
